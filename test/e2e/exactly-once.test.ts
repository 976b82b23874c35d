import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { HOUR_MS } from "../../schema/limits.ts";
import { seededRandom } from "../support/fault-proxy.ts";
import { type FaultySystem, startFaultySystem } from "../support/faulty-system.ts";
import { settledBooks } from "../support/ledger.ts";
import { settledLive } from "../support/people.ts";
import { send } from "../support/senders.ts";

const EVENTS = 200_000;
const OUTAGE_MS = 20_000;
/** A message that met the outage and was then refused twice more waits for minutes: delays double with each attempt. */
const SETTLE_MS = 270_000;
/** Sending, and both books at their latest. */
const TIMEOUT_MS = 660_000;
const SEED = 20_261_122;

describe("exactly once", () => {
  let faulty: FaultySystem;

  beforeAll(async () => {
    faulty = await startFaultySystem({ refuse: 0.1, loseAnswer: 0.1 }, SEED);
  });

  afterAll(() => faulty?.stop());

  /** Forgets the live objects' memory every two seconds, so that they are often first touched by an apply. */
  async function evictLiveObjects(until: AbortSignal): Promise<number> {
    let evicted = 0;
    while (!until.aborted) {
      await delay(2_000);
      for (const { org_id, residency } of faulty.system.devJson.orgs) {
        const name = residency === "eu" ? `eu/${org_id}` : org_id;
        await faulty.system.miniflare.unsafeEvictDurableObject("tenfold", "TenantLive", { name }).then(
          () => (evicted += 1),
          () => {},
        );
      }
    }
    return evicted;
  }

  it(
    "holds through repeats, redelivery, a failing consumer and ClickHouse killed for 20 s",
    async () => {
      const random = seededRandom(SEED);
      const sending = new AbortController();
      const evictions = evictLiveObjects(sending.signal);
      const outage = (async () => {
        await delay(5_000);
        await faulty.system.clickhouse.hold();
        await delay(OUTAGE_MS);
        faulty.system.clickhouse.release();
      })();
      const report = await send(faulty.system.devJson.url, {
        orgs: faulty.system.devJson.orgs,
        events: EVENTS,
        senders: 8,
        batch: 100,
        twice: 0.2,
        again: 0.05,
        random,
        // Some events are up to 90 s late, one client's clock is 23 h ahead.
        timeOf: () => {
          const luck = random();
          if (luck < 0.05) return Date.now() + 23 * HOUR_MS;
          return Date.now() - (luck < 0.25 ? Math.floor(random() * 90_000) : 0);
        },
      });
      sending.abort();
      expect(report.unexpected).toEqual([]);
      await outage;
      expect(await settledBooks(faulty.system.devJson, report.books, SETTLE_MS)).toEqual(report.books);
      expect(await settledLive(faulty.system.devJson, report.books, SETTLE_MS)).toEqual(report.books);
      expect(await evictions).toBeGreaterThan(0);
      expect(Object.values(report.books).reduce((sum, n) => sum + n, 0)).toBe(EVENTS);
      expect(faulty.proxy.counts.refused).toBeGreaterThan(0);
      expect(faulty.proxy.counts.lost).toBeGreaterThan(0);
    },
    TIMEOUT_MS,
  );
});
