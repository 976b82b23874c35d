/**
 * Fires the Worker's cron once a minute: workerd does not, locally. Called by dev/system, and by the fault harness out of turn.
 * By a request, never by miniflare's proxy of the Worker: that one stops this process until the run is over, and a run that logs
 * more than the socket holds then waits for this process to read it, for ever.
 */
import type { Miniflare } from "miniflare";

const MINUTE_MS = 60_000;
const TRIGGER_URL = "http://127.0.0.1/cdn-cgi/local/scheduled";

/** Options of miniflare that `fireCron` relies on. */
export const CRON_OPTIONS = { unsafeTriggerHandlers: true } as const;

/** Runs the cron as if it were `at`, ms; now by default. Rejects when the run does. */
export async function fireCron(miniflare: Pick<Miniflare, "dispatchFetch">, at: number = Date.now()): Promise<void> {
  const params = new URLSearchParams({ cron: "* * * * *", time: String(at) });
  const response = await miniflare.dispatchFetch(`${TRIGGER_URL}?${params}`);
  const outcome = await response.text();
  if (!response.ok) throw new Error(outcome);
}

/** Starts the clock; `stop` ends it. */
export function startCron(miniflare: Pick<Miniflare, "dispatchFetch">, log: (text: string) => void): { stop(): void } {
  const fire = async (): Promise<void> => {
    try {
      await fireCron(miniflare);
    } catch (error) {
      log(`cron failed: ${error instanceof Error ? error.message : String(error)}`);
    }
  };
  const timer = setInterval(() => void fire(), MINUTE_MS);
  return { stop: () => clearInterval(timer) };
}
