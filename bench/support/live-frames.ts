/** Live frames in bulk: random identities, so that making them costs little beside folding them. Used by the live benches. */
import { encodeFrame, type LiveFrame, type SessionEntry } from "../../schema/frame.ts";

const TYPES = ["code_generated", "cost_incurred", "error"];
const MODELS = ["", "opus", "haiku"];

export interface FrameShape {
  events: number;
  /** ms of the first event; events follow `stepMs` apart. */
  from: number;
  stepMs: number;
  /** Number of the session of event i. */
  sessionOf(i: number): number;
}

const random32 = (): number => Math.floor(Math.random() * 4_294_967_296);

const entryOf = (n: number): SessionEntry => [
  `0199f0c2-7a5e-7000-8000-${String(n).padStart(12, "0")}`,
  `developer-${n % 5_000}@example.com`,
  `team-${n % 20}`,
  n % 3 === 0 ? "codex" : "claude-code",
  `github.com/example/repo-${n % 100}`,
  "main",
  "production",
];

/** One frame; a third of its events carry a cost and tokens, a third lines. */
export function bulkFrame({ events, from, stepMs, sessionOf }: FrameShape): Uint8Array {
  const frame: LiveFrame = {
    count: events,
    base: from,
    hashHi: Uint32Array.from({ length: events }, random32),
    hashLo: Uint32Array.from({ length: events }, random32),
    offset: Int32Array.from({ length: events }, (_, i) => Math.floor(i * stepMs)),
    type: Uint16Array.from({ length: events }, (_, i) => i % TYPES.length),
    session: new Uint16Array(events),
    model: Uint16Array.from({ length: events }, (_, i) => (i % TYPES.length === 1 ? 1 + (i % 2) : 0)),
    types: TYPES,
    models: MODELS,
    sessions: [],
    measures: [],
  };
  const index = new Map<number, number>();
  for (let i = 0; i < events; i++) {
    const session = sessionOf(i);
    let at = index.get(session);
    if (at === undefined) {
      at = frame.sessions.push(entryOf(session)) - 1;
      index.set(session, at);
    }
    frame.session[i] = at;
  }
  const every = (type: number): Uint16Array =>
    Uint16Array.from(Array.from({ length: events }, (_, i) => i).filter((i) => i % TYPES.length === type));
  for (const measure of ["cost_nano_usd", "input_tokens", "output_tokens"] as const) {
    frame.measures.push({ measure, index: every(1), values: new Float64Array(every(1).length).fill(1_234) });
  }
  frame.measures.push({ measure: "lines_added", index: every(0), values: new Float64Array(every(0).length).fill(12) });
  return encodeFrame(frame);
}

/** Frames as one request body: each preceded by its length. */
export function joinFrames(frames: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(frames.reduce((sum, frame) => sum + 4 + frame.length, 0));
  const view = new DataView(bytes.buffer);
  let at = 0;
  for (const frame of frames) {
    view.setUint32(at, frame.length, true);
    bytes.set(frame, at + 4);
    at += 4 + frame.length;
  }
  return bytes;
}
