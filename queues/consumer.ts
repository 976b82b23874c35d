/**
 * queue(): takes a batch to its consumer by the queue's name, wires the sinks to the bindings, and settles every message.
 * Called by workers/index.ts. Never throws: a throw would retry messages that are already decided.
 */
import type { Pack } from "../schema/pack.ts";
import { clickHouseInsert } from "../workers/shared/clickhouse-insert.ts";
import { type ClickHouseTarget, type Env, readConfig } from "../workers/shared/env.ts";
import { errorText, log } from "../workers/shared/log.ts";
import { bucketOf, copyKey, copyMetadata, deadLetterKey, joinPacks } from "../workers/shared/stored-packs.ts";
import { waitingMessages } from "../workers/shared/waiting-messages.ts";
import { buryAll } from "./dead-letters.ts";
import { consumeEvents, type EventSinks, type OpenMessage, type PackMessage } from "./events.ts";
import { liveApply } from "./live-apply.ts";
import { type Outcome, settle } from "./outcome.ts";

/** Kept of a reason in an object's metadata (R2 allows 8,192 B in all). */
const MAX_REASON = 500;

const bytesOf = (body: unknown): Uint8Array => {
  if (body instanceof Uint8Array) return body;
  if (body instanceof ArrayBuffer) return new Uint8Array(body);
  return new Uint8Array(0);
};

/** Consumes one batch. */
export async function consume(batch: MessageBatch<unknown>, env: Env, now: () => number = Date.now): Promise<void> {
  const messages: PackMessage[] = batch.messages.map((message) => ({
    id: message.id,
    attempts: message.attempts,
    bytes: bytesOf(message.body),
  }));
  for (const { id } of messages) waitingMessages.put(id);
  const outcomes = await decide(batch.queue, messages, env, now);
  for (const message of batch.messages) {
    const outcome = outcomes.get(message.id) ?? { kind: "retry", reason: "undecided" };
    settle(message, outcome);
    if (outcome.kind !== "retry") waitingMessages.seen(message.id);
  }
}

/** Queue names end the same in every environment: `tenfold-events-0`, `tenfold-staging-backfill`, `...-dead`. */
async function decide(
  queue: string,
  messages: readonly PackMessage[],
  env: Env,
  now: () => number,
): Promise<Map<string, Outcome>> {
  try {
    if (queue.endsWith("-dead")) return await buryAll(messages, buryInBucket(env, now));
    return await consumeEvents(messages, sinksOf(env, now), !queue.endsWith("-backfill"));
  } catch (error) {
    log.error("batch_failed", { queue, messages: messages.length, cause: errorText(error) });
    return new Map();
  }
}

function sinksOf(env: Env, now: () => number): EventSinks {
  const { clickhouse } = readConfig(env);
  const writer = (target: ClickHouseTarget) => clickHouseInsert(target);
  return {
    insert: { us: writer(clickhouse.us), eu: writer(clickhouse.eu) },
    applyLive: liveApply(env),
    keepCopy: (messages) => keepCopy(env, messages, now()),
    bury: buryInBucket(env, now),
  };
}

/** One object per bucket and batch: `packs/<day>/<hour>/<time>-<first pack>`. */
async function keepCopy(env: Env, messages: readonly OpenMessage[], now: number): Promise<void> {
  const byBucket = new Map<R2Bucket, OpenMessage[]>();
  for (const message of messages) {
    const bucket = bucketOf(env, message.pack.header);
    byBucket.set(bucket, [...(byBucket.get(bucket) ?? []), message]);
  }
  await Promise.all(
    [...byBucket].map(([bucket, items]) => {
      const key = copyKey(`${now}-${items[0]?.pack.header.pack_id ?? ""}`, now);
      const customMetadata = copyMetadata(items.map(({ pack }) => pack.header));
      return bucket.put(key, joinPacks(items.map((item) => item.bytes)), { customMetadata });
    }),
  );
}

function buryInBucket(env: Env, now: () => number): EventSinks["bury"] {
  return async (message, pack: Pack | undefined, code, reason) => {
    const at = now();
    const [bucket, key] =
      pack === undefined
        ? [env.BUCKET, `dead-letters/unreadable/${at}-${message.id}`]
        : [bucketOf(env, pack.header), deadLetterKey(pack.header, at)];
    await bucket.put(key, message.bytes, {
      customMetadata: { code: String(code), reason: reason.slice(0, MAX_REASON) },
    });
  };
}
