/**
 * The adapter between the wire (schema/live.ts) and the live view: parses every message of the socket and names its
 * totals. Called by the store; pure. A message that does not parse is reported, never guessed at.
 */
import { z } from "zod";
import { MEASURES, type Measure } from "../../../schema/frame.ts";
import {
  LIVE_TOTALS,
  type NoticeSchema,
  PONG,
  type ServerFrame,
  ServerFrameSchema,
  type WindowView,
} from "../../../schema/live.ts";
import type { LiveFrame, Notice, WindowSums } from "./model.ts";

/** What a socket message is: data, a sign of life, or something this page does not understand. */
export type Message = { kind: "frame"; frame: LiveFrame } | { kind: "alive" } | { kind: "unknown"; reason: string };

/** Reads one socket message. */
export function readMessage(data: unknown): Message {
  if (typeof data !== "string") return { kind: "unknown", reason: "not text" };
  if (data === PONG) return { kind: "alive" };
  let json: unknown;
  try {
    json = JSON.parse(data);
  } catch {
    return { kind: "unknown", reason: "not JSON" };
  }
  const parsed = ServerFrameSchema.safeParse(json);
  if (!parsed.success) return { kind: "unknown", reason: z.prettifyError(parsed.error) };
  return fromWire(parsed.data);
}

function fromWire(wire: ServerFrame): Message {
  const { epoch, seq, at } = wire;
  switch (wire.kind) {
    case "RENEWED":
      return { kind: "alive" };
    case "EVENT":
      return { kind: "frame", frame: { kind: "notices", epoch, seq, at, notices: wire.notices.map(noticeOf) } };
    case "SNAPSHOT":
    case "METRIC_UPDATE": {
      const body = {
        epoch,
        seq,
        at,
        windows: wire.windows.map(windowOf),
        sessions: wire.sessions.list,
        counts: { running: wire.sessions.running, idle: wire.sessions.idle },
        truncated: wire.truncated,
      };
      return wire.kind === "METRIC_UPDATE"
        ? { kind: "frame", frame: { kind: "update", ...body } }
        : {
            kind: "frame",
            frame: { kind: "snapshot", ...body, from: wire.from, notices: wire.notices.map(noticeOf) },
          };
    }
  }
}

const PLACE_OF = Object.fromEntries(
  MEASURES.map((measure) => [measure, LIVE_TOTALS.indexOf(measure)] as const),
) as Record<Measure, number>;

function windowOf(wire: WindowView): WindowSums {
  const types: Record<string, number> = {};
  const measures = noMeasures();
  for (const [type, totals] of Object.entries(wire.by_type)) {
    types[type] = totals[0] ?? 0;
    for (const measure of MEASURES) measures[measure] += totals[PLACE_OF[measure]] ?? 0;
  }
  return { start: wire.start, types, measures };
}

/** Every measure at zero. */
export function noMeasures(): Record<Measure, number> {
  return Object.fromEntries(MEASURES.map((measure) => [measure, 0] as const)) as Record<Measure, number>;
}

function noticeOf(wire: z.infer<typeof NoticeSchema>): Notice {
  return { ...wire, key: `${wire.event_type} ${wire.timestamp} ${wire.event_id}` };
}
