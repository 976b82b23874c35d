/**
 * Keeps ClickHouse for development running: one process on a fixed port, started again when it dies.
 * Called by dev/system. The tests use `hold()` to keep it down on purpose.
 */
import { setTimeout as delay } from "node:timers/promises";
import { type RunningClickHouse, startClickHouse } from "./clickhouse/spawn.ts";

export interface SupervisorOptions {
  dataDir: string;
  user: string;
  password: string;
  /** Told the process id after every start. */
  onStart: (pid: number) => void;
  log: (text: string) => void;
}

const RESTART_DELAY_MS = 500;
const CHECK_MS = 250;

const alive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

export class ClickHouseSupervisor {
  readonly #options: SupervisorOptions;
  #running: RunningClickHouse;
  #port: number;
  #held = false;
  #stopped = false;
  #loop: Promise<void>;

  private constructor(options: SupervisorOptions, running: RunningClickHouse) {
    this.#options = options;
    this.#running = running;
    this.#port = Number(new URL(running.url).port);
    this.#loop = this.#watch();
  }

  static async start(options: SupervisorOptions): Promise<ClickHouseSupervisor> {
    const { dataDir, user, password } = options;
    const running = await startClickHouse({ dataDir, user, password });
    options.onStart(running.pid);
    return new ClickHouseSupervisor(options, running);
  }

  get url(): string {
    return this.#running.url;
  }

  get pid(): number {
    return this.#running.pid;
  }

  /** Kills it with SIGKILL and keeps it down until `release`. */
  async hold(): Promise<void> {
    this.#held = true;
    await this.#running.kill();
  }

  release(): void {
    this.#held = false;
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#loop;
    await this.#running.stop();
  }

  async #watch(): Promise<void> {
    const { dataDir, user, password, onStart, log } = this.#options;
    while (!this.#stopped) {
      await delay(CHECK_MS);
      if (this.#held || this.#stopped || alive(this.#running.pid)) continue;
      log("ClickHouse is gone; starting it again");
      try {
        this.#running = await startClickHouse({ dataDir, user, password, port: this.#port });
        onStart(this.#running.pid);
      } catch (error) {
        log(`ClickHouse did not start: ${error instanceof Error ? error.message : String(error)}`);
        await delay(RESTART_DELAY_MS);
      }
    }
  }
}
