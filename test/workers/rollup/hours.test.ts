/** A recompute says what `events FINAL` says: whatever is repeated, late, corrected or erased, and however it is cut short. */
import { describe, expect, it } from "vitest";
import { isDirty } from "../../../workers/shared/rollup-plan.ts";
import {
  askEvents,
  askRollup,
  type EventInput,
  HOUR,
  insert,
  query,
  rollDays,
  rollHours,
  runOf,
  settle,
  statesOf,
  T0,
  values,
} from "./world.ts";

/** mulberry32: the same numbers in every run. */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

const TYPES = [
  "session_start",
  "session_end",
  "code_generated",
  "pr_created",
  "error",
  "security_alert",
  "cost_incurred",
  "custom.x",
];

/** Events over some hours: repeats with another time of receipt, corrections of revision 1, boundary values. */
function someEvents(org_id: string, seed: number, count: number, hours: number): EventInput[] {
  const random = randomOf(seed);
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;
  const rows: EventInput[] = [];
  for (let n = 0; n < count; n++) {
    const at = pick([T0 + Math.floor(random() * hours * HOUR), T0 + Math.floor(random() * hours) * HOUR]);
    const row: EventInput = {
      org_id,
      at,
      received_at: at + Math.floor(random() * 5 * HOUR),
      event_type: pick(TYPES),
      event_id: `00000000-0000-4000-8000-${String(seed * 1_000_000 + n).padStart(12, "0")}`,
      user_id: `user-${Math.floor(random() * 12)}`,
      session_id: `session-${Math.floor(random() * 60)}`,
      team_id: pick(["", "red", "blue"]),
      agent: pick(["", "claude-code", "codex"]),
      model: pick(["", "m1", "m2"]),
      repo: pick(["", "a", "b"]),
      environment: pick(["production", "staging"]),
      accepted: pick([null, true, false]),
      lines_added: pick([0, 5, 2 ** 31 - 1]),
      lines_removed: pick([0, 7]),
      duration_ms: pick([null, 0, Math.floor(random() * 1e6), 2 ** 40 - 1]),
      input_tokens: pick([0, Math.floor(random() * 1e4), 2 ** 40 - 1]),
      output_tokens: Math.floor(random() * 100),
      cache_read_tokens: Math.floor(random() * 100),
      cost_nano_usd: pick([null, 0, 1e15, Math.floor(random() * 1e9)]),
      cost_source: pick(["", "reported", "unpriced"]),
    };
    rows.push(row);
    if (random() < 0.2) rows.push({ ...row, received_at: at + HOUR, user_id: "repeated", cost_nano_usd: 1 });
    if (random() < 0.1) rows.push({ ...row, revision: 1, cost_nano_usd: 42, cost_source: "computed" });
  }
  return rows;
}

async function expectEqual(orgId: string, bucket: "Hour" | "Day" = "Hour"): Promise<void> {
  for (const byUser of [false, true]) {
    const truth = await values(askEvents(orgId, byUser, bucket));
    expect(truth.length).toBeGreaterThan(0);
    expect(await values(askRollup(orgId, byUser, bucket))).toEqual(truth);
  }
}

const hoursOf = (count: number): number[] => Array.from({ length: count }, (_, n) => T0 + n * HOUR);

describe("a recompute of hours", () => {
  it("equals events FINAL with repeats, corrections and boundary values, and so do the days made of it", async () => {
    const org = "equal";
    const rows = someEvents(org, 1, 1_500, 26);
    // Only while they are looked at: a delete of another file's test waits for a merge.
    await query("SYSTEM STOP MERGES us.events");
    // Repeats and corrections stand beside what they repeat: apart, or one insert would already make one row of them.
    for (const part of [0, 1, 2]) await insert(rows.filter((_, n) => n % 3 === part));
    const stored = await query(`SELECT count() AS n FROM events WHERE org_id = '${org}'`);
    await query("SYSTEM START MERGES us.events");
    expect(Number(stored[0]?.n)).toBeGreaterThan(1_700);
    const result = await rollHours(org, hoursOf(26));
    expect(result).toMatchObject({ failed: 0, reason: "" });
    await expectEqual(org);
    await settle(org);
    await query(`ALTER TABLE rollup_runs DELETE WHERE org_id = '${org}' SETTINGS mutations_sync = 1`);
    await query(
      `ALTER TABLE dirty_hours DELETE WHERE org_id = '${org}' AND hour >= toStartOfDay(now('UTC')) SETTINGS mutations_sync = 1`,
    );
    await rollHours(org, hoursOf(26));
    await rollDays(org);
    const today = new Date().toISOString().slice(0, 10);
    for (const byUser of [false, true]) {
      const truth = (await values(askEvents(org, byUser, "Day"))).filter(([day]) => !String(day).startsWith(today));
      expect(truth.length).toBeGreaterThan(0);
      const days = await values(askRollup(org, byUser, "Day"));
      expect(days.filter(([day]) => !String(day).startsWith(today))).toEqual(truth);
    }
  });

  it("equals it again after late events, a re-priced model and an erased user: no row of before counts", async () => {
    const org = "changed";
    const rows = someEvents(org, 2, 400, 3);
    await insert(rows);
    await rollHours(org, hoursOf(3));
    await insert(someEvents(org, 3, 50, 3));
    await insert(rows.filter(({ model }) => model === "m1").map((row) => ({ ...row, revision: 2, cost_nano_usd: 7 })));
    await query(`DELETE FROM events WHERE org_id = '${org}' AND user_id = 'user-3'`);
    await query(
      `INSERT INTO dirty_hours SELECT org_id, hour, now64(3), now64(3) FROM dirty_hours WHERE org_id = '${org}' GROUP BY org_id, hour`,
    );
    expect((await statesOf(org)).every(isDirty)).toBe(true);
    await rollHours(org, hoursOf(3));
    await expectEqual(org);
    const ghosts = `SELECT count() AS n FROM sessions FINAL WHERE org_id = '${org}' AND has(users, 'user-3')`;
    expect(await query(ghosts)).toEqual([{ n: expect.toSatisfy((n) => Number(n) === 0) }]);
  });

  it("makes windows of 10 s of the same events", async () => {
    const org = "windows";
    await insert(someEvents(org, 4, 300, 2));
    await rollHours(org, hoursOf(2));
    const sums =
      "sum(events), sum(cost_nano_usd), sum(input_tokens), sum(lines_added), sum(accepted), sum(unpriced_tokens)";
    const windows = await values(`
SELECT window_start AS w, event_type, team_id, agent, environment, ${sums} FROM window_metrics FINAL
WHERE org_id = '${org}' AND (toStartOfHour(window_start), generation) IN (
  SELECT bucket, max(generation) FROM rollup_runs WHERE org_id = '${org}' AND kind = 'hour' AND state = 'done' GROUP BY bucket)
GROUP BY ALL ORDER BY ALL`);
    const truth = await values(`
SELECT toDateTime(toStartOfInterval(timestamp, INTERVAL 10 SECOND, 'UTC'), 'UTC') AS w, event_type, team_id, agent, environment,
  count(), sum(toInt128(ifNull(cost_nano_usd, 0))), sum(input_tokens), sum(toUInt64(lines_added)), countIf(accepted = true),
  sumIf(input_tokens + output_tokens + cache_read_tokens + cache_write_tokens, cost_source = 'unpriced')
FROM events FINAL WHERE org_id = '${org}' GROUP BY ALL ORDER BY ALL`);
    expect(truth.length).toBeGreaterThan(50);
    expect(windows).toEqual(truth);
  });

  it("computes a huge hour in slices, which add up to the same", async () => {
    const org = "slices";
    await insert(someEvents(org, 5, 500, 1));
    const { slicesOf } = await import("../../../workers/shared/rollup-plan.ts");
    const { insertHours, insertRuns, insertSessionHours } = await import("../../../workflows/rollup/statements.ts");
    const run = runOf();
    const slices = slicesOf([T0], () => 500, 50);
    expect(slices).toHaveLength(10);
    for (const slice of slices) {
      await run.command(insertHours(org, slice, "77"));
      await run.command(insertSessionHours(org, slice, "77"));
    }
    const runs = {
      orgId: org,
      kind: "hour",
      buckets: [T0],
      generations: ["77"],
      watermark: T0,
      state: "done",
    } as const;
    await run.command(insertRuns(runs));
    await expectEqual(org);
  });
});

const textOf = (body: unknown): string => (body instanceof FormData ? [...body.values()].join("\n") : String(body));
const isDoneRow = (input: unknown, body: unknown): boolean =>
  textOf(body).includes("INSERT INTO rollup_runs") && String(input).includes("=done&");

describe("an attempt that does not get through", () => {
  /** A ClickHouse that answers the nth statement of a kind with an error, or after it has run with none at all. */
  function failing(pattern: RegExp, how: "refused" | "lost"): typeof fetch {
    let left = 1;
    return async (input, init) => {
      const text = textOf(init?.body);
      if (!pattern.test(`${String(input)} ${text}`) || left-- <= 0) return await fetch(input, init);
      if (how === "lost") await fetch(input, init).then((response) => response.text());
      return new Response(
        "Code: 241. DB::Exception: Memory limit exceeded for 'a-secret-value'. (MEMORY_LIMIT_EXCEEDED)",
        {
          status: 500,
          headers: { "x-clickhouse-exception-code": "241" },
        },
      );
    };
  }

  for (const how of ["refused", "lost"] as const) {
    it.each(["INSERT INTO hourly_metrics", "INSERT INTO session_hours", "INSERT INTO window_metrics"])(
      `shows nothing of itself and is recorded by code alone (%s, ${how})`,
      async (statement) => {
        const org = `fails-${statement.slice(12)}-${how}`;
        await insert(someEvents(org, 6, 100, 1));
        await rollHours(org, [T0]);
        await insert(someEvents(org, 7, 100, 1));
        const before = await values(askRollup(org, false));
        const failed = await rollHours(org, [T0], runOf("us", failing(new RegExp(statement), how)));
        expect(failed).toMatchObject({ hours: 0, failed: 1, reason: "memory" });
        expect(await values(askRollup(org, false))).toEqual(before);
        const [state] = await statesOf(org);
        expect(state).toMatchObject({ failures: 1, error: "memory" });
        await rollHours(org, [T0]);
        await expectEqual(org);
        expect((await statesOf(org))[0]).toMatchObject({ failures: 0 });
      },
    );
  }

  it("doubles nothing when its 'done' was written and the answer lost", async () => {
    const org = "lost-done";
    await insert(someEvents(org, 8, 200, 1));
    const isDone: typeof fetch = async (input, init) => {
      const response = await fetch(input, init);
      const text = await response.text();
      if (!isDoneRow(input, init?.body))
        return new Response(text, { status: response.status, headers: response.headers });
      throw new TypeError("the connection was lost");
    };
    const lost = await rollHours(org, [T0], runOf("us", isDone));
    expect(lost).toMatchObject({ failed: 1, reason: "unavailable" });
    expect((await statesOf(org))[0]).toMatchObject({ failures: 0, sessionsDone: "0" });
    await rollHours(org, [T0]);
    await expectEqual(org);
  });

  it("and its like at the same time leave one that counts", async () => {
    const org = "together";
    await insert(someEvents(org, 9, 300, 2));
    await Promise.all([rollHours(org, hoursOf(2)), rollHours(org, hoursOf(2)), rollHours(org, hoursOf(2))]);
    await expectEqual(org);
    const sessions = await query(`SELECT count() AS n, sum(events) AS e FROM sessions FINAL WHERE org_id = '${org}'`);
    expect(sessions).toEqual(
      await query(`SELECT uniqExact(session_id) AS n, count() AS e FROM events FINAL WHERE org_id = '${org}'`),
    );
  });
});

describe("late data", () => {
  it("of 200 days ago is rolled up like any other, without windows", async () => {
    const org = "ancient";
    const at = T0 - 200 * 24 * HOUR;
    await insert([
      { org_id: org, at },
      { org_id: org, at: at + 1, event_type: "error" },
    ]);
    await rollHours(org, [at]);
    await expectEqual(org);
    await rollDays(org);
    await expectEqual(org, "Day");
    expect(await query(`SELECT 1 FROM window_metrics WHERE org_id = '${org}'`)).toEqual([]);
  });

  it("that arrives while an hour is recomputed makes the hour dirty again", async () => {
    const org = "race";
    await insert([{ org_id: org, at: T0 }]);
    await settle(org);
    let inserted = false;
    const meanwhile: typeof fetch = async (input, init) => {
      const response = await fetch(input, init);
      const text = await response.clone().text();
      // Just after the last read of events, before 'done'.
      if (!inserted && textOf(init?.body).includes("INSERT INTO window_metrics")) {
        inserted = true;
        await insert([{ org_id: org, at: T0 + 1 }]);
      }
      return new Response(text, { status: response.status, headers: response.headers });
    };
    await rollHours(org, [T0], runOf("us", meanwhile));
    expect(inserted).toBe(true);
    const [state] = await statesOf(org);
    expect(state && isDirty(state)).toBe(true);
    await rollHours(org, [T0]);
    await expectEqual(org);
  });

  it("whose insert began before the recompute and ended after it makes the hour dirty again", async () => {
    const org = "margin";
    await insert([{ org_id: org, at: T0 }]);
    const start = Date.now();
    await rollHours(org, [T0]);
    await insert([{ org_id: org, at: T0 + 1 }]);
    // The insert took 30 s: it was not visible to the recompute, and what it touched says when it began.
    await query(`DELETE FROM dirty_hours WHERE org_id = '${org}'`);
    await query(
      `INSERT INTO dirty_hours VALUES ('${org}', ${T0 / 1_000}, now64(3), fromUnixTimestamp64Milli(${start - 29_000}))`,
    );
    expect((await statesOf(org)).map(isDirty)).toEqual([true]);
  });

  it("leaves an hour clean once a minute has passed since the last of it", async () => {
    const org = "clean";
    await insert([{ org_id: org, at: T0 }]);
    await rollHours(org, [T0]);
    expect((await statesOf(org)).map(isDirty)).toEqual([true]);
    await settle(org, 2);
    expect((await statesOf(org)).map(isDirty)).toEqual([false]);
  });
});
