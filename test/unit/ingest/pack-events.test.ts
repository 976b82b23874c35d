import { zstdDecompressSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { decodeFrame } from "../../../schema/frame.ts";
import { hashString } from "../../../schema/identity.ts";
import { BACKFILL_AGE_MS, MAX_MESSAGE_BYTES, MAX_PACK_BYTES } from "../../../schema/limits.ts";
import { readPack } from "../../../schema/pack.ts";
import { type EnrichedEvent, enrich } from "../../../workers/ingest/enrich.ts";
import { packEvents } from "../../../workers/ingest/pack-events.ts";
import { rowPrefix } from "../../../workers/ingest/row-text.ts";
import { validateEvent } from "../../../workers/ingest/validate.ts";
import { makeEvent, oneOfEach } from "../../support/events.ts";

const NOW = Date.now();
const org = hashString("org_a");
const context = { orgId: "org_a", org, region: "us" as const, residency: "us" as const, receivedAt: NOW };
const add = { org, row: rowPrefix("org_a", "fra", NOW), teamOfUser: new Map([["user-1", "team-1"]]) };

const enriched = (events: unknown[]): EnrichedEvent[] =>
  events.map((value, index) => {
    const result = validateEvent(value, NOW);
    if (!("envelope" in result)) throw new Error(result.message);
    return enrich(result, result.envelope.event_id ?? crypto.randomUUID(), index, add);
  });

const rowsOf = (body: Uint8Array): Record<string, unknown>[] =>
  zstdDecompressSync(body)
    .toString()
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));

describe("packing", () => {
  it("makes one pack of an ordinary request: rows for ClickHouse, a frame for the live object, a header that says so", () => {
    const events = enriched(oneOfEach(NOW - 5));
    const [pack, ...none] = packEvents(events, context);
    expect(none).toEqual([]);
    const read = readPack(pack?.bytes ?? new Uint8Array(0));
    expect(read.header).toMatchObject({
      org_id: "org_a",
      count: 7,
      oldest: NOW - 5,
      newest: NOW - 5,
      received_at: NOW,
    });
    const rows = rowsOf(read.body);
    expect(rows).toHaveLength(7);
    expect(rows[0]).toMatchObject({ team_id: "team-1", region: "fra", agent: "claude-code", _ver: 2 ** 48 - 1 - NOW });
    expect(rows[6]).toMatchObject({
      cost_nano_usd: 4_200_000,
      cost_source: "reported",
      input_tokens: 10,
      event_category: "cost",
    });
    const frame = decodeFrame(read.frame);
    expect(frame.types).toEqual(expect.arrayContaining(["session_start", "cost_incurred"]));
    expect(frame.measures.find(({ measure }) => measure === "cost_nano_usd")?.values[0]).toBe(4_200_000);
    expect([...frame.hashLo]).toEqual(events.map(({ hashLo }) => hashLo));
  });

  it("gives the same events the same pack ids, whenever they are received", () => {
    const values = oneOfEach(NOW).map((event) => ({ ...event, event_id: crypto.randomUUID() }));
    const again = { ...context, receivedAt: NOW + 5_000 };
    expect(packEvents(enriched(values), again)[0]?.header.pack_id).toBe(
      packEvents(enriched(values), context)[0]?.header.pack_id,
    );
  });

  it("never passes 63 KB when it can split, nor the message limit when it cannot, and keeps every event once", () => {
    const noise = (bytes: number): string =>
      Buffer.from(crypto.getRandomValues(new Uint8Array(bytes))).toString("base64");
    const values = Array.from({ length: 200 }, () =>
      makeEvent({ event_type: "custom.noise", metadata: { a: noise(2_000) } }, NOW),
    );
    const packs = packEvents(enriched(values), context);
    expect(packs.length).toBeGreaterThan(3);
    for (const { bytes } of packs) expect(bytes.length).toBeLessThanOrEqual(MAX_PACK_BYTES);
    const ids = packs.flatMap(({ bytes }) => rowsOf(readPack(bytes).body).map((row) => row.event_id));
    expect(ids.sort()).toEqual(values.map(({ event_id }) => event_id).sort());
    const [huge] = packEvents(
      enriched([makeEvent({ event_type: "custom.huge", metadata: { a: noise(23_900) } }, NOW)]),
      context,
    );
    expect(huge?.bytes.length).toBeLessThanOrEqual(MAX_MESSAGE_BYTES);
  });

  it("sends events older than 48 h apart, for the backfill queue", () => {
    const values = [makeEvent({}, NOW), makeEvent({}, NOW - BACKFILL_AGE_MS), makeEvent({}, NOW - BACKFILL_AGE_MS - 1)];
    const packs = packEvents(enriched(values), context);
    expect(packs.map(({ backfill, header }) => [backfill, header.count])).toEqual([
      [false, 2],
      [true, 1],
    ]);
  });

  it("counts tokens of an unknown price apart, and never as zero cost", () => {
    const values = [makeEvent({ event_type: "cost_incurred", metadata: { input_tokens: 7, output_tokens: 5 } }, NOW)];
    const read = readPack(packEvents(enriched(values), context)[0]?.bytes ?? new Uint8Array(0));
    expect(rowsOf(read.body)[0]).not.toHaveProperty("cost_nano_usd");
    expect(rowsOf(read.body)[0]).toMatchObject({ cost_source: "unpriced" });
    const measures = decodeFrame(read.frame).measures.map(({ measure, values: v }) => [measure, v[0]]);
    expect(measures).toContainEqual(["unpriced_tokens", 12]);
  });
});
