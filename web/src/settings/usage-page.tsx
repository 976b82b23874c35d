/** What the organisation uses, day by day, beside its quotas. Used by the route. */
import type { ReactElement } from "react";
import { UsageAnswerSchema } from "../../../schema/api/usage.ts";
import { useApi } from "../api/query.ts";
import { ChartPanel } from "../chart/chart-panel.tsx";
import { formatBytes } from "../format/bytes.ts";
import { formatShare } from "../format/change.ts";
import { formatCount, formatExact } from "../format/number.ts";
import { formatMoment } from "../format/time.ts";
import { unitFormat } from "../format/unit.ts";
import { CsvMenu, csvTable } from "../ui/csv-menu.tsx";
import type { TableColumn } from "../ui/data-table.tsx";
import { Panel } from "../ui/panel.tsx";
import { PlainTable } from "../ui/plain-table.tsx";
import { useZone } from "../ui/preferences.tsx";
import { type Stat, Stats } from "../ui/stat.tsx";
import { Answer, PartFailure } from "../ui/states.tsx";
import { Gate } from "./admins-only.tsx";
import { dayShare, QUOTA_WORDS, quotaText, type UsageAnswer, type UsageDay, usageData } from "./usage.ts";
import { useOrg } from "./use-org.ts";

const DAYS = 30;
const REFRESH_MS = 60_000;
const COUNT = unitFormat("count");

export function UsagePage(): ReactElement {
  return (
    <Gate permission="settings:read" scope="org" what="Quotas and usage are">
      <Usage />
    </Gate>
  );
}

function Usage(): ReactElement {
  const { params } = useOrg();
  const zone = useZone();
  const query = useApi("/api/v1/settings/usage", { ...params, days: DAYS }, UsageAnswerSchema, {
    refreshMs: REFRESH_MS,
  });
  const { data } = query;
  return (
    <div className="grid gap-4">
      {data?.notices.map(({ quota, share, used, limit, resets_at }) => (
        <p key={quota} role="status" className="rounded-md bg-warn-soft px-4 py-2 text-warn">
          {QUOTA_WORDS[quota].label}: {formatShare(share)} used ({formatExact(used)} of {formatExact(limit)}); it starts
          anew on {formatMoment(Date.parse(resets_at), zone)}.
        </p>
      ))}
      {data === undefined && query.error !== null ? (
        <div className="panel h-24">
          <PartFailure error={query.error} onRetry={() => void query.refetch()} />
        </div>
      ) : (
        <Stats stats={data === undefined ? PLACES : stats(data)} loading={data === undefined} />
      )}
      <ChartPanel
        title="Events by day"
        note="UTC days; let in by quotas, repeats included"
        query={query}
        toData={(answer) => usageData(answer, DAYS)}
        kind="bars"
        format={COUNT.short}
        formatExact={COUNT.exact}
      />
      <Panel
        title="Days"
        note="UTC"
        className="min-h-44"
        controls={<CsvMenu title="Usage" table={csvTable(COLUMNS, data?.days)} />}
      >
        <Answer
          query={query}
          what="the days"
          isEmpty={({ days }) => days.length === 0}
          empty={<p className="px-4 pb-4 text-muted">Nothing was used in the last {DAYS} days.</p>}
        >
          {({ days }) => <PlainTable label="Usage by day" rows={days} columns={COLUMNS} keyOf={({ day }) => day} />}
        </Answer>
      </Panel>
    </div>
  );
}

function stats(answer: UsageAnswer): Stat[] {
  const { today, quotas } = answer;
  const share = dayShare(answer);
  const perDay = quotaText("max_events_per_day", quotas);
  const perSecond = quotaText("max_events_per_second", quotas);
  const perMinute = quotaText("max_api_requests_per_minute", quotas);
  return [
    {
      key: "today",
      label: "Events today",
      value: formatCount(today.events),
      exact: formatExact(today.events),
      note: share === null ? "no limit a day" : `${formatShare(share)} of ${perDay.short}`,
    },
    { key: "second", label: "Events a second", value: perSecond.short, exact: perSecond.exact, note: "allowed" },
    {
      key: "limited",
      label: "Over quota today",
      value: formatCount(today.rate_limited),
      exact: formatExact(today.rate_limited),
      note: "requests refused",
    },
    {
      key: "api",
      label: "API requests today",
      value: formatCount(today.api_requests),
      exact: formatExact(today.api_requests),
      note: `${perMinute.short} a minute allowed`,
    },
    {
      key: "rejected",
      label: "Refused events today",
      value: formatCount(today.rejected),
      exact: formatExact(today.rejected),
      note: "one by one",
    },
    {
      key: "bytes",
      label: "Received today",
      value: formatBytes(today.bytes),
      exact: `${formatExact(today.bytes)} bytes`,
      note: `${formatCount(today.requests)} requests`,
    },
  ];
}

const PLACES: readonly Stat[] = [
  "Events today",
  "Events a second",
  "Over quota today",
  "API requests today",
  "Refused events today",
  "Received today",
].map((label) => ({
  key: label,
  label,
  value: "",
  exact: "",
}));

const number = (key: Exclude<keyof UsageDay, "day">, title: string): TableColumn<UsageDay> => ({
  key,
  title,
  track: "",
  numeric: true,
  cell: (day) => (
    <span title={formatExact(day[key])}>{key === "bytes" ? formatBytes(day[key]) : formatCount(day[key])}</span>
  ),
  text: (day) => day[key],
});

const COLUMNS: readonly TableColumn<UsageDay>[] = [
  { key: "day", title: "Day", track: "", cell: ({ day }) => day, text: ({ day }) => day },
  number("events", "Events"),
  number("rejected", "Refused events"),
  number("requests", "Requests"),
  number("rate_limited", "Over quota"),
  number("bytes", "Received"),
  number("api_requests", "API requests"),
];
