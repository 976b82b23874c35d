/**
 * The cheap look: could a text hold one of these markers? Runs over every row of every event, so it reads every second pair of
 * characters only: of any three characters in a row, one of the two pairs begins at an even place. A pair that belongs to a
 * marker is compared in full. Called by redact-secrets. Pure.
 */

/** Pairs of these are in every row; a marker is looked for by others where it has them. */
const ORDINARY =
  '"org_id":"","region":"","received_at":,"_ver":,"event_type":"","event_category":"usage","timestamp":,"event_id":"-","user_id":""' +
  ',"session_id":"","team_id","agent":"claude-code","agent_version","model":"claude-opus-5-5","repo","branch":"main"' +
  ',"input_tokens":,"output_tokens":,"cache_read_tokens":,"cache_write_tokens":,"request_id":"req_","cost_nano_usd":' +
  ',"cost_source":"reported","metadata":"{\\"duration_ms\\":,\\"tool_name\\":\\"Bash\\",\\"success\\":true,\\"message\\":\\"the task';

const PAIR_BITS = 7;
const PAIRS = 1 << (2 * PAIR_BITS);
const MASK = (1 << PAIR_BITS) - 1;

interface Candidate {
  marker: string;
  /** Where in the marker the pair is. */
  at: number;
}

/** Answers for a text whether it holds any of the markers, each of three ASCII characters or more. */
export type Scan = (text: string) => boolean;

const pairAt = (text: string, at: number): number =>
  ((text.charCodeAt(at) & MASK) << PAIR_BITS) | (text.charCodeAt(at + 1) & MASK);

/** Builds the scan. Throws for a marker that is too short to be found this way. */
export function scanFor(markers: readonly string[]): Scan {
  const slotOfPair = new Uint8Array(PAIRS);
  const slots: Candidate[][] = [[]];
  for (const marker of new Set(markers)) {
    if (marker.length < 3) throw new RangeError(`marker ${marker} is shorter than three characters`);
    const start = rarestTriple(marker);
    for (const at of [start, start + 1]) {
      const pair = pairAt(marker, at);
      const slot = slotOfPair[pair] || slots.push([]) - 1;
      slotOfPair[pair] = slot;
      slots[slot]?.push({ marker, at });
    }
  }
  if (slots.length > 256) throw new RangeError("more pairs than slots");
  return (text) => {
    const end = text.length - 1;
    for (let i = 0; i < end; i += 2) {
      const slot = slotOfPair[((text.charCodeAt(i) & MASK) << PAIR_BITS) | (text.charCodeAt(i + 1) & MASK)];
      if (slot !== 0 && holds(text, i, slots[slot ?? 0])) return true;
    }
    return false;
  };
}

function holds(text: string, at: number, candidates: readonly Candidate[] = []): boolean {
  return candidates.some((one) => text.startsWith(one.marker, at - one.at) && at >= one.at);
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
