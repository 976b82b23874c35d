/**
 * The cheap look: could a body or a text hold one of these markers? Runs over every byte that comes in, so it reads every second
 * pair only: of any three in a row, one of the two pairs begins at an even place. A pair that belongs to a marker is compared in
 * full. Bytes are read four at a time (0.2 us an event of 440 B, a tenth of a regular expression). Called by redact-secrets. Pure.
 */

/** Text as most bodies have it: of a marker, the three characters are looked for whose pairs are the rarest in it. */
const ORDINARY =
  '{"events":[{"event_id":"0199-","event_type":"code_generated","event_category":"performance","user_id":"developer-1@example.com",' +
  '"session_id":"session-1","timestamp":"2026-11-22T10:00:00.000Z","environment":"production","team_id":"platform","seq":1,' +
  '"agent":"claude-code","agent_version":"2.1.330","model":"claude-sonnet-4-5","gpt-5.5","gemini-2.5-pro","repo":"example/edge",' +
  '"branch":"feature/main","entrypoint":"cli","os":"linux","arch":"x64","language":"typescript","python","lines_added":1,' +
  '"lines_removed":1,"accepted":true,"tool_name":"Bash","Edit","Write","file_kind":"source","turn":1,"input_tokens":1,' +
  '"output_tokens":1,"cache_read_tokens":1,"cache_write_tokens":1,"reasoning_tokens":1,"cost_usd":0.01,"request_id":"req_1",' +
  '"code":"rate_limit","message":"the model was not there, please try again later","status_code":429,"fatal":false,"attempt":1,' +
  '"duration_ms":1,"outcome":"completed","success":"false","turns":1,"tools":1,"edits":1,"clean":true,"permission_mode":"default",' +
  '"mcp_server":"demo","query_source":"user","stop_reason":"tool_use","title":"Fix the tests","number":12,"null","metadata":{';

/** One slot for each pair of bytes, as a little- or big-endian machine reads them. */
const PAIRS = 1 << 16;
const MAX_SLOTS = 256;
/** Above it a character is no part of a marker. */
const BYTE = 0xff;
const HALF = 0xffff;

interface Candidate {
  marker: string;
  bytes: Uint8Array;
  /** Where in the marker the pair is. */
  at: number;
  /** The one of the three characters that is not in the pair, and where it is from the pair. */
  third: number | undefined;
  next: 2 | -1;
}

/** Whether bytes, or a text, hold any of the markers. */
export interface Scan {
  bytes(body: Uint8Array): boolean;
  text(text: string): boolean;
}

const encoder = new TextEncoder();

/** True where the first of two bytes that are read at once is the lower one. */
const LOW_FIRST = new Uint16Array(Uint8Array.of(1, 0).buffer)[0] === 1;

/** The number under which two bytes are read at once. */
const numberOf = (first: number, second: number): number => (LOW_FIRST ? first | (second << 8) : second | (first << 8));

/** Builds the scan for markers of three ASCII characters or more. Throws for a shorter one. */
export function scanFor(markers: readonly string[]): Scan {
  const slotOfPair = new Uint8Array(PAIRS);
  const slots: Candidate[][] = [[]];
  for (const marker of new Set(markers)) {
    const bytes = encoder.encode(marker);
    if (bytes.length < 3) throw new RangeError(`marker ${marker} is shorter than three characters`);
    const start = rarestTriple(marker);
    for (const [at, next] of [
      [start, 2],
      [start + 1, -1],
    ] as const) {
      const pair = pairIn(bytes, at);
      const slot = slotOfPair[pair] || slots.push([]) - 1;
      if (slot >= MAX_SLOTS) throw new RangeError("more pairs than slots");
      slotOfPair[pair] = slot;
      slots[slot]?.push({ marker, bytes, at, next, third: bytes[at + next] });
    }
  }
  return { bytes: (body) => scanBytes(body, slotOfPair, slots), text: (text) => scanText(text, slotOfPair, slots) };
}

function scanBytes(body: Uint8Array, slotOfPair: Uint8Array, slots: readonly Candidate[][]): boolean {
  const at = (place: number): boolean => {
    const slot = slotOfPair[pairIn(body, place)] ?? 0;
    return slot !== 0 && anyAt(body, place, slots[slot] ?? []);
  };
  // Four bytes at a time from the first whole word of the buffer on; two by two before and behind. Any parity finds all triples.
  const skip = (4 - (body.byteOffset & 3)) & 3;
  if (body.length < skip + 4) return anyPair(body.length & 1, body.length, at) || anyPair(0, body.length, at);
  if (anyPair(skip & 1, skip, at)) return true;
  const words = new Uint32Array(body.buffer, body.byteOffset + skip, (body.length - skip) >> 2);
  const end = words.length;
  for (let i = 0; i < end; i++) {
    // Inside both arrays; a fallback for each would double the time.
    const word = words[i] as number;
    if (((slotOfPair[word & HALF] as number) | (slotOfPair[word >>> 16] as number)) === 0) continue;
    if (at(skip + 4 * i) || at(skip + 4 * i + 2)) return true;
  }
  return anyPair(skip + 4 * end, body.length, at);
}

/** Asks at every second place. */
function anyPair(from: number, end: number, at: (place: number) => boolean): boolean {
  for (let place = from; place + 2 <= end; place += 2) if (at(place)) return true;
  return false;
}

const pairIn = (body: Uint8Array, place: number): number => numberOf(body[place] ?? 0, body[place + 1] ?? 0);

/** Whether the pair at this place is part of a marker. */
function anyAt(body: Uint8Array, at: number, candidates: readonly Candidate[]): boolean {
  for (let i = 0; i < candidates.length; i++) {
    const one = candidates[i];
    // Most fail here: the third of the three characters.
    if (one !== undefined && body[at + one.next] === one.third && startsWith(body, one.bytes, at - one.at)) return true;
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
    const slot = slotOfPair[numberOf(first, second)] ?? 0;
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
