/** Fires the Worker's cron once a minute: workerd does not, locally. Called by dev/system. */
import type { Miniflare } from "miniflare";

const MINUTE_MS = 60_000;

/** Starts the clock; `stop` ends it. */
export function startCron(miniflare: Miniflare, log: (text: string) => void): { stop(): void } {
  const fire = async (): Promise<void> => {
    try {
      const worker = await miniflare.getWorker();
      await worker.scheduled({ cron: "* * * * *" });
    } catch (error) {
      log(`cron failed: ${error instanceof Error ? error.message : String(error)}`);
    }
  };
  const timer = setInterval(() => void fire(), MINUTE_MS);
  return { stop: () => clearInterval(timer) };
}
