/**
 * Packs beyond the cap: into the EU bucket under `spill/<org>/`, and back into SQLite, oldest first, when there is room.
 * Called by EventBuffer. Buffers of one org share the prefix, so another shard may bring a pack back; a pack brought
 * back twice is absorbed by identity.
 */
import { PackError, readPack } from "../../schema/pack.ts";
import { errorText } from "../../workers/shared/log.ts";
import { deadLetter, unreadableKey } from "./dead-letter.ts";
import { withDeadline } from "./deadline.ts";
import { CALL_TIMEOUT_MS, MAX_FLUSH_EVENTS, MAX_ROW_BYTES, SPILL_PAGE, SPILL_PARALLEL, type Tuning } from "./limits.ts";
import { type PackStore, sizeInRow } from "./pack-store.ts";
import { groupRows } from "./planner.ts";
import { retryDelay } from "./state.ts";

export type SpillBucket = Pick<R2Bucket, "put" | "get" | "list" | "delete">;

export class Spill {
  readonly #bucket: SpillBucket;
  readonly #store: PackStore;
  readonly #tuning: Tuning;
  /** Counts writes begun and ended: a listing is only trusted to be empty when none overlapped it. */
  #writes = 0;
  #writing = 0;
  #replaying = false;
  #failures = 0;
  #retryAt = 0;
  #error: string | null = null;

  constructor(bucket: SpillBucket, store: PackStore, tuning: Tuning) {
    this.#bucket = bucket;
    this.#store = store;
    this.#tuning = tuning;
  }

  /** Why the last replay stopped; null after a good one. */
  get error(): string | null {
    return this.#error;
  }

  /** Stores packs in the bucket; rejects when one of them is not stored (others may be). */
  async write(orgId: string, packs: readonly { packId: string; bytes: Uint8Array }[]): Promise<void> {
    if (!this.#store.state.spilling) {
      this.#store.set({ ...this.#store.state, spilling: true });
      this.#store.save();
    }
    this.#writes++;
    this.#writing++;
    try {
      const time = String(this.#tuning.now()).padStart(14, "0");
      await inParallel(packs, async ({ packId, bytes }) => {
        await withDeadline(this.#bucket.put(`${prefix(orgId)}${time}-${packId}`, bytes), CALL_TIMEOUT_MS);
      });
    } finally {
      this.#writes++;
      this.#writing--;
    }
  }

  /** When to replay next (ms, maybe past); null: nothing is spilled, there is no room, or a replay is under way. */
  nextDue(): number | null {
    const room = this.#store.bytes < this.#tuning.resumeBytes;
    return this.#store.state.spilling && room && !this.#replaying ? this.#retryAt : null;
  }

  /** Brings one page of packs back if it is due. Never rejects. */
  async run(): Promise<void> {
    const due = this.nextDue();
    if (due === null || due > this.#tuning.now()) return;
    this.#replaying = true;
    try {
      await this.#replayPage();
      this.#failures = 0;
      this.#retryAt = 0;
      this.#error = null;
    } catch (error) {
      this.#failures++;
      this.#retryAt = this.#tuning.now() + retryDelay(this.#failures, this.#tuning.random());
      this.#error = errorText(error);
    } finally {
      this.#replaying = false;
    }
  }

  async #replayPage(): Promise<void> {
    const { org_id: orgId } = this.#store.state;
    if (orgId === null) return;
    const writes = this.#writes;
    const listing = this.#bucket.list({ prefix: prefix(orgId), limit: SPILL_PAGE });
    const { objects } = await withDeadline(listing, CALL_TIMEOUT_MS);
    if (objects.length === 0) {
      if (this.#writing > 0 || this.#writes !== writes) return;
      this.#store.set({ ...this.#store.state, spilling: false });
      this.#store.save();
      return;
    }
    const found: { key: string; bytes: Uint8Array; events: number; size: number }[] = [];
    await inParallel(objects, async ({ key }) => {
      const bytes = await this.#get(key);
      if (bytes === null) return;
      const events = eventsOf(bytes, orgId);
      if (events === null) await this.#putAside(orgId, key, bytes);
      else found.push({ key, bytes, events, size: sizeInRow(bytes) });
    });
    found.sort((a, b) => (a.key < b.key ? -1 : 1));
    for (const row of groupRows(found, MAX_ROW_BYTES, MAX_FLUSH_EVENTS)) {
      if (this.#store.bytes >= this.#tuning.resumeBytes) break;
      const events = row.reduce((sum, pack) => sum + pack.events, 0);
      const bytes = row.map((pack) => pack.bytes);
      this.#store.append(bytes, events, this.#tuning.now());
      // The output gate holds this request back until the row is durable.
      await withDeadline(this.#bucket.delete(row.map(({ key }) => key)), CALL_TIMEOUT_MS);
    }
  }

  async #get(key: string): Promise<Uint8Array | null> {
    const object = await withDeadline(this.#bucket.get(key), CALL_TIMEOUT_MS);
    return object === null ? null : new Uint8Array(await withDeadline(object.arrayBuffer(), CALL_TIMEOUT_MS));
  }

  /** What is no pack of this org can never be replayed: it would be listed first for ever. */
  async #putAside(orgId: string, key: string, bytes: Uint8Array): Promise<void> {
    const why = { code: 0, reason: "a spilled object that is no pack of its org" };
    const place = unreadableKey(orgId, key.slice(prefix(orgId).length), this.#tuning.now());
    const letter = deadLetter(place, bytes, why);
    const put = this.#bucket.put(letter.key, letter.body, { customMetadata: letter.customMetadata });
    await withDeadline(put, CALL_TIMEOUT_MS);
    await withDeadline(this.#bucket.delete(key), CALL_TIMEOUT_MS);
  }
}

function prefix(orgId: string): string {
  return `spill/${orgId}/`;
}

function eventsOf(bytes: Uint8Array, orgId: string): number | null {
  try {
    const { header } = readPack(bytes);
    return header.org_id === orgId && header.region === "eu" ? header.count : null;
  } catch (error) {
    if (error instanceof PackError) return null;
    throw error;
  }
}

/** Runs `work` on every item, SPILL_PARALLEL at a time; rejects when one does. */
async function inParallel<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  for (let at = 0; at < items.length; at += SPILL_PARALLEL) {
    await Promise.all(items.slice(at, at + SPILL_PARALLEL).map(work));
  }
}
