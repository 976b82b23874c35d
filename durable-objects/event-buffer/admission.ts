/**
 * Decides what an append may store: the boundary where a request's shape, its packs and their org are checked.
 * Called by EventBuffer.append. One refused pack refuses the whole request, before anything is stored.
 */
import { z } from "zod";
import { MAX_MESSAGE_BYTES } from "../../schema/limits.ts";
import { PackError, readPack } from "../../schema/pack.ts";
import { RPC_VERSION } from "../../schema/rpc.ts";
import { sizeInRow } from "./pack-store.ts";

const AppendRequestSchema = z.object({
  v: z.literal(RPC_VERSION),
  org_id: z.string().min(1),
  packs: z.array(z.instanceof(Uint8Array)),
});

/** A pack that may be stored. `size`: bytes that it takes in a row. */
export interface Admitted {
  packId: string;
  events: number;
  size: number;
  bytes: Uint8Array;
}

/** The caller sent what this buffer must not hold; the text names ids and reasons, no content. */
export class AppendRefused extends Error {
  override name = "AppendRefused";
}

/** The org and packs of a request. `owner`: the org of this buffer, null before its first append. Throws AppendRefused. */
export function admit(request: unknown, owner: string | null): { orgId: string; packs: Admitted[] } {
  const parsed = AppendRequestSchema.safeParse(request);
  if (!parsed.success) throw new AppendRefused("not an append request of this version");
  const { org_id: orgId, packs } = parsed.data;
  if (owner !== null && owner !== orgId) throw new AppendRefused("this buffer belongs to another org");
  return { orgId, packs: packs.map((bytes, index) => admitPack(bytes, index, orgId)) };
}

function admitPack(bytes: Uint8Array, index: number, orgId: string): Admitted {
  if (bytes.length > MAX_MESSAGE_BYTES) throw new AppendRefused(`pack ${index} is larger than ${MAX_MESSAGE_BYTES} B`);
  try {
    const { header } = readPack(bytes);
    if (header.org_id !== orgId) throw new AppendRefused(`pack ${index} belongs to another org`);
    if (header.region !== "eu") throw new AppendRefused(`pack ${index} is not to be stored in the EU`);
    return { packId: header.pack_id, events: header.count, size: sizeInRow(bytes), bytes };
  } catch (error) {
    if (error instanceof PackError) throw new AppendRefused(`pack ${index}: ${error.message}`);
    throw error;
  }
}
