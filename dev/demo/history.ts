/**
 * The past of one organisation: every developer's sessions, day by day, in working hours, merged into one ordered stream.
 * Used by backfill. Pure: a session belongs to (seed, org, developer, local day), so a longer range, or the same one asked
 * later, contains the same events again.
 */
import { DAY_MS, HOUR_MS, MINUTE_MS } from "../../schema/limits.ts";
import type { DemoDeveloper, OrgPlan } from "./org-plan.ts";
import { between, chance, logNormal, pickWeighted, randomFrom } from "./random.ts";
import { type DemoEvent, simulateSession } from "./session.ts";

/** Share of a day's sessions by local hour: late start, lunch at 12, a tail in the evening. */
export const HOUR_WEIGHTS = [
  0.02, 0.01, 0, 0, 0, 0, 0.03, 0.15, 0.6, 1.2, 1.5, 1.4, 0.35, 1, 1.5, 1.5, 1.3, 0.9, 0.45, 0.25, 0.25, 0.2, 0.12,
  0.06,
] as const;

/** The earliest and latest local midnight of a date are 14 hours before and 12 after UTC's. */
const MAX_OFFSET_MS = 14 * HOUR_MS;
const SICK_OR_MEETINGS = 0.12;
const MAX_SESSIONS_A_DAY = 20;

/** 0 Sunday to 6 Saturday, of a local day number (days since 1970-01-01, a Thursday). */
const weekday = (day: number): number => (((day + 4) % 7) + 7) % 7;

/** True on Saturday and Sunday. */
export function isWeekend(localMs: number): boolean {
  const day = weekday(Math.floor(localMs / DAY_MS));
  return day === 0 || day === 6;
}

/** The sessions a developer starts on a local day, each complete, unordered. */
function* dayOf(seed: string, orgId: string, developer: DemoDeveloper, day: number): Generator<DemoEvent[]> {
  const key = `${seed}|${orgId}|${developer.user_id}|${day}`;
  const random = randomFrom(key);
  const weekend = isWeekend(day * DAY_MS);
  if (chance(random, weekend ? (developer.nightOwl ? 0.6 : 0.96) : SICK_OR_MEETINGS)) return;
  const wanted = developer.sessionsPerDay * logNormal(random, 1, 0.5) * (weekend ? 0.4 : 1);
  const count = Math.min(Math.floor(wanted + random.unit()), MAX_SESSIONS_A_DAY);
  const midnight = day * DAY_MS - developer.team.offsetHours * HOUR_MS;
  const hours = HOUR_WEIGHTS.map((weight, hour) => ({ hour, weight }));
  for (let i = 0; i < count; i++) {
    const { hour } = pickWeighted(random, hours, (h) => h.weight);
    const late = developer.nightOwl ? 3 * HOUR_MS : 0;
    const start = Math.round(midnight + hour * HOUR_MS + late + between(random, 0, 60) * MINUTE_MS);
    yield [...simulateSession(`${key}|${i}`, developer, start)];
  }
}

const byTime = (a: DemoEvent, b: DemoEvent): number =>
  a.at - b.at || ((a.event.event_id ?? "") < (b.event.event_id ?? "") ? -1 : 1);

/**
 * All events of sessions that start at or after `fromMs` and have ended before `toMs`, ordered by time, then id.
 * Lazy by day: holds about two days of one organisation. Sessions still open at `toMs` are left out whole: nobody would
 * ever end them.
 */
export function* orgHistory(seed: string, plan: OrgPlan, fromMs: number, toMs: number): Generator<DemoEvent, void> {
  let pending: DemoEvent[] = [];
  const lastDay = Math.floor((toMs + MAX_OFFSET_MS) / DAY_MS);
  for (let day = Math.floor((fromMs - MAX_OFFSET_MS) / DAY_MS); day <= lastDay; day++) {
    for (const developer of plan.developers) {
      for (const session of dayOf(seed, plan.org_id, developer, day)) {
        const first = session[0];
        const last = session.at(-1);
        if (first === undefined || last === undefined) continue;
        if (first.at >= fromMs && last.at < toMs) pending.push(...session);
      }
    }
    pending.sort(byTime);
    const settled = (day + 1) * DAY_MS - MAX_OFFSET_MS;
    const cut = pending.findIndex((event) => event.at >= settled);
    const ready = cut < 0 ? pending : pending.slice(0, cut);
    pending = cut < 0 ? [] : pending.slice(cut);
    yield* ready;
  }
  yield* pending;
}
