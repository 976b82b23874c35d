/** How far history is behind the events, by region, and what failed. Used by the route. */
import type { ReactElement, ReactNode } from "react";
import { PipelineAnswerSchema, type PipelineRegion } from "../../../schema/api/pipeline.ts";
import { useApi } from "../api/query.ts";
import { formatExact } from "../format/number.ts";
import { formatDuration, formatMoment, type Zone } from "../format/time.ts";
import type { TableColumn } from "../ui/data-table.tsx";
import { Panel } from "../ui/panel.tsx";
import { PlainTable } from "../ui/plain-table.tsx";
import { useZone } from "../ui/preferences.tsx";
import { Answer } from "../ui/states.tsx";
import { useNow } from "../ui/use-now.ts";
import { Gate } from "./admins-only.tsx";
import { Ago } from "./key-columns.tsx";
import { type Health, healthOf } from "./pipeline.ts";
import { useOrg } from "./use-org.ts";

const REFRESH_MS = 15_000;
const TONES: Record<Health["tone"], string> = { good: "text-good", warn: "text-warn", bad: "text-bad" };
type Failed = PipelineRegion["failed"][number];

export function PipelinePage(): ReactElement {
  return (
    <Gate permission="metrics:read" scope="team" what="The pipeline's health is" who="managers and admins">
      <Pipeline />
    </Gate>
  );
}

function Pipeline(): ReactElement {
  const { params } = useOrg();
  const zone = useZone();
  const now = useNow();
  const query = useApi("/api/v1/settings/pipeline", params, PipelineAnswerSchema, { refreshMs: REFRESH_MS });
  if (query.data === undefined) {
    return (
      <Panel title="Pipeline" className="min-h-52">
        <Answer query={query} what="the pipeline's health">
          {() => null}
        </Answer>
      </Panel>
    );
  }
  return (
    <Answer query={query} what="the pipeline's health">
      {({ regions, live_stale: stale }) => (
        <div className="grid gap-4">
          <p
            className={`rounded-md px-4 py-2 ${stale ? "bg-warn-soft text-warn" : "border border-line bg-surface"}`}
            role="status"
          >
            {stale
              ? "The live view missed events; it is about to be rebuilt from the history. Nothing is lost."
              : "The live view has every event that was accepted."}
          </p>
          {regions.map((region) => (
            <Region key={region.region} region={region} now={now} zone={zone} />
          ))}
        </div>
      )}
    </Answer>
  );
}

function Region({ region, now, zone }: { region: PipelineRegion; now: number; zone: Zone }): ReactElement {
  const { tone, word, why } = healthOf(region);
  return (
    <Panel
      title={`History in ${region.region.toUpperCase()}`}
      note={why}
      controls={<span className={`font-medium whitespace-nowrap ${TONES[tone]}`}>{word}</span>}
    >
      <dl className="grid grid-cols-2 gap-4 px-4 pb-4 sm:grid-cols-3 lg:grid-cols-6">
        <Fact label="Last run">
          <Ago at={region.last_run} now={now} zone={zone} none="never" />
        </Fact>
        <Fact label="Behind by">
          {region.lag_seconds === 0 ? "nothing" : formatDuration(region.lag_seconds * 1_000)}
        </Fact>
        <Fact label="Hours waiting">{formatExact(region.waiting_hours)}</Fact>
        <Fact label="Oldest of them">
          {region.oldest_waiting_hour === null ? "—" : <When at={region.oldest_waiting_hour} zone={zone} />}
        </Fact>
        <Fact label="Hours running">{formatExact(region.running_hours)}</Fact>
        <Fact label="Days waiting">{formatExact(region.waiting_days)}</Fact>
      </dl>
      {region.failed.length === 0 ? null : (
        <PlainTable
          label={`Failed in ${region.region}`}
          rows={region.failed}
          columns={failedColumns(zone)}
          keyOf={({ kind, start }) => `${kind} ${start}`}
        />
      )}
    </Panel>
  );
}

const failedColumns = (zone: Zone): readonly TableColumn<Failed>[] => [
  {
    key: "what",
    title: "What failed",
    track: "",
    cell: ({ kind, start }) => (
      <span className="whitespace-nowrap">
        {kind} of <When at={start} zone={zone} />
      </span>
    ),
  },
  { key: "reason", title: "Reason", track: "", numeric: true, cell: ({ reason }) => <code>{reason}</code> },
  { key: "attempts", title: "Attempts", track: "", numeric: true, cell: ({ attempts }) => formatExact(attempts) },
  {
    key: "next",
    title: "Tried again",
    track: "",
    numeric: true,
    cell: ({ next_try }) => <When at={next_try} zone={zone} />,
  },
];

const When = ({ at, zone }: { at: string; zone: Zone }): ReactElement => (
  <time dateTime={at}>{formatMoment(Date.parse(at), zone)}</time>
);

function Fact({ label, children }: { label: string; children: ReactNode }): ReactElement {
  return (
    <div>
      <dt className="text-2 text-muted">{label}</dt>
      <dd className="font-medium">{children}</dd>
    </div>
  );
}
