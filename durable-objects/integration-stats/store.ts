/**
 * Agents, their versions, unknown names and days of presence in the object's SQLite. Used by IntegrationStats. Every list is
 * bounded: names come from clients.
 */
import {
  type AgentReport,
  type AgentState,
  MAX_AGENT_VERSIONS,
  MAX_AGENTS,
  MAX_NAME_LENGTH,
  MAX_UNKNOWN_NAMES,
  NO_RECORDS,
  PRESENCE_DAYS,
  RECORD_COUNTS,
} from "../../schema/integrations.ts";
import { type Migration, migrate } from "../event-buffer/migrations.ts";
import { type Sql, toNumber, toText } from "../event-buffer/sql.ts";

/** Append-only, as every object's. */
const MIGRATIONS: readonly Migration[] = [
  {
    name: "0001_agents",
    sql: `CREATE TABLE agents (
            agent TEXT PRIMARY KEY,
            mapping INTEGER NOT NULL,
            first_seen INTEGER NOT NULL,
            last_seen INTEGER NOT NULL,
            records INTEGER NOT NULL,
            mapped INTEGER NOT NULL,
            kept INTEGER NOT NULL,
            ignored INTEGER NOT NULL,
            unknown INTEGER NOT NULL,
            rejected INTEGER NOT NULL
          ) WITHOUT ROWID;
          CREATE TABLE versions (
            agent TEXT NOT NULL, version TEXT NOT NULL, last_seen INTEGER NOT NULL, PRIMARY KEY (agent, version)
          ) WITHOUT ROWID;
          CREATE TABLE unknown_names (
            agent TEXT NOT NULL, name TEXT NOT NULL, count INTEGER NOT NULL, PRIMARY KEY (agent, name)
          ) WITHOUT ROWID;
          CREATE TABLE days (agent TEXT NOT NULL, day TEXT NOT NULL, PRIMARY KEY (agent, day)) WITHOUT ROWID`,
  },
];

/** Where the records of a tenant's 51st agent go. */
const OTHER = "other";

const dayOf = (ms: number): string => new Date(ms).toISOString().slice(0, 10);

export class StatsStore {
  readonly #sql: Sql;

  constructor(sql: Sql) {
    this.#sql = sql;
    migrate(sql, MIGRATIONS);
  }

  add(report: AgentReport): void {
    const agent = this.#nameOf(report.agent.slice(0, MAX_NAME_LENGTH));
    const { counts, seen_at: seenAt } = report;
    this.#sql.exec(
      `INSERT INTO agents (agent, mapping, first_seen, last_seen, records, mapped, kept, ignored, unknown, rejected)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT (agent) DO UPDATE SET
         mapping = max(mapping, excluded.mapping),
         last_seen = max(last_seen, excluded.last_seen),
         records = records + excluded.records,
         mapped = mapped + excluded.mapped,
         kept = kept + excluded.kept,
         ignored = ignored + excluded.ignored,
         unknown = unknown + excluded.unknown,
         rejected = rejected + excluded.rejected`,
      agent,
      report.mapping,
      seenAt,
      seenAt,
      ...RECORD_COUNTS.map((name) => counts[name]),
    );
    for (const version of report.versions) this.#addVersion(agent, version.slice(0, MAX_NAME_LENGTH), seenAt);
    for (const [name, count] of Object.entries(report.unknown_names)) {
      this.#addUnknown(agent, name.slice(0, MAX_NAME_LENGTH), count);
    }
    this.#sql.exec("INSERT OR IGNORE INTO days (agent, day) VALUES (?, ?)", agent, dayOf(seenAt));
    this.#sql.exec("DELETE FROM days WHERE agent = ? AND day < ?", agent, dayOf(seenAt - PRESENCE_DAYS * 86_400_000));
  }

  /** Every agent, the latest seen first. */
  all(): AgentState[] {
    return [...this.#sql.exec("SELECT * FROM agents ORDER BY last_seen DESC, agent")].map((row) => {
      const agent = toText(row.agent);
      const counts = { ...NO_RECORDS };
      for (const name of RECORD_COUNTS) counts[name] = toNumber(row[name]);
      return {
        agent,
        mapping: toNumber(row.mapping),
        first_seen: toNumber(row.first_seen),
        last_seen: toNumber(row.last_seen),
        counts,
        versions: this.#rows(
          "SELECT version, last_seen FROM versions WHERE agent = ? ORDER BY last_seen DESC",
          agent,
        ).map((one) => ({ version: toText(one.version), last_seen: toNumber(one.last_seen) })),
        unknown_names: this.#rows(
          "SELECT name, count FROM unknown_names WHERE agent = ? ORDER BY count DESC, name",
          agent,
        ).map((one) => ({ name: toText(one.name), count: toNumber(one.count) })),
        days: this.#rows("SELECT day FROM days WHERE agent = ? ORDER BY day DESC", agent).map((one) => toText(one.day)),
      };
    });
  }

  #rows(query: string, agent: string) {
    return [...this.#sql.exec(query, agent)];
  }

  #nameOf(agent: string): string {
    if (this.#count("SELECT count(*) AS n FROM agents WHERE agent = ?", agent) === 1) return agent;
    return this.#count("SELECT count(*) AS n FROM agents WHERE agent <> ?", OTHER) < MAX_AGENTS ? agent : OTHER;
  }

  #addVersion(agent: string, version: string, seenAt: number): void {
    this.#sql.exec(
      `INSERT INTO versions (agent, version, last_seen) VALUES (?, ?, ?)
       ON CONFLICT (agent, version) DO UPDATE SET last_seen = max(last_seen, excluded.last_seen)`,
      agent,
      version,
      seenAt,
    );
    this.#sql.exec(
      `DELETE FROM versions WHERE agent = ? AND version NOT IN
         (SELECT version FROM versions WHERE agent = ? ORDER BY last_seen DESC, version LIMIT ?)`,
      agent,
      agent,
      MAX_AGENT_VERSIONS,
    );
  }

  #addUnknown(agent: string, name: string, count: number): void {
    const known = this.#count("SELECT count(*) AS n FROM unknown_names WHERE agent = ? AND name = ?", agent, name);
    const names = known === 1 ? 0 : this.#count("SELECT count(*) AS n FROM unknown_names WHERE agent = ?", agent);
    if (names >= MAX_UNKNOWN_NAMES) return;
    this.#sql.exec(
      `INSERT INTO unknown_names (agent, name, count) VALUES (?, ?, ?)
       ON CONFLICT (agent, name) DO UPDATE SET count = count + excluded.count`,
      agent,
      name,
      count,
    );
  }

  #count(query: string, ...values: string[]): number {
    for (const row of this.#sql.exec(query, ...values)) return toNumber(row.n);
    return 0;
  }
}
