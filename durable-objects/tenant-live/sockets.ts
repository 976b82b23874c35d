/**
 * The sockets of one live object, grouped by view: a frame is serialised once a group, and sent without waiting for anyone.
 * Called by the object's shell. Knows nothing of windows.
 */
import { z } from "zod";
import { type RowScope, RowScopeSchema } from "../../schema/access.ts";
import { LIVE_CLOSE, LiveFilterSchema } from "../../schema/live.ts";
import { View, viewKey } from "./view.ts";

/** Bytes on their way to one socket. A healthy one has next to none; above it the client resumes by `since` instead. */
const MAX_BUFFERED_BYTES = 1_000_000;
/** Bytes sent since the client's last sign of life (a message, or a ping that the runtime answered). */
const MAX_UNHEARD_BYTES = 4_000_000;
/** Scopes up to this many bytes stay in the attachment, which holds 16 KB. */
export const MAX_INLINE_SCOPE_BYTES = 8_000;

/** What a socket's attachment holds; read back after hibernation. */
export const AttachmentSchema = z.object({
  v: z.literal(1),
  user_id: z.string(),
  role: z.string(),
  scope: RowScopeSchema.optional(),
  scope_id: z.string().optional().describe("of a scope kept in storage, when it is too big to be here"),
  filter: LiveFilterSchema,
  expires_at: z.number(),
});
export type Attachment = z.infer<typeof AttachmentSchema>;

/** What is needed of a connection. */
export interface Socket {
  readonly id: string;
  readonly bufferedAmount?: number;
  send(message: string): void;
  close(code: number, reason: string): void;
}

interface Member<S> {
  socket: S;
  attachment: Attachment;
  group: Group<S>;
  unheard: number;
}

export interface Group<S> {
  key: string;
  view: View;
  members: Set<Member<S>>;
}

export class Sockets<S extends Socket> {
  readonly #groups = new Map<string, Group<S>>();
  readonly #members = new Map<string, Member<S>>();
  readonly #heardAt: (socket: S) => number;

  /** `heardAt`: ms of the last ping that the runtime answered for the socket, 0 for none. */
  constructor(heardAt: (socket: S) => number) {
    this.#heardAt = heardAt;
  }

  get size(): number {
    return this.#members.size;
  }

  groups(): Iterable<Group<S>> {
    return this.#groups.values();
  }

  /** Adds a socket, or moves it to the group of its new scope and filter. */
  put(socket: S, attachment: Attachment, scope: RowScope): Group<S> {
    this.remove(socket);
    const key = viewKey(scope, attachment.filter);
    let group = this.#groups.get(key);
    if (group === undefined) {
      group = { key, view: new View(scope, attachment.filter), members: new Set() };
      this.#groups.set(key, group);
    }
    const member: Member<S> = { socket, attachment, group, unheard: 0 };
    group.members.add(member);
    this.#members.set(socket.id, member);
    return group;
  }

  remove(socket: S): void {
    const member = this.#members.get(socket.id);
    if (member === undefined) return;
    this.#members.delete(socket.id);
    member.group.members.delete(member);
    if (member.group.members.size === 0) this.#groups.delete(member.group.key);
  }

  get(socket: S): { attachment: Attachment; group: Group<S> } | undefined {
    return this.#members.get(socket.id);
  }

  heard(socket: S): void {
    const member = this.#members.get(socket.id);
    if (member !== undefined) member.unheard = 0;
  }

  /** Sends one text to every socket of a group. */
  sendGroup(group: Group<S>, text: string, now: number): void {
    for (const member of group.members) this.#send(member, text, now);
  }

  send(socket: S, text: string, now: number): void {
    const member = this.#members.get(socket.id);
    if (member !== undefined) this.#send(member, text, now);
  }

  /** Closes the sockets of a user, or of everyone; how many. */
  revoke(userId: string | undefined): number {
    let closed = 0;
    for (const member of [...this.#members.values()]) {
      if (userId !== undefined && member.attachment.user_id !== userId) continue;
      this.#close(member, LIVE_CLOSE.revoked, "rights changed");
      closed++;
    }
    return closed;
  }

  closeExpired(now: number): void {
    for (const member of [...this.#members.values()]) {
      if (member.attachment.expires_at <= now) this.#close(member, LIVE_CLOSE.expired, "grant expired");
    }
  }

  /** ms of the first grant to expire. */
  firstExpiry(): number | undefined {
    let first: number | undefined;
    for (const { attachment } of this.#members.values()) first = Math.min(first ?? Infinity, attachment.expires_at);
    return first;
  }

  scopeIds(): Set<string> {
    return new Set([...this.#members.values()].flatMap(({ attachment }) => attachment.scope_id ?? []));
  }

  #send(member: Member<S>, text: string, now: number): void {
    const { socket } = member;
    if (member.attachment.expires_at <= now) {
      this.#close(member, LIVE_CLOSE.expired, "grant expired");
      return;
    }
    member.unheard += text.length;
    if (member.unheard > MAX_UNHEARD_BYTES && !this.#heardSince(member, now)) {
      this.#close(member, LIVE_CLOSE.slow, "reads too slowly");
      return;
    }
    if ((socket.bufferedAmount ?? 0) > MAX_BUFFERED_BYTES) {
      this.#close(member, LIVE_CLOSE.slow, "reads too slowly");
      return;
    }
    try {
      socket.send(text);
    } catch {
      this.#close(member, LIVE_CLOSE.slow, "cannot be written to");
    }
  }

  /** A ping within the last minutes clears the count; after it the count starts again. */
  #heardSince(member: Member<S>, now: number): boolean {
    const heard = now - this.#heardAt(member.socket) < RECENTLY_MS;
    if (heard) member.unheard = 0;
    return heard;
  }

  #close(member: Member<S>, code: number, reason: string): void {
    this.remove(member.socket);
    try {
      member.socket.close(code, reason);
    } catch {
      // Already gone; the runtime has closed it.
    }
  }
}

/** Clients ping at least twice in this time. */
const RECENTLY_MS = 60_000;
