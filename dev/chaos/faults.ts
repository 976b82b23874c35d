/**
 * Carries one fault out on a running system, and takes it back. Called by run.ts, several at a time.
 * Faults inside the Worker are set through its control route, and set again after a restart, which forgets them.
 */
import { setTimeout as delay } from "node:timers/promises";
import type { FaultProxy } from "../../test/support/fault-proxy.ts";
import type { System } from "../system.ts";
import { CallsSchema, CONTROL_PATH, NO_FAULTS, OWED, type WorkerFaults } from "./control.ts";
import type { ScheduledFault } from "./schedule.ts";

/** Longest delay of a slow ClickHouse; below the 30 s after which an insert is given up. */
const SLOWEST_MS = 4_000;
/** Share of inserts that fail at the worst. */
const WORST_SHARE = 0.6;
/** An edge's clock is wrong by at most this, either way. */
const MAX_SKEW_MS = 90_000;
/** Between two aborts of the same objects. */
const ABORT_EVERY_MS = 700;
/** A queue that does not drain in this time with nothing going wrong never will: retries are at most 10 min apart. */
const DRAIN_MS = 660_000;
const DRAIN_POLL_MS = 50;

export interface Target {
  system: System;
  proxy: FaultProxy;
  /** Stops the agents whose events wait in memory, and lets them go on; resolves when none of their requests is under way. */
  pauseQueued(): Promise<() => void>;
}

/** What this Worker process is told at the moment. */
export class Faults {
  readonly #target: Target;
  #worker: WorkerFaults = NO_FAULTS;

  constructor(target: Target) {
    this.#target = target;
  }

  /** Does it, waits, takes it back. Rejects only when the system does not come back. */
  async carryOut({ name, durationMs, strength }: ScheduledFault): Promise<void> {
    const { system } = this.#target;
    switch (name) {
      case "clickhouse-kill":
        return kill(system.clickhouse.pid);
      case "clickhouse-hold":
        await system.clickhouse.hold();
        await delay(durationMs);
        return system.clickhouse.release();
      case "clickhouse-slow":
        return await this.#rate(durationMs, { slowMs: SLOWEST_MS * strength }, { slowMs: 0 });
      case "clickhouse-refuses":
        return await this.#rate(durationMs, { refuse: WORST_SHARE * strength }, { refuse: 0 });
      case "clickhouse-loses-answers":
        return await this.#rate(durationMs, { loseAnswer: WORST_SHARE * strength }, { loseAnswer: 0 });
      case "worker-restart":
        return await this.#restart();
      case "objects-aborted":
        return await this.#abort(durationMs);
      case "d1-down":
        return await this.#tell(durationMs, { d1: "down" });
      case "r2-down":
        return await this.#tell(durationMs, { r2: "down" });
      case "queues-full":
        return await this.#tell(durationMs, { queues: "full" });
      case "queues-lose-answers":
        return await this.#tell(durationMs, { queues: "lost" });
      case "clock-skew":
        return await this.#tell(durationMs, { skewMs: Math.round(MAX_SKEW_MS * (2 * strength - 1)) });
    }
  }

  async #rate(durationMs: number, on: Partial<FaultProxy["rates"]>, off: Partial<FaultProxy["rates"]>): Promise<void> {
    Object.assign(this.#target.proxy.rates, on);
    await delay(durationMs);
    Object.assign(this.#target.proxy.rates, off);
  }

  async #tell(durationMs: number, faults: Partial<WorkerFaults>): Promise<void> {
    this.#worker = { ...this.#worker, ...faults };
    await this.#post();
    await delay(durationMs);
    const normal = Object.keys(faults).map((key) => [key, NO_FAULTS[key as keyof WorkerFaults]]);
    this.#worker = { ...this.#worker, ...Object.fromEntries(normal) };
    await this.#post();
  }

  #post(): Promise<void> {
    return this.#control({ method: "POST", body: JSON.stringify(this.#worker) });
  }

  async #control(init: RequestInit): Promise<void> {
    const response = await fetch(`${this.#target.system.devJson.url}${CONTROL_PATH}`, init);
    await response.body?.cancel();
    if (!response.ok) throw new Error(`the control route answers ${response.status}`);
  }

  /**
   * SIGKILL of the Worker's process in the middle of EU traffic. The other tenants' queues are drained first: they are memory.
   * Nothing may be queued meanwhile, so the cron's replay of spilled packs is refused: they stay in R2, where they are safe.
   */
  async #restart(): Promise<void> {
    const { system } = this.#target;
    const resume = await this.#target.pauseQueued();
    this.#worker = { ...NO_FAULTS, queues: "full" };
    await this.#post();
    await this.#drained();
    await system.restartWorker();
    this.#worker = NO_FAULTS;
    await this.#post();
    resume();
  }

  /** Twice nothing owed: a send that was under way when queues were closed is counted when it ends. */
  async #drained(): Promise<void> {
    const deadline = Date.now() + DRAIN_MS;
    for (let empty = 0; empty < 2; await delay(DRAIN_POLL_MS)) {
      const owed = await undelivered(this.#target.system);
      if (Date.now() > deadline) throw new Error(`${owed} packs were not delivered in ${DRAIN_MS} ms`);
      empty = owed === 0 ? empty + 1 : 0;
    }
  }

  /** Ends every object's instance, again and again; their storage stays. */
  async #abort(durationMs: number): Promise<void> {
    for (const end = Date.now() + durationMs; Date.now() < end; await delay(ABORT_EVERY_MS)) {
      await this.#control({ method: "DELETE" });
    }
  }
}

/** Packs that a queue took and no consumer has acknowledged. */
export async function undelivered(system: System): Promise<number> {
  const calls = CallsSchema.parse(await (await fetch(`${system.devJson.url}${CONTROL_PATH}`)).json());
  return calls[OWED] ?? 0;
}

function kill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It is already gone: another fault of the same moment.
  }
}
