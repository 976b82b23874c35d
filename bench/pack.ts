/**
 * What packing makes of 10,000 events when they come 1, 10, 100 or 1,000 a request: packs, bytes, queue billing units, time, and
 * the list price of a million events before ClickHouse. Targets: <= $0.02 at 100 a request, <= $0.45 at 1.
 */
import { hashString } from "../schema/identity.ts";
import { readPack } from "../schema/pack.ts";
import { type EnrichedEvent, enrich } from "../workers/ingest/enrich.ts";
import { type EncodedPack, packEvents } from "../workers/ingest/pack-events.ts";
import { rowPrefix } from "../workers/ingest/row-text.ts";
import { validateEvent } from "../workers/ingest/validate.ts";
import { type BenchResult, median, round } from "./result.ts";
import { acceptCpu } from "./support/accept-cpu.ts";
import { benchEvent } from "./support/events.ts";

const EVENTS = 10_000;
const BATCHES = [1, 10, 100, 1_000] as const;
/** An agent sends its own session; behind a collector there are many, and the frame's dictionary names each. */
const SENDERS = { agent: "one session a request", collector: "500 sessions in turn" } as const;
type Sender = keyof typeof SENDERS;
const ROUNDS = 5;
const MILLION = 1_000_000;
const TARGETS: Partial<Record<number, number>> = { 1: 0.45, 100: 0.02 };

/** Bytes of a queue message that one billing unit covers; write, read and delete each cost one. */
const QUEUE_UNIT_BYTES = 64_000;
const QUEUE_OPERATIONS = 3;
/** List prices in USD, Workers Paid, 2026-11 (docs: workers, queues, durable objects and R2 pricing pages). */
const PRICE = {
  workerRequest: 0.3 / MILLION,
  workerCpuMs: 0.02 / MILLION,
  queueOperation: 0.4 / MILLION,
  objectRequest: 0.15 / MILLION,
  objectRow: 1 / MILLION,
  bucketWrite: 4.5 / MILLION,
} as const;

/** The load that shared costs are spread over: one tenant at its default quota. */
const EVENTS_PER_SECOND = 10_000;
const MAX_BATCH_MESSAGES = 100;
/** Rows one apply writes: the checkpoint's journal and window rows; the bench `apply` counts them. */
const ROWS_PER_APPLY = 2;

const ORG = "org_bench";

export async function run(): Promise<BenchResult> {
  const rows: BenchResult["rows"] = [];
  const notes: string[] = [];
  for (const batch of BATCHES) {
    const cpu = await acceptCpu(batch);
    for (const sender of ["agent", "collector"] as const) {
      if (batch === 1 && sender === "collector") continue;
      const { packs, micros } = packing(batch, sender);
      const cost = price(batch, packs, cpu);
      const total = Object.values(cost).reduce((sum, value) => sum + value, 0);
      const opened = packs.map(({ bytes }) => readPack(bytes));
      const sum = (value: (i: number) => number): number => packs.reduce((all, _, i) => all + value(i), 0);
      rows.push({
        "events/request": batch,
        sessions: batch === 1 ? "-" : SENDERS[sender],
        packs: packs.length,
        "pack bytes": sum((i) => packs[i]?.bytes.length ?? 0),
        "frame B/event": round(sum((i) => opened[i]?.frame.length ?? 0) / EVENTS, 1),
        "body B/event": round(sum((i) => opened[i]?.body.length ?? 0) / EVENTS, 1),
        "us/event packing": round(micros, 2),
        "us CPU/event accept": round(cpu, 1),
        "queue units": units(packs),
        "$ requests": usd(cost.requests),
        "$ CPU": usd(cost.cpu),
        "$ queue": usd(cost.queue),
        "$ live": usd(cost.live),
        "$ R2 copy": usd(cost.copy),
        "$ / million": usd(total),
      });
      const target = TARGETS[batch];
      if (target !== undefined && sender === "agent") {
        notes.push(
          `$${usd(total)} a million events at ${batch} a request (target <= $${target}): ${total <= target ? "met" : "MISSED"}`,
        );
      }
    }
  }
  return {
    title: `pack: ${EVENTS} events of ${JSON.stringify(benchEvent(0, Date.now())).length} B and their list price, us and global`,
    rows,
    notes: [
      ...notes,
      "packing: node, packEvents alone (frame, zstd-1, header), median of rounds; accept: workerd CPU of the whole request",
      `live and R2 copy: one apply (an RPC and ${ROWS_PER_APPLY} rows) and one object a consumer batch, at ${EVENTS_PER_SECOND} events/s of one tenant`,
      "without the monthly minimum, what it includes, storage, and duration of the live object ($4.15 a month, always awake)",
    ],
  };
}

/** Packs of all events, request by request, and us an event that packing them takes. */
function packing(batch: number, sender: Sender): { packs: EncodedPack[]; micros: number } {
  const now = Date.now();
  const context = { orgId: ORG, org: hashString(ORG), region: "us", residency: "us", receivedAt: now } as const;
  const events = enriched(now, batch, sender);
  const requests = Array.from({ length: EVENTS / batch }, (_, n) => events.slice(n * batch, (n + 1) * batch));
  const times: number[] = [];
  let packs: EncodedPack[] = [];
  for (let n = 0; n <= ROUNDS; n++) {
    const at = performance.now();
    packs = requests.flatMap((request) => packEvents(request, context));
    // The first round warms up.
    if (n > 0) times.push(((performance.now() - at) * 1_000) / EVENTS);
  }
  return { packs, micros: median(times) };
}

function enriched(now: number, batch: number, sender: Sender): EnrichedEvent[] {
  const add = { org: hashString(ORG), row: rowPrefix(ORG, "fra", now), teamOfUser: new Map<string, string>() };
  return Array.from({ length: EVENTS }, (_, i) => {
    const n = sender === "agent" ? Math.floor(i / batch) : i % 500;
    const event = benchEvent(i, now - (i % 1_000), `session-${n}`);
    if (sender === "agent") event.user_id = `developer-${n % 40}@example.com`;
    const valid = validateEvent(event, now);
    if (!("envelope" in valid)) throw new Error(`the bench's event is refused: ${valid.message}`);
    return enrich(valid, String(event.event_id), i, add);
  });
}

const units = (packs: readonly EncodedPack[]): number =>
  packs.reduce((sum, { bytes }) => sum + Math.ceil(bytes.length / QUEUE_UNIT_BYTES), 0);

/** USD of a million events, by meter. */
function price(batch: number, packs: readonly EncodedPack[], cpuMicros: number) {
  const times = MILLION / EVENTS;
  const packsPerSecond = packs.length / (EVENTS / EVENTS_PER_SECOND);
  const messages = Math.min(MAX_BATCH_MESSAGES, Math.max(1, packsPerSecond));
  const batches = (packs.length * times) / messages;
  return {
    requests: (MILLION / batch) * PRICE.workerRequest,
    cpu: ((cpuMicros * MILLION) / 1_000) * PRICE.workerCpuMs,
    queue: units(packs) * times * QUEUE_OPERATIONS * PRICE.queueOperation,
    live: batches * (PRICE.objectRequest + ROWS_PER_APPLY * PRICE.objectRow),
    copy: batches * PRICE.bucketWrite,
  };
}

const usd = (value: number): string => value.toFixed(4);
