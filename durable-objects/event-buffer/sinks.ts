/**
 * The three sinks of a flush, each built from one-method functions: apply, insert, put. Called by FlushPump.
 * They hold no state; a sink that stops early says how many leading packs are done.
 */
import { BACKFILL_AGE_MS } from "../../schema/limits.ts";
import { type Pack, PackError, readPack } from "../../schema/pack.ts";
import { type ApplyRequest, RPC_VERSION } from "../../schema/rpc.ts";
import { type InsertRows, insertIsolating } from "../../workers/shared/clickhouse-insert.ts";
import { errorText } from "../../workers/shared/log.ts";
import { copyKey, copyMetadata, deadLetterKey, joinPacks } from "../../workers/shared/stored-packs.ts";
import { deadLetter, type PutDeadLetter, unreadableKey } from "./dead-letter.ts";
import { withDeadline } from "./deadline.ts";
import type { Sink } from "./flush-pump.ts";
import { CALL_TIMEOUT_MS } from "./limits.ts";
import type { StoredPack } from "./pack-store.ts";

type OpenedPack = StoredPack & { pack: Pack };

/** What of an apply's answer the sink needs: frames it could not read are passed over, and either calls for a rebuild. */
export type ApplyFrames = (request: ApplyRequest) => Promise<{ unreadable?: number; incomplete?: boolean }>;

/** Frames of all packs in one RPC. Packs with an event older than BACKFILL_AGE_MS are passed over: their windows are sealed. */
export function liveSink(apply: ApplyFrames, now: () => number): Sink {
  return async ({ orgId, packs }) => {
    const oldest = now() - BACKFILL_AGE_MS;
    const recent = packs
      .map(open)
      .filter((item): item is OpenedPack => item !== null && item.pack.header.oldest >= oldest);
    const passedOver = packs.length - recent.length;
    if (recent.length === 0) return { passed: packs.length, skipped: passedOver, error: null };
    const frames = recent.map(({ pack: { header, frame } }) => ({
      pack_id: header.pack_id,
      received_at: header.received_at,
      frame: frame.slice(), // a view would be sent with the whole row behind it
    }));
    try {
      const answer = await withDeadline(apply({ v: RPC_VERSION, org_id: orgId, packs: frames }), CALL_TIMEOUT_MS);
      const { unreadable = 0, incomplete = false } = answer;
      const missed = unreadable > 0 || incomplete;
      return { passed: packs.length, skipped: passedOver + unreadable, error: null, missed };
    } catch (error) {
      return { passed: 0, skipped: 0, error: errorText(error) };
    }
  };
}

/**
 * Rows of all packs in one insert, bytes passed through. Bad data is isolated by halving, from the oldest on, so what
 * is decided is always a leading run. `bufferId` keeps deduplication tokens of two buffers apart.
 */
export function clickHouseSink(insert: InsertRows, put: PutDeadLetter, bufferId: string, now: () => number): Sink {
  return async ({ orgId, packs }) => {
    const opened = packs.map(open);
    const readable = opened.filter((item) => item !== null);
    const ids = new Map(readable.map(({ seq, pack }) => [pack.body, `${seq}:${pack.header.pack_id}`]));
    const withToken: InsertRows = async (bodies) =>
      await insert(
        bodies,
        await compositionToken(
          bufferId,
          bodies.map((body) => ids.get(body) ?? ""),
        ),
      );
    const report = await insertIsolating(readable, (item) => item.pack.body, withToken);
    const letters = report.poison.map(({ item, code, reason }) =>
      deadLetter(deadLetterKey(item.pack.header, now()), item.bytes, { code, reason }),
    );
    for (const [index, stored] of packs.entries()) {
      if (opened[index] !== null) continue;
      letters.push(deadLetter(unreadableKey(orgId, `unreadable-${stored.seq}`, now()), stored.bytes, UNREADABLE));
    }
    for (const letter of letters) await withDeadline(put(letter), CALL_TIMEOUT_MS);
    const undecided = report.retry[0]?.seq;
    const passed = undecided === undefined ? packs.length : packs.findIndex(({ seq }) => seq === undecided);
    const skipped = letters.length;
    return { passed, skipped, error: report.reason ?? null };
  };
}

/** Puts one object with what daily receipts count of it; rejects when it is not stored. */
export type PutObject = (key: string, body: Uint8Array, customMetadata: Record<string, string>) => Promise<unknown>;

/**
 * The packs as one object `packs/<yyyy-mm-dd>/<hh>/<flush id>`, for replay. The key comes from the recorded
 * composition, so a repeated flush overwrites itself.
 */
export function archiveSink(put: PutObject, bufferId: string): Sink {
  return async ({ plan, packs }) => {
    const key = copyKey(`${plan.at}-${bufferId.slice(0, 16)}-${plan.to}`, plan.at);
    try {
      const metadata = copyMetadata(packs.map((stored) => open(stored)?.pack.header));
      await withDeadline(put(key, joinPacks(packs.map(({ bytes }) => bytes)), metadata), CALL_TIMEOUT_MS);
      return { passed: packs.length, skipped: 0, error: null };
    } catch (error) {
      return { passed: 0, skipped: 0, error: errorText(error) };
    }
  };
}

/** A pack of a version that this code no longer reads, or damaged: nothing can be inserted. */
const UNREADABLE = { code: 0, reason: "not a readable pack" };

/** SHA-256 of a composition: another composition never has the same token, for a reused one would drop its rows. */
export async function compositionToken(bufferId: string, packs: readonly string[]): Promise<string> {
  const text = new TextEncoder().encode([bufferId, ...packs].join("\n"));
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", text));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function open(stored: StoredPack): OpenedPack | null {
  try {
    return { ...stored, pack: readPack(stored.bytes) };
  } catch (error) {
    if (error instanceof PackError) return null;
    throw error;
  }
}
