/**
 * Cumulative series in the object's SQLite: how far each was counted, and which intervals wait to be durable elsewhere.
 * Used by MetricSeries. Plain synchronous methods; the caller runs each in one transaction.
 *
 * Invariants: the intervals ever handed out of one (series, start) are disjoint and cover (0, highest]; one that was handed out
 * and not confirmed is handed out again with the same bounds and time. So each makes one event, however often it is sent.
 */
import { z } from "zod";
import type { SeriesInterval, SeriesPoint } from "../../schema/rpc.ts";
import { type Migration, migrate } from "../event-buffer/migrations.ts";
import { type Sql, toNumber, toText } from "../event-buffer/sql.ts";
import { FORGET_AFTER_MS, MAX_PENDING, SIGHTING_MS, type Tuning } from "./limits.ts";

/** Append-only, as every object's. `pending`: JSON of [from, to, time]; a series is one row, so a change is one row written. */
const MIGRATIONS: readonly Migration[] = [
  {
    name: "0001_series",
    sql: `CREATE TABLE series (
            series TEXT NOT NULL,
            start TEXT NOT NULL,
            highest REAL NOT NULL,
            pending TEXT NOT NULL,
            seen_at INTEGER NOT NULL,
            PRIMARY KEY (series, start)
          ) WITHOUT ROWID`,
  },
  { name: "0002_total", sql: "CREATE TABLE total (id INTEGER PRIMARY KEY CHECK (id = 1), series INTEGER NOT NULL)" },
];

const PendingSchema = z.array(z.tuple([z.number(), z.number(), z.string()]));
type Pending = z.infer<typeof PendingSchema>;

interface Row {
  highest: number;
  pending: Pending;
  seenAt: number;
}

export class SeriesStore {
  readonly #sql: Sql;
  readonly #tuning: Tuning;
  #total: number;

  constructor(sql: Sql, tuning: Tuning) {
    this.#sql = sql;
    this.#tuning = tuning;
    migrate(sql, MIGRATIONS);
    this.#total = 0;
    for (const row of sql.exec("SELECT series FROM total")) this.#total = toNumber(row.series);
  }

  /** Series on record. */
  get total(): number {
    return this.#total;
  }

  /**
   * What the point adds to its series, and what of the series still waits. `full`: a new series, and there are too many;
   * `behind`: so much of this one waits that the point has to be sent again.
   */
  advance(point: SeriesPoint): SeriesInterval[] | "full" | "behind" {
    const { series, start, value, time } = point;
    if (!(value > 0 && Number.isFinite(value))) return [];
    const now = this.#tuning.now();
    const row = this.#row(series, start);
    if (row === undefined) {
      if (this.#total >= this.#tuning.maxSeries) return "full";
      const pending: Pending = [[0, value, time]];
      this.#put(series, start, { highest: value, pending, seenAt: now });
      this.#count(1);
      return intervals(series, start, pending);
    }
    const higher = value > row.highest;
    if (higher && row.pending.length >= MAX_PENDING) return "behind";
    const pending: Pending = higher ? [...row.pending, [row.highest, value, time]] : row.pending;
    if (higher || now - row.seenAt >= SIGHTING_MS) {
      this.#put(series, start, { highest: Math.max(row.highest, value), pending, seenAt: now });
    }
    return intervals(series, start, pending);
  }

  /** The intervals are durable; what is not on record is ignored. */
  confirm(confirmed: readonly SeriesInterval[]): void {
    const groups = Map.groupBy(confirmed, ({ series, start }) => `${start} ${series}`);
    for (const [first, ...rest] of groups.values()) {
      if (first === undefined) continue;
      const row = this.#row(first.series, first.start);
      if (row === undefined) continue;
      const done = new Set([first, ...rest].map(({ from, to }) => `${from} ${to}`));
      const pending = row.pending.filter(([from, to]) => !done.has(`${from} ${to}`));
      if (pending.length < row.pending.length) this.#put(first.series, first.start, { ...row, pending });
    }
  }

  /** Forgets the series that were not seen for long. */
  forget(): void {
    const before = this.#tuning.now() - FORGET_AFTER_MS;
    let forgotten = 0;
    for (const row of this.#sql.exec("SELECT count(*) AS n FROM series WHERE seen_at < ?", before)) {
      forgotten = toNumber(row.n);
    }
    if (forgotten === 0) return;
    this.#sql.exec("DELETE FROM series WHERE seen_at < ?", before);
    this.#count(-forgotten);
  }

  #row(series: string, start: string): Row | undefined {
    const query = "SELECT highest, pending, seen_at FROM series WHERE series = ? AND start = ?";
    for (const row of this.#sql.exec(query, series, start)) {
      const pending = PendingSchema.parse(JSON.parse(toText(row.pending)));
      return { highest: toNumber(row.highest), pending, seenAt: toNumber(row.seen_at) };
    }
    return undefined;
  }

  #put(series: string, start: string, { highest, pending, seenAt }: Row): void {
    this.#sql.exec(
      "INSERT OR REPLACE INTO series (series, start, highest, pending, seen_at) VALUES (?, ?, ?, ?, ?)",
      series,
      start,
      highest,
      JSON.stringify(pending),
      seenAt,
    );
  }

  #count(change: number): void {
    this.#total += change;
    this.#sql.exec("INSERT OR REPLACE INTO total (id, series) VALUES (1, ?)", this.#total);
  }
}

function intervals(series: string, start: string, pending: Pending): SeriesInterval[] {
  return pending.map(([from, to, time]) => ({ series, start, from, to, time }));
}
