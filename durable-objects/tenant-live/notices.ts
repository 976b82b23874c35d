/**
 * Priority notices: the last 1,000 by identity, shown at once and never counted. A row per call, in slots that are reused.
 * Called by the object's shell.
 */
import { z } from "zod";
import { NoticeSchema } from "../../schema/live.ts";
import type { Notice } from "../../schema/rpc.ts";
import { integer, type Sql, text } from "./tables.ts";

/** Notices kept, and so calls kept: a page shows a hundred. */
export const MAX_NOTICES = 1_000;
/** Notices of one call that are taken; ingest sends a handful. */
const MAX_PER_CALL = 100;

/** Characters of one notice as JSON: every name at its longest fits, and a call's row stays below its 2 MB. */
const MAX_NOTICE_CHARS = 6_000;

const StoredSchema = z.object({ seq: z.number(), notices: z.array(NoticeSchema) });

const keyOf = (notice: Notice): string => `${notice.event_type}|${notice.timestamp}|${notice.event_id}`;

export class Notices {
  readonly #sql: Sql;
  /** In order of arrival. `seq`: the apply counter when it came. */
  readonly #kept = new Map<string, { notice: Notice; seq: number }>();
  #call = 0;

  constructor(sql: Sql) {
    this.#sql = sql;
    for (const row of sql.exec("SELECT call, body FROM notices ORDER BY call")) {
      this.#call = integer(row.call);
      const { seq, notices } = StoredSchema.parse(JSON.parse(text(row.body)));
      for (const notice of notices) this.#upsert(notice, seq);
    }
  }

  /** Keeps the notices of one call; those that are new or changed. */
  add(notices: readonly Notice[], seq: number): Notice[] {
    const parsed = notices.slice(0, MAX_PER_CALL).flatMap((notice) => NoticeSchema.safeParse(notice).data ?? []);
    const fresh = parsed.filter((notice) => {
      if (JSON.stringify(notice).length > MAX_NOTICE_CHARS) return false;
      const known = this.#kept.get(keyOf(notice));
      return known === undefined || JSON.stringify(known.notice) !== JSON.stringify(notice);
    });
    if (fresh.length === 0) return [];
    this.#call++;
    this.#sql.exec(
      "INSERT OR REPLACE INTO notices (slot, call, body) VALUES (?, ?, ?)",
      this.#call % MAX_NOTICES,
      this.#call,
      JSON.stringify({ seq, notices: fresh } satisfies z.infer<typeof StoredSchema>),
    );
    for (const notice of fresh) this.#upsert(notice, seq);
    return fresh;
  }

  all(): Notice[] {
    return [...this.#kept.values()].map(({ notice }) => notice);
  }

  /** Those that came at or after apply `seq`. */
  since(seq: number): Notice[] {
    return [...this.#kept.values()].filter((kept) => kept.seq >= seq).map(({ notice }) => notice);
  }

  #upsert(notice: Notice, seq: number): void {
    this.#kept.set(keyOf(notice), { notice, seq });
    for (const key of this.#kept.keys()) {
      if (this.#kept.size <= MAX_NOTICES) break;
      this.#kept.delete(key);
    }
  }
}
