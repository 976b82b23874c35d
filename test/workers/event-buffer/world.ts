/**
 * The outside world of EventBuffer's tests: the clock, and what ClickHouse, TenantLive and the bucket do when called.
 * Shared by the test worker and the tests, which run in one isolate. Holds no assertions.
 */
import { zstdDecompressSync } from "node:zlib";
import { PRODUCTION, type Tuning } from "../../../durable-objects/event-buffer/limits.ts";
import type { ApplyRequest } from "../../../schema/rpc.ts";

/** One ClickHouse call: its token and the identities of its rows, in order. */
export interface InsertCall {
  token: string;
  ids: string[];
}

interface World {
  /** Added to the clock. Far ahead, so that alarms only go off when a test runs them. */
  skewMs: number;
  tuning: Partial<Tuning>;
  inserts: InsertCall[];
  /** ClickHouse after deduplication: rows stored, by identity, with the number of times each was inserted. */
  rows: Map<string, number>;
  applies: ApplyRequest[];
  /** Frames that TenantLive says it could not read. */
  unreadable: number;
  /** TenantLive says that it started afresh. */
  incomplete: boolean;
  /** Replaced by tests: throws, hangs, or lets the call through. `before` and `after` the fake stored its rows. */
  clickhouse: { before: (call: InsertCall) => Promise<Response | undefined>; after: () => Promise<void> };
  live: () => Promise<void>;
  bucketPut: (key: string) => Promise<void>;
}

const HOUR_MS = 3_600_000;

function fresh(): World {
  return {
    skewMs: HOUR_MS,
    tuning: {},
    inserts: [],
    rows: new Map(),
    applies: [],
    unreadable: 0,
    incomplete: false,
    clickhouse: { before: async () => undefined, after: async () => undefined },
    live: async () => undefined,
    bucketPut: async () => undefined,
  };
}

export const world: World = fresh();

/** A world without faults and without memory. */
export function resetWorld(): void {
  Object.assign(world, fresh());
}

export const now = (): number => Date.now() + world.skewMs;

/** The object's tuning, read anew at each object life. */
export function tuning(): Tuning {
  return { ...PRODUCTION, now, random: () => 0, ...world.tuning };
}

/** A rejected insert as ClickHouse words it. */
export function refusal(code: number, text: string): Response {
  return new Response(`Code: ${code}. DB::Exception: ${text}`, {
    status: 400,
    headers: { "x-clickhouse-exception-code": String(code) },
  });
}

/** ClickHouse's HTTP interface: reads zstd NDJSON and keeps rows by identity. */
export async function fakeClickHouse(input: RequestInfo | URL, init?: RequestInit): Promise<Response> {
  const url = new URL(String(input));
  if (url.hostname !== "eu.invalid") throw new Error(`a call to ${url.hostname}`);
  const body = new Uint8Array(await new Response(init?.body ?? null).arrayBuffer());
  const call = { token: url.searchParams.get("insert_deduplication_token") ?? "", ids: identities(body) };
  world.inserts.push(call);
  const refused = await world.clickhouse.before(call);
  if (refused !== undefined) return refused;
  for (const id of call.ids) world.rows.set(id, (world.rows.get(id) ?? 0) + 1);
  await world.clickhouse.after();
  return new Response("");
}

const ROW_ID = /"event_id":"([^"]+)"/g;

function identities(body: Uint8Array): string[] {
  const text = zstdFrames(body).map((frame) => new TextDecoder().decode(zstdDecompressSync(frame)));
  return [...text.join("").matchAll(ROW_ID)].map((match) => match[1] ?? "");
}

/** Splits concatenated zstd frames at their magic number: workerd's zlib reads the first frame only. */
function zstdFrames(body: Uint8Array): Uint8Array[] {
  const starts: number[] = [];
  const view = new DataView(body.buffer, body.byteOffset, body.byteLength);
  for (let at = 0; at + 4 <= body.length; at++) if (view.getUint32(at, true) === 0xfd2fb528) starts.push(at);
  return starts.map((start, index) => body.subarray(start, starts[index + 1] ?? body.length));
}
