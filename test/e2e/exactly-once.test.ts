import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type System, startSystem } from "../../dev/system.ts";
import { type FaultProxy, seededRandom, startFaultProxy } from "../support/fault-proxy.ts";
import { settledBooks } from "../support/ledger.ts";
import { send } from "../support/senders.ts";

const EVENTS = 200_000;
const OUTAGE_MS = 20_000;
const SETTLE_MS = 60_000;
const SEED = 20_261_122;

describe("exactly once", () => {
  const dataDir = mkdtempSync(join(tmpdir(), "tenfold-e2e-"));
  let system: System;
  let proxy: FaultProxy;

  beforeAll(async () => {
    let clickhouseUrl = "";
    proxy = await startFaultProxy(() => clickhouseUrl, { refuse: 0.1, loseAnswer: 0.1 }, SEED);
    system = await startSystem({
      dataDir,
      port: 0,
      log: () => {},
      clickhouseUrl: (url) => {
        clickhouseUrl = url;
        return proxy.url;
      },
    });
  });

  afterAll(async () => {
    await system?.stop();
    await proxy?.close();
    rmSync(dataDir, { recursive: true, force: true });
  });

  it("holds through repeats, redelivery, a failing consumer and ClickHouse killed for 20 s", async () => {
    const random = seededRandom(SEED);
    const outage = (async () => {
      await delay(5_000);
      await system.clickhouse.hold();
      await delay(OUTAGE_MS);
      system.clickhouse.release();
    })();
    const report = await send(system.devJson.url, {
      orgs: system.devJson.orgs,
      events: EVENTS,
      senders: 8,
      batch: 100,
      twice: 0.2,
      again: 0.05,
      random,
    });
    expect(report.unexpected).toEqual([]);
    await outage;
    expect(await settledBooks(system.devJson, report.books, SETTLE_MS)).toEqual(report.books);
    expect(Object.values(report.books).reduce((sum, n) => sum + n, 0)).toBe(EVENTS);
    expect(proxy.counts.refused).toBeGreaterThan(0);
    expect(proxy.counts.lost).toBeGreaterThan(0);
  });
});
