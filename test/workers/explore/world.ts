/** The world of the history tests, which can roll up, with ways to ask questions and to ask ClickHouse the same in SQL by hand. */
import { eq } from "drizzle-orm";
import { drizzle } from "drizzle-orm/d1";
import { expect, inject } from "vitest";
import type { Principal } from "../../../schema/access.ts";
import { type QueryAnswer, QueryAnswerSchema, type Question, SavedQuerySchema } from "../../../schema/api/query.ts";
import type { Plan } from "../../../schema/api/settings.ts";
import { orgs } from "../../../schema/d1/config.ts";
import type { StorageRegion } from "../../../schema/pack.ts";
import { explore, makeExploreState } from "../../../workers/api/explore/run.ts";
import { resolveRowScope } from "../../../workers/shared/auth.ts";
import { clickHouseRead, storageRegions } from "../../../workers/shared/clickhouse-read.ts";
import { readConfig } from "../../../workers/shared/env.ts";
import type { SeededOrg } from "../api/world.ts";
import { makeEnv, World } from "../api/world.ts";
import { History } from "../history/world.ts";

export class Explore extends History {
  readonly #state = makeExploreState();

  static override async start(): Promise<Explore> {
    return new Explore((await World.create()).env);
  }

  override async fresh(): Promise<Explore> {
    const { JWT_PRIVATE_KEY } = this.env;
    return new Explore(await makeEnv({ JWT_PRIVATE_KEY }));
  }

  async plan(org: SeededOrg, plan: Plan): Promise<void> {
    await drizzle(org.database).update(orgs).set({ plan }).where(eq(orgs.orgId, org.orgId));
  }

  async send(method: string, path: string, principal: Principal, body?: unknown): Promise<Response> {
    return await this.fetch(path, {
      method,
      headers: { authorization: `Bearer ${await this.token(principal)}`, "content-type": "application/json" },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  }

  /** The answer of POST /api/v1/query, as its schema says it looks. */
  async answer(principal: Principal, question: unknown): Promise<QueryAnswer> {
    const response = await this.send("POST", "/api/v1/query", principal, question);
    const text = await response.text();
    expect([response.status, response.status === 200 ? "" : text]).toEqual([200, ""]);
    return QueryAnswerSchema.strict().parse(JSON.parse(text));
  }

  /** The same without the door, for a question with more measures than one request may have. */
  async explore(principal: Principal, asked: { from: string; to: string; question: Question }): Promise<QueryAnswer> {
    const rows = await resolveRowScope(this.env, principal, "metrics:read");
    const asking = {
      read: clickHouseRead(readConfig(this.env)),
      regions: storageRegions(principal.residency),
      access: { orgId: principal.org_id, rows },
    };
    return await explore(asking, asked, { plan: "enterprise", now: Date.now(), state: this.#state });
  }

  /** Rows of SQL by hand, as lists of values. */
  async table(region: StorageRegion, query: string): Promise<unknown[][]> {
    const url = new URL(inject("clickHouseUrl"));
    url.searchParams.set("database", region);
    url.searchParams.set("output_format_json_quote_64bit_integers", "0");
    const response = await fetch(url, { method: "POST", body: `${query} FORMAT JSONCompact` });
    const text = await response.text();
    if (!response.ok) throw new Error(`${text}\n${query}`);
    return (JSON.parse(text) as { data: unknown[][] }).data;
  }
}

/** A question with its defaults; more measures than the schema takes are no matter here. */
export function questionOf(given: Record<string, unknown> & { measures: unknown[] }): Question {
  const { measures, ...rest } = given;
  const plain = SavedQuerySchema.parse({ ...rest, order: [], measures: [{ fn: "count" }] });
  return { ...plain, measures: measures as Question["measures"] };
}
