/**
 * Tickets (one use, 30 s) and the scopes of sockets. Kept in storage, because the object may hibernate in between.
 * Called by the object's shell. Only the SHA-256 of a ticket's secret is stored.
 */
import { type RowScope, RowScopeSchema } from "../../schema/access.ts";
import { MAX_GRANT_MS, TICKET_MS, type Ticket } from "../../schema/live.ts";
import { type SocketGrant, SocketGrantSchema } from "../../schema/rpc.ts";
import { type Sql, text } from "./tables.ts";

const SECRET_BYTES = 24;
/** Characters of a grant as JSON: a row holds 2 MB. About 40,000 users of a team. */
const MAX_GRANT_CHARS = 1_000_000;

const hex = (bytes: Uint8Array): string => [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");

async function sha256(value: string): Promise<string> {
  return hex(new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(value))));
}

/**
 * Makes a ticket: a secret only. The Worker puts the way to this object before it (schema/ticket.ts). Throws RangeError when
 * the scope is too long to be stored.
 */
export async function issueTicket(sql: Sql, grant: SocketGrant, now: () => number): Promise<Ticket> {
  const secret = hex(crypto.getRandomValues(new Uint8Array(SECRET_BYTES)));
  const id = await sha256(secret);
  const at = now();
  const bounded = SocketGrantSchema.parse({ ...grant, expires_at: Math.min(grant.expires_at, at + MAX_GRANT_MS) });
  const body = JSON.stringify(bounded);
  if (body.length > MAX_GRANT_CHARS) throw new RangeError("a grant names too many users");
  sql.exec("DELETE FROM tickets WHERE expires_at <= ?", at);
  sql.exec(
    "INSERT INTO tickets (id, user_id, expires_at, body) VALUES (?, ?, ?, ?)",
    id,
    grant.user_id,
    at + TICKET_MS,
    body,
  );
  return { ticket: secret, expires_at: at + TICKET_MS };
}

/** The grant of a ticket, which is void from then on; undefined when it is unknown, used or too old. */
export async function redeemTicket(sql: Sql, secret: string, now: () => number): Promise<SocketGrant | undefined> {
  const id = await sha256(secret);
  const [row] = sql.exec("DELETE FROM tickets WHERE id = ? RETURNING expires_at, body", id);
  if (row === undefined || typeof row.expires_at !== "number" || row.expires_at <= now()) return undefined;
  return SocketGrantSchema.parse(JSON.parse(text(row.body)));
}

/** Voids the tickets of a user, or all. */
export function voidTickets(sql: Sql, userId: string | undefined): void {
  if (userId === undefined) sql.exec("DELETE FROM tickets");
  else sql.exec("DELETE FROM tickets WHERE user_id = ?", userId);
}

/** Keeps a scope that is too big for an attachment (16 KB); its id. The same users have the same id. */
export async function keepScope(sql: Sql, scope: RowScope): Promise<string> {
  const body = JSON.stringify(scope);
  const id = await sha256(body);
  const [known] = sql.exec("SELECT 1 AS n FROM scopes WHERE id = ?", id);
  if (known === undefined) sql.exec("INSERT INTO scopes (id, body) VALUES (?, ?)", id, body);
  return id;
}

export function readScope(sql: Sql, id: string): RowScope | undefined {
  const [row] = sql.exec("SELECT body FROM scopes WHERE id = ?", id);
  return row === undefined ? undefined : RowScopeSchema.parse(JSON.parse(text(row.body)));
}

/** Forgets scopes that no socket names. */
export function forgetScopes(sql: Sql, used: ReadonlySet<string>): void {
  for (const row of [...sql.exec("SELECT id FROM scopes")]) {
    if (!used.has(text(row.id))) sql.exec("DELETE FROM scopes WHERE id = ?", text(row.id));
  }
}
