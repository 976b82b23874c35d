/**
 * A window as bytes and back. Used by store.ts. Layout: u32 head bytes | head JSON | columns, little endian.
 */
import { z } from "zod";
import { MEASURES } from "../../schema/frame.ts";
import { CellTable } from "./cells.ts";
import { LiveWindow } from "./live-window.ts";

const HeadSchema = z.object({
  id: z.number().int(),
  grain: z.enum(["fine", "coarse"]),
  seq: z.number().int(),
  events: z.number().int(),
  truncated: z.boolean(),
  types: z.array(z.string()),
  models: z.array(z.string()),
  groups: z.array(z.tuple([z.string(), z.string(), z.string()])),
  size: z.number().int(),
  slabs: z.number().int(),
  measures: z.number().int(),
});

const COLUMNS = ["type", "model", "ref", "count", "slab"] as const;

export function encodeWindow(window: LiveWindow): Uint8Array {
  const { cells } = window;
  const { size, slabs } = cells;
  const head = new TextEncoder().encode(
    JSON.stringify({ ...window.head(), size, slabs, measures: MEASURES.length } satisfies z.infer<typeof HeadSchema>),
  );
  const parts: ArrayBufferView[] = [head];
  for (const name of COLUMNS) parts.push(cells[name].subarray(0, size));
  parts.push(cells.measures.subarray(0, slabs * MEASURES.length));
  const bytes = new Uint8Array(4 + parts.reduce((sum, part) => sum + part.byteLength, 0));
  new DataView(bytes.buffer).setUint32(0, head.length, true);
  let at = 4;
  for (const part of parts) {
    bytes.set(new Uint8Array(part.buffer, part.byteOffset, part.byteLength), at);
    at += part.byteLength;
  }
  return bytes;
}

/** Throws when the bytes are no window: the store wrote them, so that is a bug. */
export function decodeWindow(bytes: Uint8Array): LiveWindow {
  const headBytes = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true);
  const head = HeadSchema.parse(JSON.parse(new TextDecoder().decode(bytes.subarray(4, 4 + headBytes))));
  let at = 4 + headBytes;
  const take = (byteLength: number): ArrayBuffer => {
    const copy = bytes.slice(at, at + byteLength).buffer;
    at += byteLength;
    return copy;
  };
  const cells = new CellTable();
  const { size, slabs } = head;
  if (size > 0) {
    cells.type = new Uint16Array(take(size * 2));
    cells.model = new Uint16Array(take(size * 2));
    cells.ref = new Uint32Array(take(size * 4));
    cells.count = new Uint32Array(take(size * 4));
    cells.slab = new Int32Array(take(size * 4));
  }
  cells.size = size;
  cells.slabs = slabs;
  cells.measures = widened(new Float64Array(take(slabs * head.measures * 8)), slabs, head.measures);
  return new LiveWindow(head, cells);
}

/** A window written before a measure was appended to MEASURES has narrower rows. */
function widened(measures: Float64Array<ArrayBuffer>, slabs: number, width: number): Float64Array<ArrayBuffer> {
  if (width === MEASURES.length) return measures;
  const wide = new Float64Array(slabs * MEASURES.length);
  for (let slab = 0; slab < slabs; slab++) {
    wide.set(measures.subarray(slab * width, (slab + 1) * width), slab * MEASURES.length);
  }
  return wide;
}
