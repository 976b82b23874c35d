/**
 * IntegrationStats: what one tenant's agents have sent, by agent: when, which versions, how many records became what, which names
 * are unknown. Fed by ingest a few times a minute, read by GET /api/v1/integrations; an EU tenant's object is in the EU.
 * Counts only: no record, no person and no session comes here.
 */
import { DurableObject } from "cloudflare:workers";
import type { AgentState, IntegrationReport, IntegrationStatsRpc } from "../schema/integrations.ts";
import type { Env } from "../workers/shared/env.ts";
import { StatsStore } from "./integration-stats/store.ts";

export class IntegrationStats extends DurableObject<Env> implements IntegrationStatsRpc {
  readonly #store: StatsStore;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.#store = new StatsStore(ctx.storage.sql);
  }

  async add({ agents }: IntegrationReport): Promise<void> {
    this.ctx.storage.transactionSync(() => {
      for (const report of agents) this.#store.add(report);
    });
  }

  async read(): Promise<AgentState[]> {
    return this.#store.all();
  }
}
