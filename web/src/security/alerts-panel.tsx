/** The latest alerts, put together by rule, person and session; each leads to its session. Used by Security. */
import { Link } from "@tanstack/react-router";
import { type ReactElement, useMemo } from "react";
import { useQuestion } from "../app/use-question.ts";
import type { View } from "../app/use-view.ts";
import { formatExact } from "../format/number.ts";
import { formatAge, formatMoment, type Zone } from "../format/time.ts";
import { CsvMenu, csvTable } from "../ui/csv-menu.tsx";
import { DataTable, type TableColumn } from "../ui/data-table.tsx";
import { Panel } from "../ui/panel.tsx";
import { useZone } from "../ui/preferences.tsx";
import { Answer, Empty } from "../ui/states.tsx";
import { Name } from "../ui/text.tsx";
import { type AlertRow, alertRows, listQuestion, MAX_ALERTS, ruleTitle } from "./alerts.ts";

const HEIGHT = "320px";

export function AlertsPanel({
  view,
  rule,
  onRule,
}: {
  view: View;
  rule: string | undefined;
  onRule(rule: string | undefined): void;
}): ReactElement {
  const zone = useZone();
  const query = useQuestion(view, listQuestion(rule));
  const rows = useMemo(() => (query.data === undefined ? undefined : alertRows(query.data)), [query.data]);
  const columns = alertColumns(view.range.to, zone, onRule);
  return (
    <Panel
      title="Latest alerts"
      note={query.data?.next_cursor == null ? "by rule, person and session" : `the latest ${MAX_ALERTS} groups of them`}
      busy={query.isPlaceholderData}
      className="min-h-90"
      controls={
        <>
          {rule === undefined ? null : (
            <button type="button" className="button button-small" onClick={() => onRule(undefined)}>
              Only {ruleTitle(rule)}: show all
            </button>
          )}
          <CsvMenu title="Alerts" table={csvTable(columns, rows)} />
        </>
      }
    >
      <Answer
        query={{ data: rows, error: query.error, refetch: query.refetch }}
        what="the alerts"
        isEmpty={(list) => list.length === 0}
        empty={
          <Empty title="No alerts in this range">
            <p>{rule === undefined ? "Choose a longer range to look further back." : "Of this rule."}</p>
          </Empty>
        }
      >
        {(list) => (
          <DataTable
            label="Latest alerts, table"
            rows={list}
            columns={columns}
            keyOf={({ key }) => key}
            height={HEIGHT}
          />
        )}
      </Answer>
    </Panel>
  );
}

function alertColumns(now: number, zone: Zone, onRule: (rule: string) => void): readonly TableColumn<AlertRow>[] {
  return [
    {
      key: "severity",
      title: "Severity",
      track: "72px",
      cell: ({ severity }) => (
        <span className="tag" data-severity={severity}>
          {severity === "" ? "—" : severity}
        </span>
      ),
      text: ({ severity }) => severity,
    },
    {
      key: "rule",
      title: "Rule",
      track: "minmax(160px, 1.4fr)",
      cell: ({ rule }) => (
        <button
          type="button"
          className="block max-w-full cursor-pointer truncate text-start font-medium hover:underline"
          title={`Show only ${ruleTitle(rule)}`}
          disabled={rule === ""}
          onClick={() => onRule(rule)}
        >
          <bdi>{ruleTitle(rule)}</bdi>
        </button>
      ),
      text: ({ rule }) => rule,
    },
    {
      key: "user",
      title: "User",
      track: "minmax(120px, 1fr)",
      cell: ({ user }) => <Name value={user} />,
      text: ({ user }) => user,
    },
    {
      key: "session",
      title: "Session",
      track: "minmax(120px, 1fr)",
      cell: ({ session }) =>
        session === "" ? (
          <Name value="" />
        ) : (
          <Link
            to="/sessions/$sessionId"
            params={{ sessionId: session }}
            search={({ org }) => ({ org })}
            className="block min-w-0 truncate"
          >
            <Name value={session} />
          </Link>
        ),
      text: ({ session }) => session,
    },
    {
      key: "count",
      title: "Alerts",
      track: "64px",
      numeric: true,
      cell: ({ count }) => formatExact(count),
      text: ({ count }) => count,
    },
    {
      key: "last",
      title: "Last",
      track: "96px",
      numeric: true,
      cell: ({ last }) => <Last at={last} now={now} zone={zone} />,
      text: ({ last }) => (last === null ? null : new Date(last).toISOString()),
    },
  ];
}

function Last({ at, now, zone }: { at: number | null; now: number; zone: Zone }): ReactElement {
  return at === null ? (
    <Name value="" />
  ) : (
    <time dateTime={new Date(at).toISOString()} title={formatMoment(at, zone)} className="whitespace-nowrap">
      {formatAge(now - at)}
    </time>
  );
}
