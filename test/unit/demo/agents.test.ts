import { afterEach, describe, expect, it, vi } from "vitest";
import { backfill, startDemoAgents } from "../../../dev/demo/agents.ts";
import { orgHistory } from "../../../dev/demo/history.ts";
import { planOrg } from "../../../dev/demo/org-plan.ts";
import { DAY_MS } from "../../../schema/limits.ts";
import { type Fault, type IngestServer, startIngestServer } from "./ingest-server.ts";

/** Generous: the machine may be busy with other tests. */
vi.setConfig({ testTimeout: 60_000 });

const ORGS = [
  { org_id: "org_us", ingest_key: "tf_us_1" },
  { org_id: "org_eu", ingest_key: "tf_eu_1" },
];
const NOW = Date.parse("2026-11-20T16:00:00Z");

/** Every fifth request fails, each time in another way; the answer that follows is asked for at once. */
function troubled(n: number): Fault | undefined {
  const faults: Fault[] = [
    { kind: "status", status: 503, retryAfter: "0" },
    { kind: "cut" },
    { kind: "status", status: 429, retryAfter: "0" },
    { kind: "cut-after-store" },
  ];
  return n % 5 === 2 ? faults[Math.floor(n / 5) % faults.length] : undefined;
}

describe("demo agents", () => {
  let server: IngestServer | undefined;
  afterEach(async () => {
    await server?.close();
    server = undefined;
  });

  it("send live events in small batches under each organisation's key, and nothing is dropped on stop", async () => {
    const ingest = await startIngestServer(troubled);
    server = ingest;
    const lines: string[] = [];
    const agents = startDemoAgents({
      url: ingest.url,
      orgs: ORGS,
      seed: "live",
      ratePerSecond: 400,
      log: (line) => lines.push(line),
    });
    await vi.waitFor(() => expect(ingest.stored.size).toBeGreaterThan(500), { timeout: 20_000, interval: 50 });
    const timestamps = (): number[] =>
      [...ingest.stored.values()].map(({ timestamp }) => Date.parse(String(timestamp)));
    // Not right after a flush: what came due since then must go out with the stop.
    await vi.waitFor(() => expect(Date.now() - Math.max(...timestamps())).toBeGreaterThan(500), {
      timeout: 20_000,
      interval: 20,
    });
    const beforeStop = Date.now();
    await agents.stop();
    expect(timestamps().filter((at) => at > beforeStop - 500 && at < beforeStop).length).toBeGreaterThan(20);
    const stats = agents.stats();
    expect(lines).toEqual([]);
    expect(stats).toMatchObject({ rejected: 0, failed: 0, duplicates: 0 });
    expect(stats.accepted).toBe(stats.sent);
    expect(stats.retries).toBeGreaterThan(0);
    expect(ingest.stored.size).toBe(stats.sent);
    expect(Math.max(...ingest.requests.map(({ events }) => events))).toBeLessThanOrEqual(200);
    expect(new Set(ingest.requests.map(({ authorization }) => authorization))).toEqual(
      new Set(["Bearer tf_us_1", "Bearer tf_eu_1"]),
    );
    const open = new Set<unknown>();
    for (const event of ingest.stored.values()) if (event.event_type === "session_start") open.add(event.session_id);
    for (const event of ingest.stored.values()) if (event.event_type === "session_end") open.delete(event.session_id);
    expect(open.size).toBe(0);
    const after = ingest.requests.length;
    await agents.stop();
    expect(ingest.requests.length).toBe(after);
  });

  it("say once what a server refuses and go on", async () => {
    const body = JSON.stringify({ error: { code: "unauthorized", message: "unknown key", request_id: "r" } });
    const ingest = await startIngestServer(() => ({ kind: "status", status: 401, body }));
    server = ingest;
    const lines: string[] = [];
    const [org] = ORGS;
    if (org === undefined) throw new Error("no organisation");
    const agents = startDemoAgents({
      url: ingest.url,
      orgs: [org],
      seed: "x",
      ratePerSecond: 200,
      log: (l) => lines.push(l),
    });
    await vi.waitFor(() => expect(ingest.requests.length).toBeGreaterThan(1), { timeout: 20_000, interval: 50 });
    await agents.stop();
    expect(agents.stats().failed).toBe(agents.stats().sent);
    expect(lines.length).toBeGreaterThan(0);
    expect(lines[0]).toContain("unauthorized");
  });
});

describe("backfill", () => {
  it("stores exactly the history, also through failures, and nothing twice when run again later", async () => {
    const server = await startIngestServer(troubled);
    const options = { url: server.url, orgs: ORGS, seed: "past", days: 4 };
    const progress: number[] = [];
    const first = await backfill({ ...options, now: NOW, onProgress: ({ sent }) => progress.push(sent) });
    const from = Math.floor((NOW - 4 * DAY_MS) / DAY_MS) * DAY_MS;
    const expected = ORGS.map(({ org_id }) => [...orgHistory("past", planOrg("past", org_id), from, NOW)].length);
    expect(first.sent).toBe(expected.reduce((a, b) => a + b, 0));
    expect(first).toMatchObject({ rejected: 0, failed: 0, duplicates: 0, accepted: first.sent });
    expect(server.stored.size).toBe(first.sent);
    expect(progress.length).toBeGreaterThan(0);

    await backfill({ ...options, now: NOW });
    expect(server.stored.size).toBe(first.sent);
    await server.close();
  });

  it("ends when it is told to, and completes on the next run", async () => {
    const server = await startIngestServer();
    const stop = new AbortController();
    const options = { url: server.url, orgs: ORGS, seed: "past", days: 4, now: NOW };
    const part = await backfill({ ...options, signal: stop.signal, onProgress: () => stop.abort() });
    const whole = await backfill(options);
    expect(part.sent).toBeLessThan(whole.sent);
    expect(server.stored.size).toBe(whole.sent);
    await server.close();
  });
});
