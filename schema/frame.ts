/**
 * The live frame: what TenantLive needs of a pack, in columns, about 30 bytes an event.
 * Written by ingest's packer, read by TenantLive. Holds no metadata and no event ids, only identity hashes.
 *
 * Layout, little endian, every column aligned to 8 bytes:
 *   u8 version | 3 spare | u32 count | f64 base time (ms) | u32 dictionary bytes | u32 measure columns
 *   u32[count] hash hi | u32[count] hash lo | i32[count] time - base (ms) | u16[count] type | u16[count] session | u16[count] model
 *   per measure column: u32 kind | u32 n | f64[n] values | u16[n] event index
 *   dictionary: JSON {"types":[...],"models":[...],"sessions":[[session,user,team,agent,repo,branch,environment],...]}
 */
import { z } from "zod";

export const FRAME_VERSION = 1;
/** Readers accept the version before, too; there is none yet. */
export const FRAME_MIN_VERSION = 1;

/** Measures that windows sum. Order is the wire's: only append. */
export const MEASURES = [
  "cost_nano_usd",
  "input_tokens",
  "output_tokens",
  "cache_read_tokens",
  "cache_write_tokens",
  "lines_added",
  "lines_removed",
  "accepted",
  "unpriced_tokens",
] as const;
export type Measure = (typeof MEASURES)[number];

/** What a session carries in the frame; an event's team, agent, repo, branch and environment are its session entry's. */
export type SessionEntry = [
  session: string,
  user: string,
  team: string,
  agent: string,
  repo: string,
  branch: string,
  environment: string,
];

const DictionarySchema = z.object({
  types: z.array(z.string()),
  models: z.array(z.string()),
  sessions: z.array(z.tuple([z.string(), z.string(), z.string(), z.string(), z.string(), z.string(), z.string()])),
});

export interface MeasureColumn {
  measure: Measure;
  /** Index of the event each value belongs to. */
  index: Uint16Array;
  values: Float64Array;
}

/** A frame in memory. Columns have `count` entries; `types`, `models`, `sessions` are the dictionaries they point into. */
export interface LiveFrame {
  count: number;
  hashHi: Uint32Array;
  hashLo: Uint32Array;
  /** Event time in ms since the epoch = base + offset. */
  base: number;
  offset: Int32Array;
  type: Uint16Array;
  session: Uint16Array;
  model: Uint16Array;
  types: string[];
  models: string[];
  sessions: SessionEntry[];
  measures: MeasureColumn[];
}

/** A frame that cannot be read: wrong version, wrong lengths, an index outside its dictionary. */
export class FrameError extends Error {
  override name = "FrameError";
}

const HEADER_BYTES = 24;
const align8 = (n: number): number => (n + 7) & ~7;

/** Largest distance of an event from the frame's base time: 24.8 days, above the backfill age. */
export const MAX_FRAME_OFFSET_MS = 2 ** 31 - 1;

/** Encodes a frame. */
export function encodeFrame(frame: LiveFrame): Uint8Array {
  const { count } = frame;
  const dictionary = new TextEncoder().encode(
    JSON.stringify({ types: frame.types, models: frame.models, sessions: frame.sessions }),
  );
  let size = HEADER_BYTES + 3 * align8(count * 4) + 3 * align8(count * 2);
  for (const column of frame.measures) size += 8 + column.values.length * 8 + align8(column.index.length * 2);
  const bytes = new Uint8Array(size + dictionary.length);
  const view = new DataView(bytes.buffer);
  view.setUint8(0, FRAME_VERSION);
  view.setUint32(4, count, true);
  view.setFloat64(8, frame.base, true);
  view.setUint32(16, dictionary.length, true);
  view.setUint32(20, frame.measures.length, true);
  let at = HEADER_BYTES;
  const put = (column: ArrayBufferView): void => {
    bytes.set(new Uint8Array(column.buffer, column.byteOffset, column.byteLength), at);
    at += align8(column.byteLength);
  };
  for (const column of [frame.hashHi, frame.hashLo, frame.offset, frame.type, frame.session, frame.model]) put(column);
  for (const column of frame.measures) {
    view.setUint32(at, MEASURES.indexOf(column.measure), true);
    view.setUint32(at + 4, column.values.length, true);
    at += 8;
    put(column.values);
    put(column.index);
  }
  bytes.set(dictionary, at);
  return bytes;
}

/**
 * Decodes a frame; every index is checked against its dictionary, so that readers need not.
 * Throws FrameError. Unknown measure kinds (of a newer writer) are skipped.
 */
export function decodeFrame(bytes: Uint8Array): LiveFrame {
  if (bytes.length < HEADER_BYTES) throw new FrameError("shorter than its header");
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const version = view.getUint8(0);
  if (version < FRAME_MIN_VERSION || version > FRAME_VERSION) throw new FrameError(`version ${version} is not known`);
  const count = view.getUint32(4, true);
  const dictionaryBytes = view.getUint32(16, true);
  let at = HEADER_BYTES;
  const take = (byteLength: number): ArrayBuffer => {
    if (at + byteLength > bytes.length) throw new FrameError("shorter than its columns");
    const copy = bytes.slice(at, at + byteLength).buffer;
    at += align8(byteLength);
    return copy;
  };
  const hashHi = new Uint32Array(take(count * 4));
  const hashLo = new Uint32Array(take(count * 4));
  const offset = new Int32Array(take(count * 4));
  const type = new Uint16Array(take(count * 2));
  const session = new Uint16Array(take(count * 2));
  const model = new Uint16Array(take(count * 2));
  const measures: MeasureColumn[] = [];
  for (let columns = view.getUint32(20, true); columns > 0; columns--) {
    if (at + 8 > bytes.length) throw new FrameError("shorter than its measures");
    const measure = MEASURES[view.getUint32(at, true)];
    const n = view.getUint32(at + 4, true);
    at += 8;
    const values = new Float64Array(take(n * 8));
    const index = new Uint16Array(take(n * 2));
    if (index.some((i) => i >= count)) throw new FrameError("a measure points outside the frame");
    if (measure !== undefined) measures.push({ measure, index, values });
  }
  if (at + dictionaryBytes > bytes.length) throw new FrameError("shorter than its dictionary");
  const dictionary = parseDictionary(bytes.subarray(at, at + dictionaryBytes));
  const { types, models, sessions } = dictionary;
  for (let i = 0; i < count; i++) {
    if ((type[i] ?? 0) >= types.length || (session[i] ?? 0) >= sessions.length || (model[i] ?? 0) >= models.length) {
      throw new FrameError("an event points outside its dictionary");
    }
  }
  const base = view.getFloat64(8, true);
  return { count, hashHi, hashLo, base, offset, type, session, model, types, models, sessions, measures };
}

function parseDictionary(bytes: Uint8Array): z.infer<typeof DictionarySchema> {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes));
  } catch (cause) {
    throw new FrameError("its dictionary is not JSON", { cause });
  }
  const parsed = COMPILED_DICTIONARY.safeParse(value);
  if (!parsed.success) throw new FrameError("its dictionary has another shape");
  return parsed.data;
}

const COMPILED_DICTIONARY = z.compile(DictionarySchema);
