/** The API tests' world with ways to ask questions, and to ask ClickHouse the same in SQL written by hand. */
import { eq } from "drizzle-orm";
import { drizzle } from "drizzle-orm/d1";
import { expect, inject } from "vitest";
import type { Principal } from "../../../schema/access.ts";
import { type QueryAnswer, QueryAnswerSchema } from "../../../schema/api/query.ts";
import type { Plan } from "../../../schema/api/settings.ts";
import { orgs } from "../../../schema/d1/config.ts";
import type { StorageRegion } from "../../../schema/pack.ts";
import { type SeededOrg, World } from "../api/world.ts";

export class Explore extends World {
  static async start(): Promise<Explore> {
    return new Explore((await World.create()).env);
  }

  async plan(org: SeededOrg, plan: Plan): Promise<void> {
    await drizzle(org.database).update(orgs).set({ plan }).where(eq(orgs.orgId, org.orgId));
  }

  async post(path: string, principal: Principal, body: unknown, method = "POST"): Promise<Response> {
    return await this.fetch(path, {
      method,
      headers: { authorization: `Bearer ${await this.token(principal)}`, "content-type": "application/json" },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  }

  /** The answer to a question, as the schema says it looks. */
  async ask(principal: Principal, question: unknown): Promise<QueryAnswer> {
    const response = await this.post("/api/v1/query", principal, question);
    const text = await response.text();
    expect([response.status, response.status === 200 ? "" : text]).toEqual([200, ""]);
    return QueryAnswerSchema.strict().parse(JSON.parse(text));
  }

  /** Rows of SQL over one region. */
  async rows(region: StorageRegion, query: string): Promise<unknown[][]> {
    const url = new URL(inject("clickHouseUrl"));
    url.searchParams.set("database", region);
    url.searchParams.set("output_format_json_quote_64bit_integers", "0");
    const response = await fetch(url, { method: "POST", body: `${query} FORMAT JSONCompact` });
    const text = await response.text();
    if (!response.ok) throw new Error(text);
    return (JSON.parse(text) as { data: unknown[][] }).data;
  }
}
