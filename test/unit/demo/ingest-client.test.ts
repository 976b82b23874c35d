import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { cutBatches } from "../../../dev/demo/batches.ts";
import { createIngestClient } from "../../../dev/demo/ingest-client.ts";
import { isRetryable, MAX_ASKED_WAIT_MS, MAX_WAIT_MS, retryAfterMs, waitBeforeRetry } from "../../../dev/demo/retry.ts";
import { MAX_BODY_BYTES, MAX_EVENTS_PER_REQUEST } from "../../../schema/limits.ts";
import { type IngestServer, startIngestServer } from "./ingest-server.ts";

/** Generous: the machine may be busy with other tests. */
vi.setConfig({ testTimeout: 60_000 });

const noWait = async (): Promise<void> => {};

function events(count: number, metadata: object = {}): object[] {
  return Array.from({ length: count }, (_, i) => ({
    event_id: `01930000-0000-7000-8000-${i.toString(16).padStart(12, "0")}`,
    user_id: "u",
    session_id: "s",
    event_type: "custom.test",
    timestamp: "2026-11-20T10:00:00.000Z",
    metadata,
  }));
}

describe("the ingest client against a real server", () => {
  let server: IngestServer;
  beforeEach(async () => {
    server = await startIngestServer();
  });
  afterEach(() => server.close());

  it("repeats the same bytes after 503, 429 and cut connections, and counts each event once", async () => {
    server.faults.push(
      { kind: "status", status: 503, retryAfter: "1" },
      { kind: "cut" },
      { kind: "status", status: 429, retryAfter: "2" },
      { kind: "cut-after-store" },
      { kind: "status", status: 500 },
    );
    const waits: number[] = [];
    const client = createIngestClient({
      url: server.url,
      key: "k",
      wait: noWait,
      onRetry: (r) => waits.push(r.waitMs),
    });
    const result = await client.send(events(300));
    expect(result).toEqual({ accepted: 300, duplicates: 0, rejected: [], failures: [] });
    expect(server.stored.size).toBe(300);
    expect(server.requests).toHaveLength(6);
    expect(new Set(server.requests.map(({ body }) => body)).size).toBe(1);
    expect(server.requests[0]?.authorization).toBe("Bearer k");
    expect(waits[0]).toBeGreaterThanOrEqual(1_000);
    expect(waits[2]).toBeGreaterThanOrEqual(2_000);
  });

  it("waits for real when it is told to", async () => {
    server.faults.push({ kind: "status", status: 503, retryAfter: "1" });
    const start = performance.now();
    await createIngestClient({ url: server.url, key: "k" }).send(events(1));
    expect(performance.now() - start).toBeGreaterThan(990);
    expect(server.stored.size).toBe(1);
  });

  it("reaches a server that starts later", async () => {
    const { url } = server;
    await server.close();
    let retries = 0;
    const client = createIngestClient({
      url,
      key: "k",
      maxAttempts: 3,
      wait: noWait,
      onRetry: () => {
        retries++;
      },
    });
    const result = await client.send(events(5));
    expect(retries).toBe(2);
    expect(result.failures).toMatchObject([{ events: 5, status: 0, code: "gave_up" }]);
  });

  it.each(["identity", "gzip", "zstd"] as const)("sends %s bodies that a server can read", async (encoding) => {
    const result = await createIngestClient({ url: server.url, key: "k", encoding }).send(events(50));
    expect(result.accepted).toBe(50);
    expect(server.requests[0]?.encoding).toBe(encoding);
  });

  it("does not repeat a refusal, and names it", async () => {
    const body = JSON.stringify({ error: { code: "unauthorized", message: "unknown key", request_id: "r" } });
    server.faults.push({ kind: "status", status: 401, body });
    const result = await createIngestClient({ url: server.url, key: "k" }).send(events(4));
    expect(result.failures).toEqual([{ events: 4, status: 401, code: "unauthorized", message: "unknown key" }]);
    expect(server.requests).toHaveLength(1);
  });

  it("reports the caller's index of a refused event, across requests", async () => {
    const list = events(7);
    list[5] = { event_type: "no such type" };
    const result = await createIngestClient({ url: server.url, key: "k", maxEvents: 3 }).send(list);
    expect(result.accepted).toBe(6);
    expect(result.rejected).toMatchObject([{ index: 5, code: "invalid_event" }]);
  });

  it("gives up when told to stop, and says how much", async () => {
    const stop = new AbortController();
    const client = createIngestClient({
      url: server.url,
      key: "k",
      signal: stop.signal,
      onRetry: () => stop.abort(),
    });
    server.faults.push({ kind: "status", status: 503, retryAfter: "30" });
    const result = await client.send(events(2));
    expect(result.failures).toMatchObject([{ events: 2, code: "gave_up" }]);
  });

  it("takes a server that never answers for dead and tries again", async () => {
    server.faults.push({ kind: "silent" });
    const client = createIngestClient({
      url: server.url,
      key: "k",
      requestTimeoutMs: 100,
      maxAttempts: 3,
      wait: noWait,
    });
    const result = await client.send(events(1));
    expect(result.accepted).toBe(1);
    expect(server.requests).toHaveLength(2);
  });
});

describe("requests", () => {
  it("never hold more events or bytes than the contract takes, and lose none", () => {
    const big = events(1_500, { text: "é".repeat(5_000) });
    const { batches, tooLarge } = cutBatches(big);
    expect(tooLarge).toEqual([]);
    expect(batches.flatMap(({ indexes }) => indexes)).toEqual(big.map((_, i) => i));
    for (const { body, indexes } of batches) {
      expect(Buffer.byteLength(body)).toBeLessThanOrEqual(MAX_BODY_BYTES);
      expect(indexes.length).toBeLessThanOrEqual(MAX_EVENTS_PER_REQUEST);
      expect(JSON.parse(body)).toHaveLength(indexes.length);
    }
  });

  it("leave out an event that is too large, so that its neighbours pass", () => {
    const list = [...events(2), { text: "x".repeat(70_000) }];
    const { batches, tooLarge } = cutBatches(list);
    expect(tooLarge).toEqual([2]);
    expect(batches[0]?.indexes).toEqual([0, 1]);
  });
});

describe("retry decisions", () => {
  it("repeat what may pass later and nothing else", () => {
    expect([408, 425, 429, 500, 502, 503, 504, 529].every(isRetryable)).toBe(true);
    expect([200, 202, 400, 401, 403, 404, 413, 415].some(isRetryable)).toBe(false);
  });

  it("read Retry-After in seconds and as a date", () => {
    expect(retryAfterMs("3", 0)).toBe(3_000);
    expect(retryAfterMs("Thu, 01 Jan 1970 00:00:05 GMT", 1_000)).toBe(4_000);
    expect(retryAfterMs("soon", 0)).toBeUndefined();
    expect(retryAfterMs(null, 0)).toBeUndefined();
  });

  it("wait at least what was asked, back off without end but not beyond the limit", () => {
    expect(waitBeforeRetry(1, 1_000, 0)).toBe(1_000);
    expect(waitBeforeRetry(9, 1_000, 0.5)).toBeGreaterThan(1_000);
    expect(waitBeforeRetry(1, 90_000, 0)).toBe(90_000);
    expect(waitBeforeRetry(1, 3_600_000, 0)).toBe(MAX_ASKED_WAIT_MS);
    expect(waitBeforeRetry(3, undefined, 0.5)).toBeGreaterThan(waitBeforeRetry(2, undefined, 0.5));
    expect(waitBeforeRetry(500, undefined, 0.99)).toBeLessThanOrEqual(MAX_WAIT_MS);
  });
});
