/**
 * What the page says about its connection, from plain facts. Called by the store and the status line; pure.
 */

import { LIVE_CLOSE } from "../../../schema/live.ts";

export type Phase = "connecting" | "live" | "stale" | "reconnecting" | "offline" | "refused";

/** A drop shorter than this is not shown: renewing a connection takes a moment and loses nothing. */
export const GRACE_MS = 1_000;
/** An open socket that says nothing for this long is not trusted: two pings went unanswered. */
export const STALE_AFTER_MS = 25_000;

export interface ConnectionFacts {
  /** What the browser believes about its network. */
  online: boolean;
  open: boolean;
  /** Local ms when the socket was lost (or first tried); null while it is open. */
  lostAt: number | null;
  /** Local ms of the last frame or pong; null before the first. */
  heardAt: number | null;
  /** The server refused and will refuse again: in words; null otherwise. */
  refused: string | null;
}

export function phaseOf(facts: ConnectionFacts, now: number): Phase {
  if (facts.refused !== null) return "refused";
  if (!facts.online) return "offline";
  if (facts.open) {
    if (facts.heardAt === null) return "connecting";
    return now - facts.heardAt > STALE_AFTER_MS ? "stale" : "live";
  }
  if (facts.heardAt === null)
    return facts.lostAt !== null && now - facts.lostAt > GRACE_MS * 5 ? "reconnecting" : "connecting";
  return facts.lostAt !== null && now - facts.lostAt <= GRACE_MS ? "live" : "reconnecting";
}

/**
 * What to do when the socket closes: try again, or ask first whether the person may still see this. A refused upgrade
 * carries no code to a browser, so a connection that never opened is asked about, too.
 */
export function afterClose(code: number, wasOpen: boolean): "retry" | "check" {
  return !wasOpen || code === LIVE_CLOSE.expired || code === LIVE_CLOSE.revoked ? "check" : "retry";
}
