/**
 * What one TenantLive can take, on bare workerd with its SQLite on disk: events/s and CPU an event when bursts come as fast as
 * it answers, rows written per 10,000 events, and memory at 10,000 events/s with unique sessions (target: < 100 MB).
 * The same bytes to a route that only cuts them into frames stand beside it.
 */
import { setTimeout as delay } from "node:timers/promises";
import { z } from "zod";
import { type BenchResult, round } from "./result.ts";
import { bulkFrame, joinFrames } from "./support/live-frames.ts";
import { type ObjectWorkerd, startObjectWorkerd } from "./support/object-workerd.ts";

const CLASSES = { TENANT_LIVE: "TenantLive", PLAIN_ROOM: "PlainRoom" };
const FRAME_EVENTS = 100;
const SPEED_EVENTS = 500_000;
const MB = 1_000_000;
const PACED_SECONDS = 30;

const StatsSchema = z.object({
  cells: z.number(),
  sessions: z.number(),
  windows: z.number(),
  dedup_bytes: z.number(),
  rows_written: z.number(),
});
const ResultSchema = z.object({ applied: z.number(), late: z.number(), duplicates: z.number() });

class Target {
  readonly workerd: ObjectWorkerd;
  readonly org: string;
  applied = 0;

  constructor(workerd: ObjectWorkerd, org: string) {
    this.workerd = workerd;
    this.org = org;
  }

  async post(path: string, body: Uint8Array<ArrayBuffer>): Promise<unknown> {
    const response = await fetch(`http://127.0.0.1:${this.workerd.port}${path}?org=${this.org}`, {
      method: "POST",
      body,
    });
    if (!response.ok) throw new Error(`${path}: ${response.status}`);
    return await response.json();
  }

  async apply(body: Uint8Array<ArrayBuffer>): Promise<void> {
    this.applied += ResultSchema.parse(await this.post("/apply", body)).applied;
  }

  async stats(): Promise<z.infer<typeof StatsSchema>> {
    const response = await fetch(`http://127.0.0.1:${this.workerd.port}/stats?org=${this.org}`);
    return StatsSchema.parse(await response.json());
  }
}

/** A burst of `events`, dated within the last second, in frames of 100. */
function burst(events: number, sessionOf: (i: number) => number): Uint8Array<ArrayBuffer> {
  const frames: Uint8Array[] = [];
  for (let at = 0; at < events; at += FRAME_EVENTS) {
    const shape = { events: FRAME_EVENTS, from: Date.now() - 900, stepMs: 5 };
    frames.push(bulkFrame({ ...shape, sessionOf: (i) => sessionOf(at + i) }));
  }
  return joinFrames(frames);
}

/** Time, CPU and rows of bursts sent one after another. Bodies are made before the clock starts. */
async function speed(
  workerd: ObjectWorkerd,
  name: string,
  events: number,
  total: number,
  sessionOf: (i: number) => number,
) {
  const target = new Target(workerd, name);
  const bodies = Array.from({ length: total / events }, (_, n) => burst(events, (i) => sessionOf(n * events + i)));
  await target.apply(burst(FRAME_EVENTS, sessionOf));
  const before = (await target.stats()).rows_written;
  const timed = async (path: string) => {
    const [cpu, at] = [workerd.cpu(), performance.now()];
    for (const body of bodies) {
      if (path === "/apply") await target.apply(body);
      else await target.post(path, body);
    }
    return { seconds: (performance.now() - at) / 1_000, cpu: workerd.cpu() - cpu };
  };
  const drained = await timed("/drain");
  const folded = await timed("/apply");
  const rows = (await target.stats()).rows_written - before;
  return {
    bursts: name,
    "events/s": round(total / folded.seconds),
    "µs CPU an event": round((folded.cpu / total) * 1e6, 2),
    "of which transport": round((drained.cpu / total) * 1e6, 2),
    "rows per 10,000 events": round((rows / total) * 10_000, 2),
  };
}

/** 10,000 events a second, as they come, each of its own session; samples memory as it is, uncollected. */
async function atPace(workerd: ObjectWorkerd, name: string, seconds: number) {
  const target = new Target(workerd, name);
  const rssBefore = workerd.rss();
  const before = await workerd.heap(true);
  const [cpu, started] = [workerd.cpu(), performance.now()];
  let peak = 0;
  for (let second = 0; second < seconds; second++) {
    await target.apply(burst(10_000, (i) => second * 10_000 + i));
    peak = Math.max(peak, await workerd.heap(false));
    await delay(Math.max(0, started + (second + 1) * 1_000 - performance.now()));
  }
  const core = (workerd.cpu() - cpu) / ((performance.now() - started) / 1_000);
  return { ...(await measured(workerd, target, name, before, peak, rssBefore)), "share of a core": round(core, 3) };
}

/** Fills windows of the last `seconds` at `perWindow` events each, oldest first, as time would have; then measures. */
async function memory(
  workerd: ObjectWorkerd,
  name: string,
  seconds: number,
  perWindow: number,
  sessionOf: (i: number) => number,
) {
  const target = new Target(workerd, name);
  const rssBefore = workerd.rss();
  const before = await workerd.heap(true);
  let peak = 0;
  let n = 0;
  const end = Math.floor(Date.now() / 10_000) * 10_000;
  for (let start = end - seconds * 1_000; start < end; start += 10_000) {
    for (let at = 0; at < perWindow; at += 10_000) {
      const frames = Array.from({ length: 10 }, (_, f) => {
        const first = n + f * 1_000;
        const from = start + ((at + f * 1_000) / perWindow) * 10_000;
        return bulkFrame({ events: 1_000, from, stepMs: 10_000 / perWindow, sessionOf: (i) => sessionOf(first + i) });
      });
      n += 10_000;
      await target.apply(joinFrames(frames));
    }
    peak = Math.max(peak, await workerd.heap(false));
  }
  return await measured(workerd, target, name, before, peak, rssBefore);
}

async function measured(
  workerd: ObjectWorkerd,
  target: Target,
  name: string,
  before: number,
  peak: number,
  rssBefore: number,
) {
  const held = await workerd.heap(true);
  const stats = await target.stats();
  return {
    load: name,
    events: target.applied,
    "MB held": round((held - before) / MB, 1),
    "MB of the isolate": round(held / MB, 1),
    "MB before collection, most": round(peak / MB, 1),
    "MB process growth": round((workerd.rss() - rssBefore) / MB),
    cells: stats.cells,
    sessions: stats.sessions,
    "MB identities": round(stats.dedup_bytes / MB, 1),
  };
}

export async function run(): Promise<BenchResult> {
  const vars = { JURISDICTIONS: "emulated" };
  const rows: BenchResult["rows"] = [];
  const workerd = await startObjectWorkerd("bench/workers/live.ts", CLASSES, vars);
  try {
    rows.push(await speed(workerd, "10,000 events, 500 sessions", 10_000, SPEED_EVENTS, (i) => i % 500));
    rows.push(await speed(workerd, "10,000 events, unique sessions", 10_000, SPEED_EVENTS, (i) => i));
    rows.push(await speed(workerd, "1,000 events, 500 sessions", 1_000, SPEED_EVENTS / 5, (i) => i % 500));
    rows.push(await speed(workerd, "100 events, 50 sessions", 100, SPEED_EVENTS / 20, (i) => i % 50));
  } finally {
    workerd.stop();
  }
  const paced = await startObjectWorkerd("bench/workers/live.ts", CLASSES, vars);
  try {
    rows.push(await atPace(paced, "10,000 events/s as they come, unique sessions", PACED_SECONDS));
  } finally {
    paced.stop();
  }
  for (const [name, seconds, perWindow, sessionOf] of [
    ["10,000 events/s for 3 min, unique sessions", 180, 100_000, (i: number) => i],
    ["20,000 sessions in every window of 15 min", 900, 20_000, (i: number) => i % 20_000],
  ] as const) {
    const fresh = await startObjectWorkerd("bench/workers/live.ts", CLASSES, vars);
    try {
      rows.push(await memory(fresh, name, seconds, perWindow, sessionOf));
    } finally {
      fresh.stop();
    }
  }
  return {
    title: "TenantLive: folding events into one object",
    rows,
    notes: [
      "transport: the same request cut into frames and dropped by the Worker; the rest is RPC, fold and the checkpoint.",
      "Memory at pace is what the target is about: < 100 MB of the isolate.",
      "The last two rows fill windows oldest first with events of their own time, so that minutes take seconds: what is held is the steady state, what is uncollected is not.",
    ],
  };
}
