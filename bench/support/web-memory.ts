/**
 * The Live view while frames arrive each second, for minutes: heap after collection, DOM nodes and listeners. Sessions and notices are new
 * ones all the time, as in a large organisation, so that whatever is kept too long is seen.
 */
import { z } from "zod";
import { LIVE_RANGE_MS, WINDOW_MS } from "../../schema/live.ts";
import { busyWindows, EPOCH, noticesOf, sessionsOf, updateOf, windowStart } from "../../test/support/live-script.ts";
import type { Dashboard } from "./throttled-page.ts";

/** The page first draws what it was given, and its code is compiled. */
export const SETTLING_MINUTES = 2;
const FRAME_MS = 1_000;
const SAMPLE_MS = 60_000;
/** Frames: so many sessions run at any time. */
const RUNS_FOR = 60;

export interface MemorySample {
  minute: number;
  heapBytes: number;
  nodes: number;
  listeners: number;
}

const HeapSchema = z.object({ usedSize: z.number() });
const CountersSchema = z.object({ nodes: z.number(), jsEventListeners: z.number() });

export async function watchMemory(dashboard: Dashboard, minutes: number): Promise<MemorySample[]> {
  const opened = await dashboard.open("/live");
  await opened.page.locator("[data-stat=rate]").first().waitFor();
  let seq = 10;
  const sendFrames = (at: number): void => {
    seq += 1;
    const drawn = sessionsOf(at);
    const sessions = [
      ...drawn.map((one, i) => ({ ...one, session: `run-${seq}-${i}`, state: stateOf(i) })),
      ...drawn.slice(0, 1).map((one) => ({ ...one, session: `run-${seq - RUNS_FOR}-0`, state: "ended" as const })),
    ];
    const windows = busyWindows(at).filter(({ start }) => start >= windowStart(at) - WINDOW_MS);
    const notices = noticesOf(at).map((one, i) => ({ ...one, event_id: `notice-${seq}-${i}` }));
    for (const connection of dashboard.fake.connections) {
      connection.send(updateOf({ seq, at, windows, sessions }));
      connection.send({ v: 1, epoch: EPOCH, seq, at, kind: "EVENT", notices });
    }
  };
  // What was in sight before: a page keeps the last 15 minutes, and only after them does something go for each that comes.
  for (let at = Date.now() - LIVE_RANGE_MS; at < Date.now(); at += FRAME_MS) sendFrames(at);
  const frames = setInterval(() => sendFrames(Date.now()), FRAME_MS);
  const samples: MemorySample[] = [];
  const began = Date.now();
  try {
    for (let minute = 0; minute <= minutes; minute++) {
      await opened.page.waitForTimeout(Math.max(0, began + minute * SAMPLE_MS - Date.now()));
      // Twice: what only weak references and finalisers hold goes with the second.
      for (let i = 0; i < 2; i++) await opened.cdp.send("HeapProfiler.collectGarbage");
      const heap = HeapSchema.parse(await opened.cdp.send("Runtime.getHeapUsage"));
      const counters = CountersSchema.parse(await opened.cdp.send("Memory.getDOMCounters"));
      samples.push({
        minute,
        heapBytes: heap.usedSize,
        nodes: counters.nodes,
        listeners: counters.jsEventListeners,
      });
    }
  } finally {
    clearInterval(frames);
    await opened.close();
  }
  return samples;
}

/** Most sessions have ended when they are first heard of; the first of each frame runs for RUNS_FOR frames. The page may forget both. */
const stateOf = (i: number): "running" | "ended" => (i === 0 ? "running" : "ended");

/** Growth per minute after settling: the slope of the least squares line. */
export function growthPerMinute(samples: readonly MemorySample[]): number {
  const settled = samples.filter(({ minute }) => minute >= SETTLING_MINUTES);
  const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
  const minutes = mean(settled.map(({ minute }) => minute));
  const bytes = mean(settled.map(({ heapBytes }) => heapBytes));
  const spread = settled.reduce((sum, { minute }) => sum + (minute - minutes) ** 2, 0);
  const together = settled.reduce((sum, { minute, heapBytes }) => sum + (minute - minutes) * (heapBytes - bytes), 0);
  return spread === 0 ? 0 : together / spread;
}
