/** Whether history keeps up with events, in words. Pure; used by the pipeline page. */
import type { PipelineRegion } from "../../../schema/api/pipeline.ts";
import { formatDuration } from "../format/time.ts";

export type Health = { tone: "good" | "warn" | "bad"; word: string; why: string };

/** Rollups run every few minutes; an hour that waits this long was left out. */
const LATE_SECONDS = 15 * 60;

export function healthOf(
  region: Pick<PipelineRegion, "failed_count" | "waiting_hours" | "waiting_days" | "lag_seconds" | "last_run">,
): Health {
  const { failed_count: failed, waiting_hours: hours, lag_seconds: lag, last_run: last } = region;
  if (failed > 0)
    return {
      tone: "bad",
      word: "failing",
      why: `${failed} ${failed === 1 ? "part" : "parts"} of the history could not be counted; each is tried again`,
    };
  if (lag > LATE_SECONDS)
    return {
      tone: "warn",
      word: "behind",
      why: `${hours} ${hours === 1 ? "hour waits" : "hours wait"}, the first for ${formatDuration(lag * 1_000)}`,
    };
  if (last === null) return { tone: "good", word: "nothing yet", why: "the first hour is counted when it is over" };
  return {
    tone: "good",
    word: "keeping up",
    why: hours === 0 ? "every hour that is over is counted" : "hours that wait are read as they are",
  };
}
