/**
 * The cheap look: could a body or a text hold one of these markers? Runs over every byte that comes in, so it reads every second
 * pair only: of any three in a row, one of the two pairs begins at an even place. A pair that belongs to a marker is compared in
 * full. Bytes are read two at a time (0.2 us an event of 440 B, a tenth of a regular expression). Called by redact-secrets. Pure.
 */

/** Pairs of these are in every row; a marker is looked for by others where it has them. */
const ORDINARY =
  '"org_id":"","region":"","received_at":,"_ver":,"event_type":"","event_category":"usage","timestamp":,"event_id":"-","user_id":""' +
  ',"session_id":"","team_id","agent":"claude-code","agent_version","model":"claude-opus-5-5","repo","branch":"main"' +
  ',"input_tokens":,"output_tokens":,"cache_read_tokens":,"cache_write_tokens":,"request_id":"req_","cost_nano_usd":' +
  ',"cost_source":"reported","metadata":"{\\"duration_ms\\":,\\"tool_name\\":\\"Bash\\",\\"success\\":true,\\"message\\":\\"the task';

/** One slot for each pair of bytes, as a little- or big-endian machine reads them. */
const PAIRS = 1 << 16;
const MAX_SLOTS = 256;
/** Above it a character is no part of a marker. */
const BYTE = 0xff;

interface Candidate {
  marker: string;
  bytes: Uint8Array;
  /** Where in the marker the pair is. */
  at: number;
}

/** Whether bytes, or a text, hold any of the markers. */
export interface Scan {
  bytes(body: Uint8Array): boolean;
  text(text: string): boolean;
}

const encoder = new TextEncoder();

/** The number under which two bytes are read at once. */
function pairOf(first: number, second: number): number {
  return new Uint16Array(Uint8Array.of(first, second).buffer)[0] ?? 0;
}

/** True where the first of two bytes is the lower one. */
const LOW_FIRST = pairOf(1, 0) === 1;

/** Builds the scan for markers of three ASCII characters or more. Throws for a shorter one. */
export function scanFor(markers: readonly string[]): Scan {
  const slotOfPair = new Uint8Array(PAIRS);
  const slots: Candidate[][] = [[]];
  for (const marker of new Set(markers)) {
    const bytes = encoder.encode(marker);
    if (bytes.length < 3) throw new RangeError(`marker ${marker} is shorter than three characters`);
    const start = rarestTriple(marker);
    for (const at of [start, start + 1]) {
      const pair = pairOf(bytes[at] ?? 0, bytes[at + 1] ?? 0);
      const slot = slotOfPair[pair] || slots.push([]) - 1;
      if (slot >= MAX_SLOTS) throw new RangeError("more pairs than slots");
      slotOfPair[pair] = slot;
      slots[slot]?.push({ marker, bytes, at });
    }
  }
  return { bytes: (body) => scanBytes(body, slotOfPair, slots), text: (text) => scanText(text, slotOfPair, slots) };
}

function scanBytes(body: Uint8Array, slotOfPair: Uint8Array, slots: readonly Candidate[][]): boolean {
  // A view of pairs begins at an even place of its buffer; any parity finds all triples.
  const skip = body.byteOffset & 1;
  const pairs = new Uint16Array(body.buffer, body.byteOffset + skip, (body.length - skip) >> 1);
  for (let i = 0; i < pairs.length; i++) {
    const slot = slotOfPair[pairs[i] ?? 0] ?? 0;
    if (slot === 0) continue;
    const at = 2 * i + skip;
    for (const one of slots[slot] ?? []) if (startsWith(body, one.bytes, at - one.at)) return true;
  }
  return false;
}

function startsWith(body: Uint8Array, bytes: Uint8Array, from: number): boolean {
  if (from < 0 || from + bytes.length > body.length) return false;
  for (let i = 0; i < bytes.length; i++) if (body[from + i] !== bytes[i]) return false;
  return true;
}

function scanText(text: string, slotOfPair: Uint8Array, slots: readonly Candidate[][]): boolean {
  const end = text.length - 1;
  for (let i = 0; i < end; i += 2) {
    const first = text.charCodeAt(i) & BYTE;
    const second = text.charCodeAt(i + 1) & BYTE;
    const slot = slotOfPair[LOW_FIRST ? first | (second << 8) : second | (first << 8)] ?? 0;
    if (slot === 0) continue;
    for (const one of slots[slot] ?? []) if (i >= one.at && text.startsWith(one.marker, i - one.at)) return true;
  }
  return false;
}

/** Where the three characters begin whose pairs are the least ordinary. */
function rarestTriple(marker: string): number {
  let best = 0;
  let least = Number.POSITIVE_INFINITY;
  for (let at = 0; at + 3 <= marker.length; at++) {
    const common = countOf(marker.slice(at, at + 2)) + countOf(marker.slice(at + 1, at + 3));
    if (common < least) {
      least = common;
      best = at;
    }
  }
  return best;
}

const countOf = (pair: string): number => ORDINARY.split(pair).length - 1;
