/**
 * What goes wrong when: a list of faults made from a seed, so that a failing run can be repeated. Pure; carried out by run.ts.
 * The end of a run is left quiet, and a restart of the Worker stands alone: local queues live in its memory.
 */
import { seededRandom } from "../../test/support/fault-proxy.ts";

export const FAULTS = [
  "clickhouse-kill",
  "clickhouse-hold",
  "clickhouse-slow",
  "clickhouse-refuses",
  "clickhouse-loses-answers",
  "worker-restart",
  "objects-aborted",
  "d1-down",
  "r2-down",
  "queues-full",
  "queues-lose-answers",
  "clock-skew",
] as const;
export type FaultName = (typeof FAULTS)[number];

export interface ScheduledFault {
  name: FaultName;
  /** ms after the start. */
  at: number;
  durationMs: number;
  /** 0 <= x < 1: how bad it is; each fault reads it in its own way. */
  strength: number;
}

/** Between two starts: short enough that faults overlap. */
const MIN_GAP_MS = 300;
const MAX_GAP_MS = 2_500;
const MIN_DURATION_MS = 800;
/** Longer outages than this only make a run longer: retries and spill begin within a second. */
const MAX_DURATION_MS = 20_000;
/** Share of the run after which nothing new goes wrong. */
const LAST_START = 0.85;

/** Faults of a run of `totalMs`, in order of their start. Two of one name never overlap; a restart overlaps nothing. */
export function makeSchedule(seed: number, totalMs: number): ScheduledFault[] {
  const random = seededRandom(seed);
  const longest = Math.min(MAX_DURATION_MS, Math.max(MIN_DURATION_MS, totalMs / 8));
  const faults: ScheduledFault[] = [];
  let busyUntil = 0;
  let order: FaultName[] = [];
  const endOf = new Map<FaultName, number>();
  for (let at = MAX_GAP_MS * random(); ; at += MIN_GAP_MS + (MAX_GAP_MS - MIN_GAP_MS) * random()) {
    const round = faults.length % FAULTS.length;
    if (round === 0) order = shuffled(random);
    const name = order[round] ?? "clickhouse-kill";
    const strength = random();
    const durationMs = Math.round(MIN_DURATION_MS + (longest - MIN_DURATION_MS) * random());
    if (name === "worker-restart") at = Math.max(at, busyUntil);
    at = Math.round(Math.max(at, endOf.get(name) ?? 0, endOf.get("worker-restart") ?? 0));
    if (at > totalMs * LAST_START) return faults;
    faults.push({ name, at, durationMs, strength });
    endOf.set(name, at + durationMs);
    busyUntil = Math.max(busyUntil, at + durationMs);
  }
}

/** Every fault once, in a random order. */
function shuffled(random: () => number): FaultName[] {
  const drawn = FAULTS.map((name) => ({ name, key: random() }));
  return drawn.sort((a, b) => a.key - b.key).map(({ name }) => name);
}
