/**
 * The way from a ticket to the object that issued it: `<jurisdiction>.<org, base64url>.<secret>`.
 * Written and read by workers/realtime. The first two parts are no proof of anything: the object knows its own secrets.
 */
import { MAX_ID_LENGTH } from "./limits.ts";
import { type StorageRegion, StorageRegionSchema } from "./pack.ts";

export interface TicketRoute {
  orgId: string;
  jurisdiction: StorageRegion;
  secret: string;
}

const TICKET = /^([a-z]{2})\.([A-Za-z0-9_-]{1,1024})\.([0-9a-f]{48})$/;

export function formatTicket({ orgId, jurisdiction, secret }: TicketRoute): string {
  const binary = String.fromCharCode(...new TextEncoder().encode(orgId));
  const org = btoa(binary).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
  return `${jurisdiction}.${org}.${secret}`;
}

/** Undefined for anything that is no ticket. */
export function parseTicket(ticket: string): TicketRoute | undefined {
  const [, region, org, secret] = TICKET.exec(ticket) ?? [];
  const jurisdiction = StorageRegionSchema.safeParse(region);
  if (!jurisdiction.success || org === undefined || secret === undefined) return undefined;
  try {
    const binary = atob(org.replaceAll("-", "+").replaceAll("_", "/"));
    const bytes = Uint8Array.from(binary, (char) => char.charCodeAt(0));
    const orgId = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    if (orgId === "" || orgId.length > MAX_ID_LENGTH) return undefined;
    return { orgId, jurisdiction: jurisdiction.data, secret };
  } catch {
    return undefined;
  }
}
