/** The Workflow as the cron and operators start it: what is due, once, in each region, and again when a run was missed. */
import { beforeAll, describe, expect, it } from "vitest";
import { DAY_MS, MINUTE_MS } from "../../../schema/limits.ts";
import { RollupOutcomeSchema, RollupStartedSchema, RollupStatusSchema } from "../../../schema/rollup.ts";
import { createOperatorApp } from "../../../workers/operator/app.ts";
import { startRollups } from "../../../workflows/rollup/start.ts";
import { askEvents, askRollup, HOUR, insert, makeEnv, query, runOf, settle, statesOf, T0, values } from "./world.ts";

const env = makeEnv();
/** Minutes that no test uses twice: ids of instances are made of them. None is the first of an hour but where it is said. */
let minute = 1_000_003;
function nextMinute(): number {
  minute += 60;
  return minute * MINUTE_MS;
}

/** The first minute of a UTC day, or one that is only the first of an hour. */
function nextFirst(of: "day" | "hour"): number {
  const first = (Math.floor(minute / 1_440) + 1) * 1_440 + (of === "hour" ? 60 : 0);
  minute = first + 3;
  return first * MINUTE_MS;
}

const migrations = import.meta.glob<string>("../../../schema/d1/migrations/routing/*.sql", {
  query: "?raw",
  import: "default",
  eager: true,
});

beforeAll(async () => {
  for (const [, text] of Object.entries(migrations).sort()) {
    for (const statement of text.split("--> statement-breakpoint")) await env.ROUTING_DB.prepare(statement).run();
  }
});

async function ended(binding: Workflow, id: string) {
  const instance = await binding.get(id);
  await expect.poll(async () => (await instance.status()).status, { timeout: 60_000 }).toBe("complete");
  return RollupOutcomeSchema.parse((await instance.status()).output);
}

const startedInEu = async (at: number): Promise<string[]> =>
  (await startRollups(env, at)).filter((id) => id.startsWith("eu-"));

describe("the cron", () => {
  it("starts one instance in each region that has something due, and none when nothing is", async () => {
    await insert([{ org_id: "cron-us", at: T0 }]);
    await insert([{ org_id: "cron-eu", at: T0 }], "eu");
    const at = nextMinute();
    const ids = [`us-${at / MINUTE_MS}`, `eu-${at / MINUTE_MS}`];
    expect(await startRollups(env, at)).toEqual(ids);
    // Fired twice for the same minute.
    await startRollups(env, at);
    const [us, eu] = [await ended(env.ROLLUP, ids[0] ?? ""), await ended(env.ROLLUP_EU, ids[1] ?? "")];
    // Other files' tests write to the us database at the same time.
    expect(us).toMatchObject({ failed: 0, reasons: [] });
    expect(eu).toMatchObject({ hours: 1, failed: 0, reasons: [] });
    expect(await values(askRollup("cron-us", true))).toEqual(await values(askEvents("cron-us", true)));
    expect(await values(askRollup("cron-eu", true), "eu")).toEqual(await values(askEvents("cron-eu", true), "eu"));
    await settle("cron-eu", 30, "eu");
    expect(await startedInEu(nextMinute())).toEqual([]);
  });

  it("catches up hours and days of crons that were missed", async () => {
    const org = "missed";
    const at = T0 - 4 * DAY_MS;
    await insert(
      [0, 1, 2, 50].map((n) => ({ org_id: org, at: at + n * HOUR })),
      "eu",
    );
    await settle(org, 60 * 24 * 2, "eu");
    // A minute's look sees only what was touched lately; the first of an hour sees days.
    expect(await startedInEu(nextMinute())).toEqual([]);
    const hourly = nextFirst("hour");
    expect(await startedInEu(hourly)).toEqual([`eu-${hourly / MINUTE_MS}`]);
    expect(await ended(env.ROLLUP_EU, `eu-${hourly / MINUTE_MS}`)).toMatchObject({ hours: 4, failed: 0 });
    expect(await values(askRollup(org, false), "eu")).toEqual(await values(askEvents(org, false), "eu"));
    expect(await values(askRollup(org, false, "Day"), "eu")).toEqual(await values(askEvents(org, false, "Day"), "eu"));
    expect((await statesOf(org, runOf("eu"))).every(({ done, sessionsDone }) => done === sessionsDone)).toBe(true);
  });

  it("sees once a day what every other look missed", async () => {
    await insert([{ org_id: "forgotten", at: T0 - 9 * DAY_MS }], "eu");
    await settle("forgotten", 60 * 24 * 5, "eu");
    expect(await startedInEu(nextFirst("hour"))).toEqual([]);
    const daily = nextFirst("day");
    expect(await startedInEu(daily)).toEqual([`eu-${daily / MINUTE_MS}`]);
    expect(await ended(env.ROLLUP_EU, `eu-${daily / MINUTE_MS}`)).toMatchObject({ hours: 1, failed: 0 });
    expect((await statesOf("forgotten", runOf("eu"))).every(({ done, sessionsDone }) => done === sessionsDone)).toBe(
      true,
    );
  });

  it("goes on with other tenants when one hour fails, and tries that one again by itself later", async () => {
    await insert([{ org_id: "poor", at: T0 }]);
    await query(`INSERT INTO rollup_runs (org_id, kind, bucket, generation, watermark, finished_at, state, rows, error)
      SELECT 'poor', 'hour', toDateTime(${T0 / 1_000}, 'UTC'), 5, now64(3), now64(3) - INTERVAL 30 SECOND, 'failed', 0, 'memory'`);
    await insert([{ org_id: "rich", at: T0 }]);
    const first = nextMinute();
    await startRollups(env, first);
    await ended(env.ROLLUP, `us-${first / MINUTE_MS}`);
    expect(await values(askRollup("rich", false))).toHaveLength(1);
    expect(await values(askRollup("poor", false))).toHaveLength(0);
    await query(
      `ALTER TABLE rollup_runs UPDATE finished_at = now64(3) - INTERVAL 5 MINUTE WHERE org_id = 'poor' SETTINGS mutations_sync = 1`,
    );
    const second = nextMinute();
    await startRollups(env, second);
    await ended(env.ROLLUP, `us-${second / MINUTE_MS}`);
    expect(await values(askRollup("poor", false))).toHaveLength(1);
  });

  it("never throws, and starts nothing, while ClickHouse is away", async () => {
    const away = { ...env, CLICKHOUSE_US_URL: "http://127.0.0.1:1", CLICKHOUSE_EU_URL: "http://127.0.0.1:1" };
    expect(await startRollups(away, nextMinute())).toEqual([]);
  });
});

describe("an operator", () => {
  const app = createOperatorApp();
  const ask = async (path: string, init: RequestInit = {}) =>
    await app.fetch(
      new Request(`http://127.0.0.1${path}`, { ...init, headers: { authorization: `Bearer ${env.OPERATOR_TOKEN}` } }),
      env,
    );

  it("recomputes a range of hours that are clean, in both regions, and is told what was done", async () => {
    const org = "operated";
    await insert([
      { org_id: org, at: T0 },
      { org_id: org, at: T0 + 3 * HOUR },
    ]);
    await settle(org);
    const body = JSON.stringify({ from: new Date(T0).toISOString(), to: new Date(T0 + HOUR).toISOString() });
    const { runs } = RollupStartedSchema.parse(await (await ask("/operator/rollup", { method: "POST", body })).json());
    expect(runs.map(({ region }) => region)).toEqual(["us", "eu"]);
    for (const { region, id } of runs) {
      const status = async () => RollupStatusSchema.parse(await (await ask(`/operator/rollup/${region}/${id}`)).json());
      await expect.poll(async () => (await status()).status, { timeout: 60_000 }).toBe("done");
      expect((await status()).outcome).toMatchObject({ failed: 0, reasons: [] });
    }
    expect(await values(askRollup(org, false))).toHaveLength(1);
    const missing = await ask("/operator/rollup/us/no-such-instance");
    expect(missing.status).toBe(404);
  });

  it.each(["{}", '{"from":"2026-01-01T00:00:00Z","to":"2025-01-01T00:00:00Z"}', "no"])(
    "is refused %s",
    async (body) => {
      expect((await ask("/operator/rollup", { method: "POST", body })).status).toBe(400);
    },
  );
});
