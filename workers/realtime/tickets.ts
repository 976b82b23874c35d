/**
 * Tickets on their way through URLs: the object's one-use secret with the way to the object, under a tag of ours.
 * Without the right tag no object is touched, so that invented tickets cannot make objects come into being.
 * Used by the routes here.
 */
import { createHmac, timingSafeEqual } from "node:crypto";
import { parseTicket, type TicketParts, ticketBody } from "../../schema/ticket.ts";

/** Hex digits of the tag: 128 bits. */
const TAG_LENGTH = 32;

function tagOf(key: string, body: string): string {
  return createHmac("sha256", key).update(`live-ticket:${body}`).digest("hex").slice(0, TAG_LENGTH);
}

/** The ticket's text. `key`: the Worker's tag secret. */
export function sealTicket(key: string, parts: TicketParts): string {
  const body = ticketBody(parts);
  return `${body}.${tagOf(key, body)}`;
}

/** The ticket's parts when we made it; undefined otherwise. */
export function openTicket(key: string, ticket: string): TicketParts | undefined {
  const parsed = parseTicket(ticket);
  if (parsed === undefined) return undefined;
  const expected = Buffer.from(tagOf(key, ticketBody(parsed.parts)));
  return timingSafeEqual(expected, Buffer.from(parsed.tag)) ? parsed.parts : undefined;
}
