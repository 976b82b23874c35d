/**
 * The text of a live ticket: `<jurisdiction>.<org, base64url>.<secret>.<tag>`.
 * Made and checked by workers/realtime (the tag keeps invented tickets away from any object); TenantLive reads its secret.
 */
import { MAX_ID_LENGTH } from "./limits.ts";
import { type StorageRegion, StorageRegionSchema } from "./pack.ts";

export interface TicketParts {
  orgId: string;
  /** Where the org's live object is. */
  jurisdiction: StorageRegion;
  /** Known to that object only as a hash; good for one use. */
  secret: string;
}

const TICKET = /^([a-z]{2})\.([A-Za-z0-9_-]{1,1024})\.([0-9a-f]{48})\.([0-9a-f]{32})$/;

/** The part that the tag is made over. */
export function ticketBody({ orgId, jurisdiction, secret }: TicketParts): string {
  const binary = String.fromCharCode(...new TextEncoder().encode(orgId));
  const org = btoa(binary).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
  return `${jurisdiction}.${org}.${secret}`;
}

/** Undefined for anything that is no ticket. The tag is not checked here. */
export function parseTicket(ticket: string): { parts: TicketParts; tag: string } | undefined {
  const [, region, org, secret, tag] = TICKET.exec(ticket) ?? [];
  const jurisdiction = StorageRegionSchema.safeParse(region);
  if (!jurisdiction.success || org === undefined || secret === undefined || tag === undefined) return undefined;
  try {
    const binary = atob(org.replaceAll("-", "+").replaceAll("_", "/"));
    const bytes = Uint8Array.from(binary, (char) => char.charCodeAt(0));
    const orgId = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    if (orgId === "" || orgId.length > MAX_ID_LENGTH) return undefined;
    return { parts: { orgId, jurisdiction: jurisdiction.data, secret }, tag };
  } catch {
    return undefined;
  }
}
