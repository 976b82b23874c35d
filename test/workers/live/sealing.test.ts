/** Sealed windows go to window_metrics once, and only those that the object held from their start. */

import { evictDurableObject, runDurableObjectAlarm } from "cloudflare:test";
import { zstdDecompressSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { z } from "zod";
import { HOUR_MS, MINUTE_MS } from "../../../schema/limits.ts";
import { applyOf, liveEvent } from "../../support/frames.ts";
import { freshObject, setClock, snapshotOf, T0 } from "./world.ts";

const RowSchema = z.object({
  org_id: z.string(),
  window_start: z.number(),
  window_seconds: z.literal(10),
  event_type: z.string(),
  team_id: z.string(),
  events: z.number(),
  cost_nano_usd: z.number(),
  source: z.literal(0),
});

/** ClickHouse's end of the insert: what it was sent, and a way to be down. */
class Inserts {
  readonly rows: z.infer<typeof RowSchema>[] = [];
  readonly queries: string[] = [];
  down = false;

  readonly fetch: typeof fetch = async (input, init) => {
    if (this.down) return new Response("Code: 210. no network", { status: 500 });
    this.queries.push(new URL(String(input)).searchParams.get("query") ?? "");
    const text = zstdDecompressSync(new Uint8Array(await new Response(init?.body).arrayBuffer())).toString();
    this.rows.push(
      ...text
        .trim()
        .split("\n")
        .map((line) => RowSchema.parse(JSON.parse(line))),
    );
    return new Response("");
  };
}

let inserts: Inserts;
beforeEach(() => {
  setClock(T0);
  inserts = new Inserts();
  vi.stubGlobal("fetch", inserts.fetch);
});
afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

/** An object that exists since T0, with three events of two teams a minute later. */
async function seeded() {
  const object = freshObject();
  await snapshotOf(object.live);
  setClock(T0 + MINUTE_MS);
  const cost = { type: "cost_incurred", measures: { cost_nano_usd: 5 } };
  await object.live.apply(
    applyOf([
      [
        liveEvent(T0 - 1, { team: "red" }),
        liveEvent(T0 + MINUTE_MS, { ...cost, team: "red", session: "a" }),
        liveEvent(T0 + MINUTE_MS + 1, { ...cost, team: "red", session: "b" }),
        liveEvent(T0 + MINUTE_MS, { ...cost, team: "blue" }),
      ],
    ]),
  );
  return object;
}

async function ring(stub: DurableObjectStub, at: number): Promise<void> {
  setClock(at);
  await runDurableObjectAlarm(stub);
}

describe("a sealed window", () => {
  it("is written once, by type, team, agent and environment, and a partial one never", async () => {
    const { name, stub } = await seeded();
    await ring(stub, T0 + 2 * MINUTE_MS);
    await ring(stub, T0 + HOUR_MS);
    expect(inserts.rows).toEqual([]);
    await evictDurableObject(stub);
    await ring(stub, T0 + 2 * HOUR_MS + 20 * MINUTE_MS);
    const row = {
      org_id: name,
      window_start: (T0 + MINUTE_MS) / 1_000,
      window_seconds: 10,
      event_type: "cost_incurred",
      source: 0,
    };
    expect(inserts.rows.toSorted((a, b) => a.events - b.events)).toEqual([
      { ...row, team_id: "blue", events: 1, cost_nano_usd: 5 },
      { ...row, team_id: "red", events: 2, cost_nano_usd: 10 },
    ]);
    expect(inserts.queries).toEqual(["INSERT INTO window_metrics FORMAT JSONEachRow"]);
    await evictDurableObject(stub);
    await ring(stub, T0 + 3 * HOUR_MS);
    await ring(stub, T0 + 27 * HOUR_MS);
    expect(inserts.rows).toHaveLength(2);
  });

  it("is tried again when ClickHouse does not take it", async () => {
    const { stub } = await seeded();
    await ring(stub, T0 + 2 * MINUTE_MS);
    inserts.down = true;
    await ring(stub, T0 + 2 * HOUR_MS + 20 * MINUTE_MS);
    inserts.down = false;
    await ring(stub, T0 + 2 * HOUR_MS + 22 * MINUTE_MS);
    expect(inserts.rows).toHaveLength(2);
  });

  it("of a global tenant is left to the final rollups", async () => {
    const { live, stub } = await seeded();
    await live.apply({ ...applyOf([]), residency: "global" });
    await ring(stub, T0 + 2 * MINUTE_MS);
    await ring(stub, T0 + 2 * HOUR_MS + 20 * MINUTE_MS);
    expect(inserts.rows).toEqual([]);
  });

  it("leaves no identities behind, and windows for a day", async () => {
    const { stub } = await seeded();
    const { runInDurableObject } = await import("cloudflare:test");
    const rows = (table: string) =>
      runInDurableObject(stub, (_, { storage }) =>
        Number(storage.sql.exec(`SELECT count(*) AS n FROM ${table}`).one().n),
      );
    await ring(stub, T0 + 2 * MINUTE_MS);
    expect([await rows("identities"), await rows("windows")]).toEqual([2, 2]);
    await ring(stub, T0 + 2 * HOUR_MS + 20 * MINUTE_MS);
    expect([await rows("identities"), await rows("windows")]).toEqual([0, 2]);
    await ring(stub, T0 + 25 * HOUR_MS + MINUTE_MS);
    expect(await rows("windows")).toBe(0);
  });
});
