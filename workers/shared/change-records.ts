/**
 * Changes of configuration with their record, in one transaction of one configuration database.
 * Called by the settings routes and the operator app. Knows no tables but the record's own.
 */

/** `before` and `after` as they may be shown: never a secret or a hash; null when there was or is nothing. */
export interface ChangeRecord {
  orgId: string;
  at: number;
  /** A user id, or `operator`. */
  actor: string;
  /** `resource.verb`. */
  action: string;
  target: string;
  before: unknown;
  after: unknown;
  requestId: string;
}

/** What drizzle makes of a statement. */
interface Compiled {
  toSQL(): { sql: string; params: unknown[] };
}

/** Text of a statement and its values. */
export interface PlainStatement {
  sql: string;
  params: readonly unknown[];
}

const INSERT_IF_CHANGED = `INSERT INTO change_records
  (change_id, org_id, at, actor, action, target, before, after, request_id)
SELECT ?, ?, ?, ?, ?, ?, ?, ?, ?
WHERE changes() > 0`;

/**
 * Runs the first statement and, if it changed a row, its record; then the others, whatever happened. All or nothing.
 * Resolves to whether the first one changed something: its WHERE clause holds the conditions, so that two requests at the same
 * time cannot both meet them.
 */
export async function changeWithRecord(
  database: D1Database,
  change: Compiled | PlainStatement,
  record: ChangeRecord,
  others: readonly (Compiled | PlainStatement)[] = [],
): Promise<boolean> {
  const { orgId, at, actor, action, target, requestId } = record;
  const texts = [JSON.stringify(record.before ?? null), JSON.stringify(record.after ?? null)];
  const insert = database
    .prepare(INSERT_IF_CHANGED)
    .bind(crypto.randomUUID(), orgId, at, actor, action, target, ...texts, requestId);
  const statements = others.map((statement) => prepared(database, statement));
  const [first] = await database.batch([prepared(database, change), insert, ...statements]);
  return (first?.meta.changes ?? 0) > 0;
}

function prepared(database: D1Database, statement: Compiled | PlainStatement): D1PreparedStatement {
  const { sql, params } = "toSQL" in statement ? statement.toSQL() : statement;
  return database.prepare(sql).bind(...params);
}
