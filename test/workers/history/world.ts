/** The API tests' world with a past: events made by chance from a seed, rollups by the pipeline's own functions, and a second opinion. */
import { inject } from "vitest";
import type { StorageRegion } from "../../../schema/pack.ts";
import { clickHouseRun } from "../../../workers/shared/clickhouse-run.ts";
import { readConfig } from "../../../workers/shared/env.ts";
import { runHourJob } from "../../../workflows/rollup/hours.ts";
import { insertDays, insertRuns } from "../../../workflows/rollup/statements.ts";
import { makeEnv, World } from "../api/world.ts";

export const HOUR = 3_600_000;
export const DAY = 24 * HOUR;

/** A generator of numbers in [0, 1): the same ones for the same seed. */
export function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

export class History extends World {
  static async start(): Promise<History> {
    return new History((await World.create()).env);
  }

  /** The same tenants in an isolate that remembers nothing. */
  async fresh(): Promise<History> {
    const { JWT_PRIVATE_KEY } = this.env;
    return new History(await makeEnv({ JWT_PRIVATE_KEY }));
  }

  /** Text of ClickHouse's answer in one region. */
  async ask(region: StorageRegion, statement: string): Promise<string> {
    const url = new URL(inject("clickHouseUrl"));
    url.searchParams.set("database", region);
    url.searchParams.set("output_format_json_quote_64bit_integers", "1");
    url.searchParams.set("mutations_sync", "2");
    const response = await fetch(url, { method: "POST", body: statement });
    const text = await response.text();
    if (!response.ok) throw new Error(`${text}\n${statement}`);
    return text;
  }

  async rows<Row>(region: StorageRegion, statement: string): Promise<Row[]> {
    return (JSON.parse(await this.ask(region, `${statement} FORMAT JSON`)) as { data: Row[] }).data;
  }

  /** Lets ten minutes pass for what is known of the hours: what was inserted just now is not clean until a minute has passed. */
  async age(region: StorageRegion, orgId: string): Promise<void> {
    for (const [table, column] of [
      ["dirty_hours", "touched_at"],
      ["rollup_runs", "watermark"],
    ]) {
      const statement = `ALTER TABLE ${table} UPDATE ${column} = ${column} - INTERVAL 10 MINUTE WHERE org_id = '${orgId}'`;
      await this.ask(region, statement);
    }
  }

  /** Rolls up the hours with events that `chosen` says, and then the days it says, as the Workflow does. */
  async rollUp(
    region: StorageRegion,
    orgId: string,
    chosen: { hour: (hour: number) => boolean; day: (day: number) => boolean },
  ): Promise<void> {
    await this.age(region, orgId);
    const run = clickHouseRun(readConfig(this.env).clickhouse[region]);
    const touched = await this.rows<{ at: string }>(
      region,
      `SELECT DISTINCT toString(toUnixTimestamp(hour)) AS at FROM dirty_hours WHERE org_id = '${orgId}' ORDER BY hour`,
    );
    const hours = touched.map(({ at }) => Number(at) * 1_000);
    const days = [...new Set(hours.map((hour) => Math.floor(hour / DAY) * DAY))];
    const job = { orgId, hours: hours.filter(chosen.hour), sessionsOnly: false };
    if (job.hours.length > 0) {
      const result = await runHourJob(run, job, { forced: true, random: Math.random });
      if (result.failed > 0) throw new Error(result.reason);
    }
    const rolled = days.filter(chosen.day);
    if (rolled.length === 0) return;
    const generation = String(BigInt(Date.now() + 1_000) << 20n);
    const runs = { orgId, kind: "day", buckets: rolled, generations: [generation], watermark: Date.now() } as const;
    for (const statement of [insertDays(orgId, rolled, generation), insertRuns({ ...runs, state: "done" })]) {
      const ran = await run.command(statement);
      if (!ran.ok) throw new Error(ran.reason);
    }
  }
}
