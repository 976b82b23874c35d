/**
 * Where an ingest key may be used from, and when it last was: what its row in the configuration database says.
 * Called by the tenant record (read) and by ingest (checks, last use). Decides nothing about whether a key is good.
 */
import { and, eq, isNull, lt, or } from "drizzle-orm";
import { drizzle } from "drizzle-orm/d1";
import { z } from "zod";
import { ingestKeyDetails } from "../../schema/d1/config.ts";
import { HOUR_MS } from "../../schema/limits.ts";
import { type IpRange, inRanges, parseRange } from "./ip-ranges.ts";
import { errorText, log } from "./log.ts";
import type { Waiter } from "./single-flight.ts";

export interface KeyLimits {
  /** Undefined: from anywhere. An empty list would mean nowhere. */
  ips: readonly IpRange[] | undefined;
  /** Web origins that may use the key; none: no browser. */
  origins: ReadonlySet<string>;
  /** Last use as this isolate knows it, ms; undefined when the key has no row to note it in. */
  lastUsed: { at: number } | undefined;
}

/** A key without a row: no limits on addresses, no browsers. */
export const NO_LIMITS: KeyLimits = { ips: undefined, origins: new Set(), lastUsed: undefined };

const StringsSchema = z.array(z.string());

/** The list in a JSON column. Throws when it is none: a limit that cannot be read must not be no limit. */
export function storedList(json: string): string[] {
  return StringsSchema.parse(JSON.parse(json));
}

/** The limits of a row. Throws when what is stored cannot be read. */
export function keyLimitsOf(row: typeof ingestKeyDetails.$inferSelect | undefined): KeyLimits {
  if (row === undefined) return NO_LIMITS;
  const ips = storedList(row.allowedIps).map((text) => {
    const range = parseRange(text);
    if (range === undefined) throw new TypeError("a stored address range cannot be read");
    return range;
  });
  return {
    ips: ips.length === 0 ? undefined : ips,
    origins: new Set(storedList(row.allowedOrigins)),
    lastUsed: { at: row.lastUsedAt?.getTime() ?? 0 },
  };
}

/** Why a request may not use the key, or undefined. An unknown address is none that is allowed. */
export function limitRefusal(
  limits: KeyLimits,
  from: { ip: string | undefined; origin: string | undefined },
): "address" | "origin" | undefined {
  if (limits.ips !== undefined && (from.ip === undefined || !inRanges(limits.ips, from.ip))) return "address";
  if (from.origin !== undefined && !limits.origins.has(from.origin)) return "origin";
  return undefined;
}

/**
 * Notes that the key was used, in the background, at most once an hour: this isolate remembers, and the statement's own condition
 * keeps other isolates from writing the row again.
 */
export function noteUse(database: D1Database, limits: KeyLimits, keyId: string, waiter: Waiter, now: number): void {
  const { lastUsed } = limits;
  if (lastUsed === undefined || now - lastUsed.at < HOUR_MS) return;
  lastUsed.at = now;
  const { lastUsedAt } = ingestKeyDetails;
  waiter.waitUntil(
    drizzle(database)
      .update(ingestKeyDetails)
      .set({ lastUsedAt: new Date(now) })
      .where(
        and(eq(ingestKeyDetails.keyId, keyId), or(isNull(lastUsedAt), lt(lastUsedAt, new Date(now - HOUR_MS + 1)))),
      )
      .catch((error: unknown) => log.warn("key_use_not_noted", { key_id: keyId, cause: errorText(error) })),
  );
}
