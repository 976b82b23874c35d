/**
 * The consumer of event and backfill queues: one insert per region per batch with bytes passed through, the live apply
 * beside it, a copy of the bytes in R2. Nothing here parses a row. Called by queues/consumer.ts.
 * Never throws: whatever is not decided is retried.
 */
import { type Pack, PackError, readPack, STORAGE_REGIONS } from "../schema/pack.ts";
import { type InsertReport, type InsertRows, insertIsolating } from "../workers/shared/clickhouse-insert.ts";
import { errorText, log } from "../workers/shared/log.ts";
import { OK, type Outcome } from "./outcome.ts";

/** A queue message as the consumer needs it. */
export interface PackMessage {
  readonly id: string;
  readonly attempts: number;
  readonly bytes: Uint8Array;
}

/** A message with its pack opened. */
export interface OpenMessage extends PackMessage {
  pack: Pack;
}

/** What the consumer does to the world; each is one function, so that tests can fail them one by one. */
export interface EventSinks {
  insert: Record<"us" | "eu", InsertRows>;
  /** Applies frames to the live objects, one RPC per tenant; an outcome per org. */
  applyLive: (packs: readonly Pack[]) => Promise<ReadonlyMap<string, Outcome>>;
  /** Keeps the bytes of a batch for replay; a failure is logged and costs nothing but the copy. */
  keepCopy: (messages: readonly OpenMessage[]) => Promise<void>;
  /** Writes a dead letter; rejects when it could not. */
  bury: (message: PackMessage, pack: Pack | undefined, code: number, reason: string) => Promise<void>;
}

/** ClickHouse knows no such code; used for bytes that are no pack. */
const NOT_A_PACK = 0;

/** Decides every message of a batch. `live`: whether frames go to the live objects (not for backfill). */
export async function consumeEvents(
  messages: readonly PackMessage[],
  sinks: EventSinks,
  live: boolean,
): Promise<Map<string, Outcome>> {
  const outcomes = new Map<string, Outcome>();
  const open = await openAll(messages, sinks, outcomes);
  const unique = uniquePacks(open);
  const [inserted, applied] = await Promise.all([
    insertAll(unique, sinks),
    live ? guarded(() => sinks.applyLive(unique.map((message) => message.pack))) : undefined,
    keepCopies(unique, sinks),
  ]);
  for (const message of open) {
    const stored = inserted.get(keyOf(message)) ?? { kind: "retry", reason: "not inserted" };
    const shown = applied?.get(message.pack.header.org_id) ?? OK;
    outcomes.set(message.id, worse(stored, shown));
  }
  return outcomes;
}

const keyOf = (message: OpenMessage): string => `${message.pack.header.region}/${message.pack.header.pack_id}`;

/** Ack needs both; a dead letter is final, whatever the live object says. */
function worse(stored: Outcome, shown: Outcome): Outcome {
  return stored.kind === "ok" ? shown : stored;
}

async function openAll(
  messages: readonly PackMessage[],
  sinks: EventSinks,
  outcomes: Map<string, Outcome>,
): Promise<OpenMessage[]> {
  const open: OpenMessage[] = [];
  for (const message of messages) {
    try {
      open.push({ id: message.id, attempts: message.attempts, bytes: message.bytes, pack: readPack(message.bytes) });
    } catch (error) {
      const reason = error instanceof PackError ? error.message : errorText(error);
      outcomes.set(message.id, await buried(sinks, message, undefined, NOT_A_PACK, reason));
    }
  }
  return open;
}

/** The same pack twice in a batch (sent again by a client, or redelivered) is inserted once. */
function uniquePacks(messages: readonly OpenMessage[]): OpenMessage[] {
  const unique = new Map<string, OpenMessage>();
  for (const message of messages) if (!unique.has(keyOf(message))) unique.set(keyOf(message), message);
  return [...unique.values()];
}

async function insertAll(messages: readonly OpenMessage[], sinks: EventSinks): Promise<Map<string, Outcome>> {
  const outcomes = new Map<string, Outcome>();
  await Promise.all(
    STORAGE_REGIONS.map(async (region) => {
      const items = messages.filter((message) => message.pack.header.region === region);
      if (items.length === 0) return;
      const report = await insertIsolating(items, (message) => message.pack.body, sinks.insert[region]);
      await record(report, sinks, outcomes);
      if (report.reason !== undefined) {
        log.warn("insert_retry", { region, packs: report.retry.length, cause: report.reason });
      }
    }),
  );
  return outcomes;
}

async function record(
  report: InsertReport<OpenMessage>,
  sinks: EventSinks,
  outcomes: Map<string, Outcome>,
): Promise<void> {
  for (const message of report.stored) outcomes.set(keyOf(message), OK);
  for (const message of report.retry) {
    outcomes.set(keyOf(message), { kind: "retry", reason: report.reason ?? "not inserted" });
  }
  for (const { item, code, reason } of report.poison) {
    log.error("poison_pack", { org_id: item.pack.header.org_id, pack_id: item.pack.header.pack_id, code });
    outcomes.set(keyOf(item), await buried(sinks, item, item.pack, code, reason));
  }
}

async function buried(
  sinks: EventSinks,
  message: PackMessage,
  pack: Pack | undefined,
  code: number,
  reason: string,
): Promise<Outcome> {
  try {
    await sinks.bury(message, pack, code, reason);
    return { kind: "dead", reason };
  } catch (error) {
    return { kind: "retry", reason: `dead letter not written: ${errorText(error)}` };
  }
}

async function keepCopies(messages: readonly OpenMessage[], sinks: EventSinks): Promise<void> {
  const fresh = messages.filter((message) => message.attempts <= 1);
  if (fresh.length === 0) return;
  try {
    await sinks.keepCopy(fresh);
  } catch (error) {
    log.warn("copy_failed", { packs: fresh.length, cause: errorText(error) });
  }
}

/** A live apply that fails as a whole is retried for every org of the batch: nothing is lost, frames are idempotent. */
async function guarded(
  apply: () => Promise<ReadonlyMap<string, Outcome>>,
): Promise<Pick<ReadonlyMap<string, Outcome>, "get">> {
  try {
    return await apply();
  } catch (error) {
    const outcome: Outcome = { kind: "retry", reason: errorText(error) };
    return { get: () => outcome };
  }
}
