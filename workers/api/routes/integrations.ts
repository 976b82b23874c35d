/**
 * GET /api/v1/integrations: which agents send what, how much of it is understood and how completely it arrives, and who stopped.
 * GET /api/v1/integrations/:agent/snippet: how an agent is set up. For admins; the snippet for everyone who may see keys.
 * Reads the tenant's IntegrationStats object and ClickHouse.
 */
import { z } from "zod";
import { integrationStats } from "../../../durable-objects/tenant-namespace.ts";
import {
  IntegrationsAnswerSchema,
  IntegrationsQuerySchema,
  SnippetAgentSchema,
  SnippetAnswerSchema,
} from "../../../schema/api/integrations.ts";
import { PublicError } from "../../../schema/errors.ts";
import type { AgentState } from "../../../schema/integrations.ts";
import { DAY_MS, HOUR_MS } from "../../../schema/limits.ts";
import { completenessOf } from "../completeness.ts";
import { readRegions } from "../merge.ts";
import { completenessQuery, presenceQuery } from "../queries/completeness.ts";
import { iso, type Range } from "../range.ts";
import { defineRoute } from "../route.ts";
import { HABIT_DAYS, silenceOf } from "../silence.ts";
import { snippetOf } from "../snippets.ts";

/** Silent people in one answer. */
const MAX_SILENT = 100;
/** A habit, and the silence after it. */
const PRESENCE_MS = 2 * HABIT_DAYS * DAY_MS;

export const integrationsRoute = defineRoute({
  method: "get",
  path: "/api/v1/integrations",
  permission: "settings:read",
  scope: "org",
  summary: "Agents that send telemetry, what arrives of it, and who stopped",
  description:
    "Counts since the agent was first seen, seconds behind. Completeness is of the last 24 hours: records missing in an agent's own " +
    "numbering, and tokens by which its metrics and its events differ.",
  tags: ["integrations"],
  query: IntegrationsQuerySchema,
  answer: IntegrationsAnswerSchema,
  handler: async ({ c, now, principal, access, regions, read }) => {
    const { org_id: orgId, jurisdiction } = principal;
    const day: Range = { from: now - DAY_MS, to: now };
    const presence: Range = {
      from: Math.floor((now - PRESENCE_MS) / HOUR_MS) * HOUR_MS,
      to: Math.ceil(now / HOUR_MS) * HOUR_MS,
    };
    const [agents, measured, people] = await Promise.all([
      known(() => integrationStats(c.env, { orgId, jurisdiction }).read()),
      readRegions(read, regions, completenessQuery, access, { range: day }),
      readRegions(read, regions, presenceQuery, access, { range: presence }),
    ]);
    return {
      org_id: orgId,
      agents: agents.map((agent) => {
        const rows = measured.flat().filter(({ name }) => name === agent.agent);
        const sessions = rows.reduce((sum, row) => sum + Number(row.sessions), 0);
        return { ...shown(agent, now), completeness: completenessOf(rows, sessions) ?? null };
      }),
      silent_users: silentUsers(people.flat(), now),
    };
  },
});

async function known(agents: () => Promise<AgentState[]>): Promise<AgentState[]> {
  try {
    return await agents();
  } catch (cause) {
    throw new PublicError("unavailable", "the service is not available, please retry", { retryAfter: 1, cause });
  }
}

function shown(agent: AgentState, now: number) {
  const { records, mapped, kept, ignored, unknown, rejected } = agent.counts;
  return {
    agent: agent.agent,
    mapping_version: agent.mapping,
    first_seen: iso(agent.first_seen),
    last_seen: iso(agent.last_seen),
    silent:
      silenceOf(
        agent.days.map((day) => Date.parse(day)),
        now,
      ) !== undefined,
    versions: agent.versions.map(({ version, last_seen }) => ({ version, last_seen: iso(last_seen) })),
    records: { received: records, mapped, kept, ignored, unknown, rejected },
    unknown_names: agent.unknown_names,
  };
}

interface Presence {
  person: string;
  name: string;
  days: string[];
  last: string;
}

/** A person in both regions of a global tenant is one person. */
function silentUsers(rows: readonly Presence[], now: number) {
  const people = new Map<string, Presence>();
  for (const row of rows) {
    const key = `${row.name} ${row.person}`;
    const found = people.get(key);
    if (found === undefined) people.set(key, { ...row });
    else {
      found.days = [...found.days, ...row.days];
      if (Number(row.last) > Number(found.last)) found.last = row.last;
    }
  }
  return [...people.values()]
    .flatMap(({ person, name, days, last }) => {
      const silence = silenceOf(days.map(Number), now);
      if (silence === undefined) return [];
      const { activeDays, silentDays } = silence;
      return [
        {
          user_id: person,
          agent: name,
          last_seen: iso(Number(last)),
          active_days: activeDays,
          silent_days: silentDays,
        },
      ];
    })
    .sort((a, b) => b.silent_days - a.silent_days || (a.user_id < b.user_id ? -1 : 1))
    .slice(0, MAX_SILENT);
}

export const snippetRoute = defineRoute({
  method: "get",
  path: "/api/v1/integrations/:agent/snippet",
  permission: "me:read",
  reads: "configuration",
  summary: "How an agent is set up to send here",
  description:
    "Settings with this address and a place for an ingest key; keys themselves are shown once, when they are made.",
  tags: ["integrations"],
  params: z.object({ agent: SnippetAgentSchema }),
  answer: SnippetAnswerSchema,
  handler: async ({ c, params }) => snippetOf(params.agent, new URL(c.req.url).origin),
});
