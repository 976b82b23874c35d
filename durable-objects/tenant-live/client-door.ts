/**
 * What a client brings: the upgrade's ticket, filter and cursor, its attachment, its messages.
 * Called by the object's shell. Decides; sends and closes nothing.
 */
import type { RowScope } from "../../schema/access.ts";
import {
  type ClientFrame,
  ClientFrameSchema,
  type LiveCursor,
  type LiveFilter,
  LiveFilterSchema,
  parseSince,
} from "../../schema/live.ts";
import { LIVE_HEADERS, type SocketGrant } from "../../schema/rpc.ts";
import { type Attachment, AttachmentSchema, MAX_INLINE_SCOPE_BYTES } from "./sockets.ts";
import type { Sql } from "./tables.ts";
import { keepScope, readScope, redeemTicket } from "./tickets.ts";

/** Characters of one client message; a filter of six long values fits. */
const MAX_MESSAGE_CHARS = 16_000;

export interface Upgrade {
  grant: SocketGrant;
  filter: LiveFilter;
  since: LiveCursor | undefined;
}

/** Redeems the upgrade's ticket; undefined when it opens no socket. */
export async function openUpgrade(sql: Sql, request: Request, now: () => number): Promise<Upgrade | undefined> {
  const secret = request.headers.get(LIVE_HEADERS.ticket);
  if (secret === null) return undefined;
  const filter = LiveFilterSchema.safeParse(parsed(decoded(request.headers.get(LIVE_HEADERS.filter) ?? "{}")));
  if (!filter.success) return undefined;
  const grant = await redeemTicket(sql, secret, now);
  if (grant === undefined || grant.expires_at <= now()) return undefined;
  return { grant, filter: filter.data, since: parseSince(request.headers.get(LIVE_HEADERS.since)) };
}

/** A grant and a filter as an attachment; a big scope goes into storage. */
export async function attachmentOf(sql: Sql, grant: SocketGrant, filter: LiveFilter): Promise<Attachment> {
  const { user_id, role, scope, expires_at } = grant;
  const inline = new TextEncoder().encode(JSON.stringify(scope)).length <= MAX_INLINE_SCOPE_BYTES;
  const where = inline ? { scope } : { scope_id: await keepScope(sql, scope) };
  return { v: 1, user_id, role, ...where, filter, expires_at };
}

/** A stored attachment with its scope; undefined when either cannot be read. */
export function readAttachment(sql: Sql, state: unknown): { attachment: Attachment; scope: RowScope } | undefined {
  const attachment = AttachmentSchema.safeParse(state);
  if (!attachment.success) return undefined;
  const { scope, scope_id } = attachment.data;
  const found = scope ?? (scope_id === undefined ? undefined : readScope(sql, scope_id));
  return found === undefined ? undefined : { attachment: attachment.data, scope: found };
}

/** A client's message; undefined when it is not of the protocol. */
export function readClientFrame(message: unknown): ClientFrame | undefined {
  if (typeof message !== "string" || message.length > MAX_MESSAGE_CHARS) return undefined;
  return ClientFrameSchema.safeParse(parsed(message)).data;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return "";
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
