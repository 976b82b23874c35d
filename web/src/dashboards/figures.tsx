/** An answer that is not split by anything: its figures, short in sight and exact on hover, with their change where the question compares. Used by tile.tsx. */
import type { ReactElement } from "react";
import type { QueryAnswer, Value } from "../../../schema/api/query.ts";
import { valueText } from "../explore/answer-values.ts";
import { useZone } from "../ui/preferences.tsx";
import { Change } from "../ui/stat.tsx";

export function Figures({ answer }: { answer: QueryAnswer }): ReactElement {
  const zone = useZone();
  const { values = [], previous = null } = answer.rows[0] ?? {};
  return (
    <dl className="grid h-full content-center gap-3 overflow-y-auto px-4 pb-4">
      {answer.measures.map(({ name, unit }, i) => {
        const { short, exact } = valueText(values[i], unit, zone);
        const change = previous === null || unit === "time" ? undefined : changeOf(values[i], previous[i]);
        return (
          <div key={name} className="min-w-0">
            <dt className="truncate text-2 font-medium text-muted" title={name}>
              <bdi>{name}</bdi>
            </dt>
            <dd className="flex items-baseline gap-2">
              <span className="tile-value" title={exact}>
                {short}
              </span>
              {change === undefined ? null : <Change change={change} />}
            </dd>
          </div>
        );
      })}
    </dl>
  );
}

/** As a part of what it was; null: there was nothing to compare with. */
function changeOf(now: Value | undefined, before: Value | undefined): number | null {
  if (now === null || now === undefined || before === null || before === undefined) return null;
  const [a, b] = [Number(now), Number(before)];
  if (a === b) return 0;
  return b === 0 || !Number.isFinite(a) || !Number.isFinite(b) ? null : (a - b) / Math.abs(b);
}
