/**
 * Daily receipts: what the copies of packs of one day amount to, chained to the day before. Made from listings of the bucket
 * alone, after the day is over: nothing is written per pack. Called by the cron (seal) and the residency route (read).
 * A receipt is never written twice. A copy that reaches the bucket after its day was sealed is in no receipt.
 */
import { type Receipt, ReceiptSchema } from "../../schema/api/residency.ts";
import { DAY_MS, HOUR_MS } from "../../schema/limits.ts";
import { type RedactionCounts, sumOfRedactions } from "../../schema/redaction.ts";
import { readCopyMetadata } from "./stored-packs.ts";

/** Copies may be late by an outage of the bucket; a day is sealed this long after its end. */
const SEAL_AFTER_MS = 2 * HOUR_MS;
/** Copies are kept 7 days; a day that could not be sealed is tried again while they are there. */
const CATCH_UP_DAYS = 5;
/** Receipts an answer shows, per subject. */
const SHOWN_DAYS = 14;

export type ReceiptBucket = Pick<R2Bucket, "list" | "get" | "put">;

/** Whose copies: an EU organisation, or what a region's queue consumers keep. */
export interface Subject {
  name: string;
  place: string;
  owns(key: string): boolean;
}

interface Copy {
  key: string;
  size: number;
  etag: string;
  packs: number;
  redacted: RedactionCounts;
}

const NOTHING: RedactionCounts = { dropped: 0, hashed: 0, secrets: 0 };

const dayOf = (ms: number): string => new Date(ms).toISOString().slice(0, 10);
const prefixOf = (subject: string): string => `receipts/${encodeURIComponent(subject)}/`;

/** Days that are over and may still be sealed, oldest first. */
export function daysToSeal(now: number): string[] {
  const newest = Math.floor((now - SEAL_AFTER_MS) / DAY_MS) - 1;
  return Array.from({ length: CATCH_UP_DAYS }, (_, n) => dayOf((newest - CATCH_UP_DAYS + 1 + n) * DAY_MS));
}

/** Seals a day for every subject that has copies and no receipt of it; the number of new receipts. Rejects when R2 does. */
export async function sealDay(
  bucket: ReceiptBucket,
  subjects: readonly Subject[],
  day: string,
  now: number,
): Promise<number> {
  const copies = await listCopies(bucket, day);
  let sealed = 0;
  for (const subject of subjects) {
    const mine = copies.filter(({ key }) => subject.owns(key));
    if (mine.length === 0) continue;
    const before = (await readReceipts(bucket, subject.name, now)).filter((receipt) => receipt.day <= day);
    const previous = before.at(-1);
    if (previous?.day === day) continue;
    const receipt = await makeReceipt(subject, day, mine, previous, now);
    const key = `${prefixOf(subject.name)}${day}`;
    const stored = await bucket.put(key, JSON.stringify(receipt), { onlyIf: { etagDoesNotMatch: "*" } });
    if (stored !== null) sealed++;
  }
  return sealed;
}

async function listCopies(bucket: ReceiptBucket, day: string): Promise<Copy[]> {
  const copies: Copy[] = [];
  let cursor: string | undefined;
  do {
    const page = await bucket.list({
      prefix: `packs/${day}/`,
      include: ["customMetadata"],
      ...(cursor === undefined ? {} : { cursor }),
    });
    for (const { key, size, etag, customMetadata } of page.objects) {
      copies.push({ key, size, etag, ...readCopyMetadata(customMetadata) });
    }
    cursor = page.truncated ? page.cursor : undefined;
  } while (cursor !== undefined);
  return copies;
}

async function makeReceipt(
  subject: Subject,
  day: string,
  copies: readonly Copy[],
  previous: Receipt | undefined,
  now: number,
): Promise<Receipt> {
  const sorted = [...copies].sort((a, b) => (a.key < b.key ? -1 : 1));
  const receipt = {
    v: 2 as const,
    subject: subject.name,
    place: subject.place,
    day,
    objects: sorted.length,
    packs: sorted.reduce((sum, { packs }) => sum + packs, 0),
    bytes: sorted.reduce((sum, { size }) => sum + size, 0),
    redacted: sumOfRedactions(sorted.map(({ redacted }) => redacted)) ?? NOTHING,
    listing_sha256: await sha256(sorted.map(({ key, size, etag }) => `${key} ${size} ${etag}\n`).join("")),
    previous: previous === undefined ? null : { day: previous.day, sha256: previous.sha256 },
    sealed_at: new Date(now).toISOString(),
  };
  return { ...receipt, sha256: await sha256(JSON.stringify(receipt)) };
}

/** Receipts of the last days, oldest first. Rejects for an object that is no receipt. */
export async function readReceipts(bucket: ReceiptBucket, subject: string, now: number): Promise<Receipt[]> {
  const prefix = prefixOf(subject);
  const { objects } = await bucket.list({ prefix, startAfter: `${prefix}${dayOf(now - SHOWN_DAYS * DAY_MS)}` });
  const receipts: Receipt[] = [];
  for (const { key } of objects) {
    const object = await bucket.get(key);
    if (object !== null) receipts.push(ReceiptSchema.parse(JSON.parse(await object.text())));
  }
  return receipts;
}

/** The first day whose receipt was changed, or does not follow the one before; undefined when the chain holds. */
export async function brokenAt(receipts: readonly Receipt[]): Promise<string | undefined> {
  for (const [n, { sha256: claimed, ...receipt }] of receipts.entries()) {
    if ((await sha256(JSON.stringify(receipt))) !== claimed) return receipt.day;
    const before = receipts[n - 1];
    if (before !== undefined && receipt.previous?.sha256 !== before.sha256) return receipt.day;
  }
  return undefined;
}

async function sha256(text: string): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text)));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
