/**
 * The Cache API as a second tier behind an isolate's memory: answers shared by the isolates of one data centre. Used by answers.ts
 * for tenants whose residency allows it; an EU tenant's answers stay in isolate memory. A failing cache is an absent one.
 */
import { errorText, log } from "../../shared/log.ts";
import type { StoredAnswer } from "./memory.ts";

/** The two methods that are used. */
export interface SharedTier {
  get(key: string): Promise<StoredAnswer | undefined>;
  set(key: string, answer: StoredAnswer, keepMs: number): Promise<void>;
}

/** No host of ours has this name, so no request of a client can meet a stored answer. */
const ADDRESS = "https://answers.tenfold.invalid/";
const STORED_AT = "x-stored-at";

/** The data centre's cache. */
export const dataCentreCache: SharedTier = {
  async get(key) {
    try {
      const found = await caches.default.match(ADDRESS + key);
      if (found === undefined) return undefined;
      const storedAt = Number(found.headers.get(STORED_AT));
      const etag = found.headers.get("etag");
      const text = await found.text();
      return etag === null || !(storedAt > 0) ? undefined : { text, etag, storedAt };
    } catch (error) {
      log.warn("answer_cache_failed", { cause: errorText(error) });
      return undefined;
    }
  },
  async set(key, { text, etag, storedAt }, keepMs) {
    const headers = { etag, [STORED_AT]: String(storedAt), "cache-control": `max-age=${Math.ceil(keepMs / 1_000)}` };
    try {
      await caches.default.put(ADDRESS + key, new Response(text, { headers }));
    } catch (error) {
      log.warn("answer_cache_failed", { cause: errorText(error) });
    }
  },
};

/** Nothing is shared. */
export const noSharedTier: SharedTier = { get: async () => undefined, set: async () => undefined };
