/** A ranking of one dimension over the view's range, with the change against the period before. Used by Overview. */
import type { ReactElement } from "react";
import { TopAnswerSchema, type TopDimension } from "../../../schema/api/insights.ts";
import type { SeriesMetric } from "../../../schema/api/metrics.ts";
import { useApi } from "../api/query.ts";
import type { View } from "../app/use-view.ts";
import { ActionMenu } from "../ui/action-menu.tsx";
import { BarList } from "../ui/bar-list.tsx";
import { Panel } from "../ui/panel.tsx";
import { Change } from "../ui/stat.tsx";
import { Answer } from "../ui/states.tsx";
import { topCsv, topItems } from "./top-items.ts";

const ITEMS = 8;

export function TopPanel({
  view,
  title,
  dimension,
  metric,
  onChoose,
}: {
  view: View;
  title: string;
  dimension: TopDimension;
  metric: SeriesMetric;
  /** Filters the page by a name. */
  onChoose?: ((name: string) => void) | undefined;
}): ReactElement {
  const query = useApi("/api/v1/metrics/top", { ...view.params, dimension, metric, limit: ITEMS }, TopAnswerSchema, {
    refreshMs: view.refreshMs,
  });
  const { data } = query;
  return (
    <Panel
      title={title}
      busy={query.isPlaceholderData}
      className="min-h-72"
      controls={
        <ActionMenu
          label={`${title}: more`}
          items={[
            {
              label: "Download CSV",
              file: title,
              csv: data === undefined ? undefined : () => topCsv(data),
            },
          ]}
        />
      }
    >
      <Answer query={query} what={title} isEmpty={({ items }) => items.length === 0}>
        {(answer) => (
          <BarList
            label={title}
            items={topItems(answer).map(({ change, ...item }) => ({ ...item, extra: <Change change={change} /> }))}
            onChoose={onChoose === undefined ? undefined : ({ name }) => onChoose(name)}
          />
        )}
      </Answer>
    </Panel>
  );
}
