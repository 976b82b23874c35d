/** What each agent sends, how completely it arrives, and whose agent fell silent. Used by the route. */
import { Link } from "@tanstack/react-router";
import type { ReactElement } from "react";
import { type IntegrationsAnswer, IntegrationsAnswerSchema } from "../../../schema/api/integrations.ts";
import { useApi } from "../api/query.ts";
import { formatExact } from "../format/number.ts";
import type { Zone } from "../format/time.ts";
import type { TableColumn } from "../ui/data-table.tsx";
import { Panel } from "../ui/panel.tsx";
import { PlainTable } from "../ui/plain-table.tsx";
import { useZone } from "../ui/preferences.tsx";
import { Answer, Empty } from "../ui/states.tsx";
import { Name } from "../ui/text.tsx";
import { useNow } from "../ui/use-now.ts";
import { Gate } from "./admins-only.tsx";
import { AgentPanel } from "./agent-panel.tsx";
import { Ago } from "./key-columns.tsx";
import { useOrg } from "./use-org.ts";

/** Counts are seconds behind anyway. */
const REFRESH_MS = 30_000;
const MINUTE_MS = 60_000;

type Silent = IntegrationsAnswer["silent_users"][number];

export function IntegrationsPage(): ReactElement {
  return (
    <Gate permission="settings:read" scope="org" what="Integrations are">
      <Integrations />
    </Gate>
  );
}

function Integrations(): ReactElement {
  const { params } = useOrg();
  const zone = useZone();
  const now = Math.ceil(useNow(MINUTE_MS) / MINUTE_MS) * MINUTE_MS;
  const query = useApi("/api/v1/integrations", params, IntegrationsAnswerSchema, { refreshMs: REFRESH_MS });
  if (query.data === undefined || query.data.agents.length === 0) {
    return (
      <Panel title="Integrations" className="min-h-52">
        <Answer query={query} what="the integrations" isEmpty={() => true} empty={<NoAgents />}>
          {() => null}
        </Answer>
      </Panel>
    );
  }
  return (
    <Answer query={query} what="the integrations">
      {({ agents, silent_users: silent }) => (
        <div className="grid gap-4">
          {agents.map((agent) => (
            <AgentPanel key={agent.agent} agent={agent} now={now} zone={zone} />
          ))}
          <Panel title="Silent people" note="whose agent used to report on most days and stopped">
            {silent.length === 0 ? (
              <p className="px-4 pb-4 text-muted">Nobody: everyone who used to report still does.</p>
            ) : (
              <PlainTable
                label="Silent people"
                rows={silent}
                columns={silentColumns(now, zone)}
                keyOf={({ user_id, agent }) => `${agent} ${user_id}`}
              />
            )}
          </Panel>
        </div>
      )}
    </Answer>
  );
}

function NoAgents(): ReactElement {
  return (
    <Empty title="No agent has sent telemetry yet">
      <p>Make an ingest key: it comes with the settings for each agent.</p>
      <Link to="/settings/keys" search={({ org }) => ({ org })} className="button button-primary">
        Go to ingest keys
      </Link>
    </Empty>
  );
}

const silentColumns = (now: number, zone: Zone): readonly TableColumn<Silent>[] => [
  { key: "user", title: "Person", track: "", cell: ({ user_id }) => <Name value={user_id} /> },
  { key: "agent", title: "Agent", track: "", numeric: true, cell: ({ agent }) => <bdi>{agent}</bdi> },
  {
    key: "active",
    title: "Active days of 28",
    track: "",
    numeric: true,
    cell: ({ active_days }) => formatExact(active_days),
  },
  {
    key: "silent",
    title: "Silent days",
    track: "",
    numeric: true,
    cell: ({ silent_days }) => formatExact(silent_days),
  },
  {
    key: "seen",
    title: "Last seen",
    track: "",
    numeric: true,
    cell: ({ last_seen }) => <Ago at={last_seen} now={now} zone={zone} />,
  },
];
