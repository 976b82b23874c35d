/**
 * Usage per UTC day and the buckets' levels, in the object's SQLite: one row a day, written as a whole.
 * Used by QuotaLease. Counts nothing itself.
 */
import { type Meter, NO_USAGE, USAGE_NAMES, type UsageCounts, type UsageDay } from "../../schema/rpc.ts";
import { type Migration, migrate } from "../event-buffer/migrations.ts";
import { type Sql, type SqlValue, toNumber, toText } from "../event-buffer/sql.ts";

/** Append-only, as every object's. Levels stand with the day's counts, so that a flush is one row. */
const MIGRATIONS: readonly Migration[] = [
  {
    name: "0001_usage",
    sql: `CREATE TABLE usage (
            day TEXT PRIMARY KEY,
            requests INTEGER NOT NULL,
            events INTEGER NOT NULL,
            bytes INTEGER NOT NULL,
            rejected INTEGER NOT NULL,
            rate_limited INTEGER NOT NULL,
            api_requests INTEGER NOT NULL,
            events_level REAL,
            api_level REAL,
            written_at INTEGER NOT NULL
          ) WITHOUT ROWID`,
  },
];

/** Tokens in each bucket; null: never used. */
export type Levels = Record<Meter, number | null>;

export interface StoredDay {
  usage: UsageDay;
  levels: Levels;
  writtenAt: number;
}

export class UsageStore {
  readonly #sql: Sql;

  constructor(sql: Sql) {
    this.#sql = sql;
    migrate(sql, MIGRATIONS);
  }

  /** The newest day on record. */
  latest(): StoredDay | undefined {
    for (const row of this.#sql.exec("SELECT * FROM usage ORDER BY day DESC LIMIT 1")) {
      const level = (value: SqlValue | undefined) => (value === null ? null : toNumber(value));
      return {
        usage: usageOf(row),
        levels: { events: level(row.events_level), api: level(row.api_level) },
        writtenAt: toNumber(row.written_at),
      };
    }
    return undefined;
  }

  /** Writes a day over what it was. */
  put({ usage, levels, writtenAt }: StoredDay): void {
    this.#sql.exec(
      `INSERT OR REPLACE INTO usage
         (day, requests, events, bytes, rejected, rate_limited, api_requests, events_level, api_level, written_at)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      usage.day,
      usage.requests,
      usage.events,
      usage.bytes,
      usage.rejected,
      usage.rate_limited,
      usage.api_requests,
      levels.events,
      levels.api,
      writtenAt,
    );
  }

  /** Days from `day` on, newest first. */
  since(day: string): UsageDay[] {
    return [...this.#sql.exec("SELECT * FROM usage WHERE day >= ? ORDER BY day DESC", day)].map(usageOf);
  }

  forgetBefore(day: string): void {
    this.#sql.exec("DELETE FROM usage WHERE day < ?", day);
  }
}

function usageOf(row: Record<string, SqlValue>): UsageDay {
  const counts: UsageCounts = { ...NO_USAGE };
  for (const name of USAGE_NAMES) counts[name] = toNumber(row[name]);
  return { day: toText(row.day), ...counts };
}
