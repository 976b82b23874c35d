import { beforeEach, describe, expect, test } from "vitest";
import { type Flush, FlushPump, type Sink, type Sinks } from "../../../durable-objects/event-buffer/flush-pump.ts";
import { PRODUCTION } from "../../../durable-objects/event-buffer/limits.ts";
import { PackStore } from "../../../durable-objects/event-buffer/pack-store.ts";
import type { SinkName } from "../../../durable-objects/event-buffer/state.ts";
import { type CountedDatabase, sqlite } from "./sqlite.ts";

let db: CountedDatabase;
let time: number;
/** Compositions that each sink was given: the sequence numbers. */
let sent: Record<SinkName, number[][]>;

beforeEach(() => {
  db = sqlite();
  time = 1_000_000;
  sent = { live: [], clickhouse: [], archive: [] };
  const store = new PackStore(db);
  store.set({ ...store.state, org_id: "org" });
  store.save();
});

const accept: Sink = async ({ packs }) => ({ passed: packs.length, skipped: 0, error: null });
const refuse: Sink = async () => ({ passed: 0, skipped: 0, error: "down" });
const hang: Sink = () => new Promise(() => undefined);

/** A pump over what is stored, as after a restart. */
function start(sinks: Partial<Sinks> = {}, flushBytes = 1_000_000): { store: PackStore; pump: FlushPump } {
  const store = new PackStore(db);
  const noting = (name: SinkName): Sink => {
    const sink = sinks[name] ?? accept;
    return async (flush: Flush) => {
      sent[name].push(flush.packs.map(({ seq }) => seq));
      return await sink(flush);
    };
  };
  const all = { live: noting("live"), clickhouse: noting("clickhouse"), archive: noting("archive") };
  return { store, pump: new FlushPump(store, all, { ...PRODUCTION, now: () => time, random: () => 0, flushBytes }) };
}

const bytes = (count: number): Uint8Array[] => Array.from({ length: count }, (_, i) => Uint8Array.of(i));

async function later(pump: FlushPump, ms = 5_000): Promise<void> {
  time += ms;
  await pump.run();
}

describe("a flush", () => {
  test("gives every sink every pack once, and leaves nothing behind", async () => {
    const { store, pump } = start();
    store.append(bytes(3), 3, time);
    store.append(bytes(2), 2, time);
    await later(pump);
    expect(sent).toEqual({ live: [[1, 2, 3, 4, 5]], clickhouse: [[1, 2, 3, 4, 5]], archive: [[1, 2, 3, 4, 5]] });
    expect({ waiting: store.waiting, bytes: store.bytes, due: pump.nextDue() }).toEqual({
      waiting: 0,
      bytes: 0,
      due: null,
    });
  });

  test("costs few rows: one for the append, one recorded, one done, one deleted", async () => {
    const { store, pump } = start();
    const before = db.rowsWritten();
    store.append(bytes(20), 20, time);
    await later(pump);
    expect(db.rowsWritten() - before).toBe(4);
  });

  test("that exceeds its bounds goes on in several, each recorded on its own", async () => {
    const { store, pump } = start({}, 10);
    for (let i = 0; i < 4; i++) store.append(bytes(1), 1, time);
    await later(pump);
    expect(sent.clickhouse).toEqual([
      [1, 2],
      [3, 4],
    ]);
  });

  test("leaves one sink's packs in place until that sink has them", async () => {
    const { store, pump } = start({ live: refuse });
    store.append(bytes(2), 2, time);
    await later(pump);
    expect(store.waiting).toBe(2);
    expect(pump.nextDue()).toBe(time + 1_000);
    const again = start();
    await later(again.pump, 1_000);
    expect(again.store.waiting).toBe(0);
    expect(sent.clickhouse).toEqual([[1, 2]]);
  });
});

describe("a restart", () => {
  test("in the middle of a flush sends the same composition, though more has come since", async () => {
    const { store, pump } = start({ clickhouse: hang });
    store.append(bytes(2), 2, time);
    time += 5_000;
    void pump.run();
    await Promise.resolve();
    const again = start();
    again.store.append(bytes(2), 2, time);
    await later(again.pump);
    expect(sent.clickhouse).toEqual([
      [1, 2],
      [1, 2],
      [3, 4],
    ]);
  });

  test("after part of a composition was decided sends what is left of it, and no more", async () => {
    const half: Sink = async () => ({ passed: 2, skipped: 1, error: "down" });
    const { store, pump } = start({ clickhouse: half });
    store.append(bytes(4), 4, time);
    await later(pump);
    const again = start();
    again.store.append(bytes(1), 1, time);
    await later(again.pump);
    expect(sent.clickhouse).toEqual([[1, 2, 3, 4], [3, 4], [5]]);
    expect(again.store.state.sinks.clickhouse.skipped).toBe(1);
  });

  test("of an emptied buffer never gives a sequence number twice", async () => {
    const { store, pump } = start();
    store.append(bytes(3), 3, time);
    await later(pump);
    expect(new PackStore(db).append(bytes(1), 1, time)).toBe(4);
  });

  test("knows how much waits, whatever was deleted before", async () => {
    const { store, pump } = start({}, 1);
    store.append(bytes(2), 2, time);
    await later(pump);
    expect(new PackStore(db).bytes).toBe(0);
    store.append(bytes(3), 3, time);
    store.append(bytes(1), 1, time);
    expect(store.bytes).toBe(20);
    expect(new PackStore(db).bytes).toBe(20);
    const again = start({}, 1);
    again.store.append(bytes(1), 1, time + 60_000);
    await later(again.pump);
    expect(again.store.bytes).toBe(5);
    expect(new PackStore(db).bytes).toBe(5);
  });

  test("keeps the wait that a failing sink has reached", async () => {
    const { store, pump } = start({ clickhouse: refuse });
    store.append(bytes(1), 1, time);
    for (let failure = 0; failure < 5; failure++) await later(pump, 400_000);
    expect(start().pump.nextDue()).toBe(time + 16_000);
  });
});

describe("a sink that throws", () => {
  test("has failed, with its text, and harms no other", async () => {
    const { store, pump } = start({
      archive: async () => {
        throw new Error("no such bucket");
      },
    });
    store.append(bytes(1), 1, time);
    await later(pump);
    expect(store.state.sinks.archive).toMatchObject({ cursor: 0, failures: 1, error: "Error: no such bucket" });
    expect(sent.live.length + sent.clickhouse.length).toBe(2);
  });
});

test("a sink whose answer is awaited is not called again", async () => {
  const { store, pump } = start({ clickhouse: hang });
  store.append(bytes(1), 1, time);
  time += 5_000;
  void pump.run();
  void pump.run();
  await Promise.resolve();
  expect(sent.clickhouse.length).toBe(1);
  expect(pump.busy).toBe(true);
});
