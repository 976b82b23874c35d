/**
 * What this isolate has seen of each tenant's agents since it last said so: records by what became of them, versions, unknown names.
 * Told to the tenant's IntegrationStats object every few seconds, beside requests and never before an answer. Called by the ingest app.
 * A failed call keeps its counts for the next; a crashed isolate loses seconds of them. Events are the ledger, this is the dashboard's
 * "what arrives".
 */
import { integrationStats } from "../../../durable-objects/tenant-namespace.ts";
import {
  type AgentReport,
  INTEGRATIONS_VERSION,
  type IntegrationReport,
  MAX_AGENT_VERSIONS,
  MAX_AGENTS,
  MAX_UNKNOWN_NAMES,
  NO_RECORDS,
  RECORD_COUNTS,
} from "../../../schema/integrations.ts";
import type { Env } from "../../shared/env.ts";
import { errorText, log } from "../../shared/log.ts";
import type { Waiter } from "../../shared/single-flight.ts";
import type { TenantRecord } from "../../shared/tenants.ts";
import type { AgentPart } from "./normalise/normalise.ts";

/** A tenant's object hears of an isolate at most this often. */
const REPORT_EVERY_MS = 5_000;
/** Tenants one isolate remembers; above it counting starts anew. */
const MAX_TENANTS = 1_000;

type Tenant = Pick<TenantRecord, "orgId" | "jurisdiction">;
/** Tells a tenant's object. Rejects when it cannot be reached. */
export type Tell = (env: Env, tenant: Tenant, report: IntegrationReport) => Promise<void>;

const toObject: Tell = (env, tenant, report) => integrationStats(env, tenant).add(report);

interface Waiting {
  agents: Map<string, AgentReport>;
  reporting: boolean;
}

export class IntegrationCounter {
  readonly #waiting = new Map<string, Waiting>();
  readonly #tell: Tell;
  readonly #everyMs: number;

  /** `everyMs`: tests do not wait. */
  constructor(tell: Tell = toObject, everyMs: number = REPORT_EVERY_MS) {
    this.#tell = tell;
    this.#everyMs = everyMs;
  }

  /** Counts one request's records; `rejected` of them were refused as events. Never rejects. */
  count(env: Env, waiter: Waiter, tenant: Tenant, parts: readonly AgentPart[], rejected: number, now: number): void {
    if (parts.length === 0) return;
    const waiting = this.#waitingOf(tenant.orgId);
    for (const part of parts) addPart(waiting.agents, part, now);
    // Refusals are counted by request, not by agent: one request comes from one agent.
    const first = waiting.agents.get(parts[0]?.agent ?? "");
    if (first !== undefined) first.counts.rejected += rejected;
    if (waiting.reporting) return;
    waiting.reporting = true;
    waiter.waitUntil(this.#report(env, tenant, waiting));
  }

  async #report(env: Env, tenant: Tenant, waiting: Waiting): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, this.#everyMs));
    waiting.reporting = false;
    const agents = [...waiting.agents.values()];
    waiting.agents = new Map();
    try {
      await this.#tell(env, tenant, { v: INTEGRATIONS_VERSION, org_id: tenant.orgId, agents });
    } catch (error) {
      log.warn("integration_report_failed", { org_id: tenant.orgId, cause: errorText(error) });
      for (const report of agents) merge(waiting.agents, report);
    }
  }

  #waitingOf(orgId: string): Waiting {
    let waiting = this.#waiting.get(orgId);
    if (waiting === undefined) {
      if (this.#waiting.size >= MAX_TENANTS) this.#waiting.clear();
      waiting = { agents: new Map(), reporting: false };
      this.#waiting.set(orgId, waiting);
    }
    return waiting;
  }
}

function addPart(agents: Map<string, AgentReport>, { agent, version, result }: AgentPart, now: number): void {
  const { records, mapped, kept, ignored, unknown } = result.counts;
  const versions = new Set<string>();
  for (const { event } of result.events) {
    if (versions.size >= MAX_AGENT_VERSIONS) break;
    if (typeof event.agent_version === "string" && event.agent_version !== "") versions.add(event.agent_version);
  }
  merge(agents, {
    agent,
    mapping: version,
    versions: [...versions],
    seen_at: now,
    counts: {
      ...NO_RECORDS,
      records,
      mapped,
      kept,
      ignored,
      unknown: Object.values(unknown).reduce((sum, count) => sum + count, 0),
    },
    unknown_names: { ...unknown },
  });
}

function merge(agents: Map<string, AgentReport>, report: AgentReport): void {
  const known = agents.get(report.agent);
  if (known === undefined) {
    if (agents.size < MAX_AGENTS) agents.set(report.agent, { ...report, counts: { ...report.counts } });
    return;
  }
  known.mapping = Math.max(known.mapping, report.mapping);
  known.seen_at = Math.max(known.seen_at, report.seen_at);
  known.versions = [...new Set([...report.versions, ...known.versions])].slice(0, MAX_AGENT_VERSIONS);
  for (const name of RECORD_COUNTS) known.counts[name] += report.counts[name];
  for (const [name, count] of Object.entries(report.unknown_names)) {
    if (!Object.hasOwn(known.unknown_names, name) && Object.keys(known.unknown_names).length >= MAX_UNKNOWN_NAMES)
      continue;
    known.unknown_names[name] = (known.unknown_names[name] ?? 0) + count;
  }
}
