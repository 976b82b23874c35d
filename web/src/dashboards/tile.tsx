/** One tile: the answer to its metric under the page's range and filters, or why there is none. Its menu is the only way in on a narrow screen. Used by grid.tsx. */
import { memo, type ReactElement, type ReactNode } from "react";
import type { CustomMetric } from "../../../schema/api/custom-metrics.ts";
import type { QueryAnswer, Question } from "../../../schema/api/query.ts";
import { useQuestion } from "../app/use-question.ts";
import type { View } from "../app/use-view.ts";
import { LEGEND_HEIGHT } from "../chart/chart-panel.tsx";
import { answerColumns, answerRowsOf } from "../explore/answer-columns.tsx";
import { AnswerOverTime } from "../explore/answer-over-time.tsx";
import { ActionMenu } from "../ui/action-menu.tsx";
import type { Action } from "../ui/action-menu-open.tsx";
import { csvTable } from "../ui/csv-menu.tsx";
import { DataTable } from "../ui/data-table.tsx";
import { Panel } from "../ui/panel.tsx";
import { useZone } from "../ui/preferences.tsx";
import { Answer, type Asked, Skeleton } from "../ui/states.tsx";
import { Figures } from "./figures.tsx";
import { kindOf } from "./tile-kinds.ts";

/** CSS pixels of a panel's head and its borders. */
const HEAD = 42;

/** What a tile's menu does; `id`: of its metric. */
export interface TileActions {
  onOpen(metric: CustomMetric): void;
  onPlace(id: string): void;
  onRemove(id: string): void;
  onZoom(from: number, to: number): void;
}

interface TileProps {
  id: string;
  /** Null: not known yet; undefined: there is none any more. */
  metric: CustomMetric | null | undefined;
  /** CSS pixels. */
  height: number;
  view: View;
  isFixed: boolean;
  actions: TileActions;
}

/** Asked and drawn again for another question or size only, not while other tiles are dragged. */
export const TileBody = memo(function TileBody(props: TileProps): ReactElement {
  const { id, metric, isFixed, actions } = props;
  const own: Action[] = isFixed
    ? []
    : [
        { label: "Move and resize…", onSelect: () => actions.onPlace(id) },
        { label: "Remove from the dashboard", onSelect: () => actions.onRemove(id) },
      ];
  if (metric === null) {
    return (
      <Panel title="Loading…">
        <Skeleton what="the metric" />
      </Panel>
    );
  }
  if (metric === undefined) {
    return (
      <Nothing title="Deleted metric" actions={own}>
        This metric was deleted in Explore.
        {isFixed ? null : (
          <button type="button" className="button button-small" onClick={() => actions.onRemove(id)}>
            Remove the tile
          </button>
        )}
      </Nothing>
    );
  }
  if (metric.query === null) {
    return (
      <Nothing title={metric.name} actions={own}>
        What was saved is no valid question any more.
      </Nothing>
    );
  }
  const menu = [{ label: "Open in Explore", onSelect: () => actions.onOpen(metric) }, ...own];
  return <Asking {...props} title={metric.name} question={metric.query} menu={menu} />;
});

function Asking({
  title,
  question,
  menu,
  height,
  view,
  actions,
}: TileProps & { title: string; question: Question; menu: readonly Action[] }): ReactElement {
  const { timezone: _, ...asked } = question;
  const query = useQuestion(view, asked);
  const kind = kindOf(question);
  if (kind === "chart") {
    const inner = height - HEAD - LEGEND_HEIGHT;
    const chart = { title, view, query, height: inner, actions: menu, compact: true, onZoom: actions.onZoom };
    // A moment has no scale: what has only those is a table.
    const hasScale = query.data === undefined || query.data.measures.some(({ unit }) => unit !== "time");
    if (hasScale) return <AnswerOverTime {...chart} />;
  }
  return <Listing title={title} query={query} menu={menu} height={height - HEAD} isFigures={kind === "figures"} />;
}

function Listing({
  title,
  query,
  menu,
  height,
  isFigures,
}: {
  title: string;
  query: Asked<QueryAnswer>;
  menu: readonly Action[];
  height: number;
  isFigures: boolean;
}): ReactElement {
  const zone = useZone();
  const answer = query.data;
  const rows = answer === undefined ? undefined : answerRowsOf(answer);
  const columns = answer === undefined ? [] : answerColumns(answer, zone);
  const table = csvTable(columns, rows);
  const items: Action[] = [{ label: "Download CSV", file: title, csv: table }, ...menu];
  return (
    <Panel
      title={title}
      busy={query.isPlaceholderData}
      controls={<ActionMenu label={`${title}: more`} items={items} />}
    >
      <Answer
        query={query}
        what={title}
        isEmpty={(value) => value.rows.length === 0}
        empty={<p className="grid h-full place-items-center text-muted">Nothing in this range</p>}
      >
        {(value) =>
          isFigures ? (
            <Figures answer={value} />
          ) : (
            <DataTable
              label={`Rows of ${title}`}
              rows={rows ?? []}
              columns={columns}
              keyOf={({ key }) => key}
              height={`${height}px`}
            />
          )
        }
      </Answer>
    </Panel>
  );
}

function Nothing({
  title,
  actions,
  children,
}: {
  title: string;
  actions: readonly Action[];
  children: ReactNode;
}): ReactElement {
  return (
    <Panel
      title={title}
      controls={actions.length === 0 ? null : <ActionMenu label={`${title}: more`} items={actions} />}
    >
      <div className="grid h-full place-content-center justify-items-center gap-2 px-4 pb-4 text-center text-muted">
        {children}
      </div>
    </Panel>
  );
}
