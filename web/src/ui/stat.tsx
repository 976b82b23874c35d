/** One figure with its change against the period before and how it went: short in sight, exact on hover. Used by Overview and others. */
import type { ReactElement } from "react";
import { formatChange } from "../format/change.ts";
import { Sparkline } from "./sparkline.tsx";

export interface Stat {
  key: string;
  label: string;
  value: string;
  exact: string;
  change?: number | null | undefined;
  /** Whether more is better, worse or neither: decides the colour of the change. */
  better?: "more" | "less" | undefined;
  note?: string | undefined;
  trend?: readonly (number | null)[] | undefined;
}

export function Stats({ stats, loading }: { stats: readonly Stat[]; loading: boolean }): ReactElement {
  return (
    <dl className="tiles" aria-busy={loading}>
      {stats.map((stat) => (
        <div className="tile" key={stat.key} data-stat={stat.key}>
          <dt>{stat.label}</dt>
          <dd>
            {loading ? (
              <span className="skeleton skeleton-number">
                <span className="visually-hidden">Loading</span>
              </span>
            ) : (
              <>
                <span className="tile-value" title={stat.exact}>
                  {stat.value}
                </span>
                <span className="flex h-5 items-center gap-2">
                  {stat.change === undefined ? null : <Change change={stat.change} better={stat.better} />}
                  <span className="tile-note" title={stat.note}>
                    {stat.note ?? ""}
                  </span>
                  <span className="flex-1" />
                  {stat.trend === undefined ? null : <Sparkline values={stat.trend} />}
                </span>
              </>
            )}
          </dd>
        </div>
      ))}
    </dl>
  );
}

/** A change in words and colour; the arrow says it without colour. */
export function Change({
  change,
  better,
}: {
  change: number | null;
  better?: "more" | "less" | undefined;
}): ReactElement {
  const way = change === null || change === 0 ? 0 : Math.sign(change);
  const good = better === undefined || way === 0 ? null : (better === "more") === way > 0;
  const tone = good === null ? "text-muted" : good ? "text-good" : "text-bad";
  return (
    <span className={`whitespace-nowrap text-2 font-medium ${tone}`} title="against the period before">
      {way === 0 ? "" : way > 0 ? "↑ " : "↓ "}
      {change === null ? "new" : formatChange(change).replace(/^[+−]/, "")}
      <span className="visually-hidden"> {way < 0 ? "less" : "more"} than in the period before</span>
    </span>
  );
}
