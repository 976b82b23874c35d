/** Live frames for tests and benchmarks: events in, the columns that ingest would write out. */
import { encodeFrame, type LiveFrame, MEASURES, type Measure, type SessionEntry } from "../../schema/frame.ts";
import { hashString, identityHash } from "../../schema/identity.ts";
import type { ApplyRequest } from "../../schema/rpc.ts";

export interface LiveEvent {
  id: string;
  time: number;
  type?: string;
  session?: string;
  user?: string;
  team?: string;
  agent?: string;
  repo?: string;
  branch?: string;
  environment?: string;
  model?: string;
  measures?: Partial<Record<Measure, number>>;
}

export const ORG = "org_live";

let counter = 0;

/** An event with an id of its own. */
export function liveEvent(time: number, fields: Omit<LiveEvent, "id" | "time"> = {}): LiveEvent {
  counter++;
  const id = `00000000-0000-7000-8000-${counter.toString(16).padStart(12, "0")}`;
  return { id, time, ...fields };
}

const entryOf = (event: LiveEvent): SessionEntry => [
  event.session ?? "s1",
  event.user ?? "ada",
  event.team ?? "",
  event.agent ?? "claude-code",
  event.repo ?? "",
  event.branch ?? "",
  event.environment ?? "production",
];

function indexIn<T>(list: T[], index: Map<string, number>, key: string, value: T): number {
  const known = index.get(key);
  if (known !== undefined) return known;
  index.set(key, list.length);
  return list.push(value) - 1;
}

/** The columns of these events, in their order. */
export function frameOf(events: readonly LiveEvent[], org = ORG): LiveFrame {
  const count = events.length;
  const base = events[0]?.time ?? 0;
  const frame: LiveFrame = {
    count,
    base,
    hashHi: new Uint32Array(count),
    hashLo: new Uint32Array(count),
    offset: new Int32Array(count),
    type: new Uint16Array(count),
    session: new Uint16Array(count),
    model: new Uint16Array(count),
    types: [],
    models: [],
    sessions: [],
    measures: [],
  };
  const orgHash = hashString(org);
  const types = new Map<string, number>();
  const models = new Map<string, number>();
  const sessions = new Map<string, number>();
  const columns = new Map<Measure, { index: number[]; values: number[] }>();
  events.forEach((event, i) => {
    const type = event.type ?? "code_generated";
    const hash = identityHash(orgHash, type, event.time, event.id);
    frame.hashHi[i] = hash.hi;
    frame.hashLo[i] = hash.lo;
    frame.offset[i] = event.time - base;
    frame.type[i] = indexIn(frame.types, types, type, type);
    frame.model[i] = indexIn(frame.models, models, event.model ?? "", event.model ?? "");
    const entry = entryOf(event);
    frame.session[i] = indexIn(frame.sessions, sessions, entry.join("\u0000"), entry);
    for (const measure of MEASURES) {
      const value = event.measures?.[measure];
      if (value === undefined) continue;
      const column = columns.get(measure) ?? { index: [], values: [] };
      columns.set(measure, column);
      column.index.push(i);
      column.values.push(value);
    }
  });
  frame.measures = [...columns].map(([measure, { index, values }]) => ({
    measure,
    index: Uint16Array.from(index),
    values: Float64Array.from(values),
  }));
  return frame;
}

/** An apply request of one pack a chunk. */
export function applyOf(chunks: readonly (readonly LiveEvent[])[], org = ORG): ApplyRequest {
  return {
    v: 1,
    org_id: org,
    packs: chunks.map((events, i) => ({
      pack_id: i.toString(16).padStart(32, "0"),
      received_at: events[0]?.time ?? 0,
      frame: encodeFrame(frameOf(events, org)),
    })),
  };
}
