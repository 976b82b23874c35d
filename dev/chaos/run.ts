/**
 * One chaos run: the whole system, agents that never give up, faults by a seed, and exact books at the end.
 * Called by main.ts and the e2e test. Reports; whoever calls decides what is a failure.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { type FaultProxy, seededRandom, startFaultProxy } from "../../test/support/fault-proxy.ts";
import { type System, startSystem } from "../system.ts";
import { auditLedger, auditLive } from "./audit.ts";
import { buildChaosWorker } from "./build.ts";
import { Faults } from "./faults.ts";
import { FAULTS, type FaultName, makeSchedule } from "./schedule.ts";
import { type AgentOptions, nothingSeen, runAgent, type Seen } from "./traffic.ts";

export interface ChaosOptions {
  seed: number;
  /** How long agents send. */
  durationMs: number;
  log: (text: string) => void;
}

export interface ChaosReport {
  seed: number;
  events: number;
  seen: Seen;
  /** Faults carried out, by name. */
  faults: Partial<Record<FaultName, number>>;
  /** Inserts that the proxy refused, and answers it lost. */
  proxy: { refused: number; lost: number; passed: number };
  /** What differs; empty after a good run. */
  ledger: string[];
  live: string[];
}

/** One agent a key; enough to keep everything busy on two cores while it is being broken. */
const EVENTS_A_REQUEST = 25;
const REQUESTS_A_SECOND = 4;
const BEHIND_MS = 60_000;

/** Requests of the agents whose events go through queues, and a way to stop them. */
class Gate {
  #open: Promise<void> = Promise.resolve();
  #waiting = 0;
  readonly #agents: number;
  readonly #ended: AbortSignal;

  constructor(agents: number, ended: AbortSignal) {
    this.#agents = agents;
    this.#ended = ended;
  }

  pass = async (): Promise<void> => {
    this.#waiting += 1;
    await this.#open;
    this.#waiting -= 1;
  };

  /** Resolves when every agent waits at the gate, or none will any more; the returned function opens it. */
  close = async (): Promise<() => void> => {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#open = promise;
    while (this.#waiting < this.#agents && !this.#ended.aborted) await delay(20);
    return resolve;
  };
}

/** Runs to the end, and leaves nothing behind. Rejects when the system does not start or does not come back. */
export async function runChaos(options: ChaosOptions): Promise<ChaosReport> {
  const dataDir = mkdtempSync(join(tmpdir(), "tenfold-chaos-"));
  let clickhouse = "";
  const proxy = await startFaultProxy(() => clickhouse, { refuse: 0, loseAnswer: 0 }, options.seed);
  const clickhouseUrl = (url: string): string => {
    clickhouse = url;
    return proxy.url;
  };
  try {
    const script = await buildChaosWorker();
    const system = await startSystem({ dataDir, port: 0, log: () => {}, clickhouseUrl, script });
    try {
      return await runOn(system, proxy, options);
    } finally {
      await system.stop();
    }
  } finally {
    await proxy.close();
    rmSync(dataDir, { recursive: true, force: true });
  }
}

async function runOn(system: System, proxy: FaultProxy, options: ChaosOptions): Promise<ChaosReport> {
  const { seed, log } = options;
  const seen = nothingSeen();
  const stop = new AbortController();
  const { agents, gate } = agentsOf(system, seed, stop.signal);
  const faults = new Faults({ system, proxy, pauseQueued: gate.close });
  const running = Promise.all(agents.map((agent) => runAgent(agent, seen, stop.signal)));
  running.catch(() => stop.abort());
  const counts = await carryOut(faults, options, stop).finally(() => stop.abort());
  await running;
  log("settling ...");
  const sent = Date.now();
  const ledger = await auditLedger(system, seen.books, "agent = 'chaos'");
  const live = await auditLive(system.devJson);
  log(`settled after ${seconds(Date.now() - sent)}`);
  const events = Object.values(seen.books).reduce((sum, n) => sum + n, 0);
  return { seed, events, seen, faults: counts, proxy: proxy.counts, ledger, live };
}

function agentsOf(system: System, seed: number, ended: AbortSignal): { agents: AgentOptions[]; gate: Gate } {
  const keys = system.devJson.orgs.flatMap(({ org_id, keys }) =>
    Object.entries(keys).flatMap(([kind, key]) => (kind.startsWith("path-") ? [] : [{ org_id, kind, key }])),
  );
  const gate = new Gate(keys.filter(({ kind }) => kind !== "eu").length, ended);
  const agents = keys.map(({ org_id, kind, key }, n) => ({
    url: () => system.devJson.url,
    orgId: org_id,
    key,
    random: seededRandom(seed * 1_000 + n),
    batch: EVENTS_A_REQUEST,
    rate: REQUESTS_A_SECOND,
    twice: 0.15,
    cut: 0.1,
    behindMs: BEHIND_MS,
    // What an EU tenant's agent was told is durable here too; it never waits for anybody.
    ...(kind === "eu" ? {} : { gate: gate.pass }),
  }));
  return { agents, gate };
}

const seconds = (ms: number): string => `${(ms / 1_000).toFixed(1)} s`;

/** Ends early, and quietly, when `stop` is aborted: an agent or a fault failed, and who started it knows. */
async function carryOut(faults: Faults, options: ChaosOptions, stop: AbortController): Promise<ChaosReport["faults"]> {
  let started = Date.now();
  const until = (at: number): Promise<void> =>
    delay(Math.max(0, started + at - Date.now()), undefined, { signal: stop.signal }).catch(() => undefined);
  const counts: ChaosReport["faults"] = Object.fromEntries(FAULTS.map((name) => [name, 0]));
  const underWay: Promise<void>[] = [];
  for (const fault of makeSchedule(options.seed, options.durationMs)) {
    await until(fault.at);
    if (stop.signal.aborted) break;
    options.log(`${seconds(Date.now() - started)} ${fault.name} ${fault.durationMs} ms`);
    counts[fault.name] = (counts[fault.name] ?? 0) + 1;
    if (fault.name === "worker-restart") {
      await Promise.all(underWay.splice(0));
      const before = Date.now();
      await faults.carryOut(fault);
      options.log(`restarted after ${seconds(Date.now() - before)}`);
      // The schedule stands still meanwhile: draining takes as long as it takes.
      started = Math.max(started, Date.now() - fault.at - fault.durationMs);
    } else {
      const done = faults.carryOut(fault);
      done.catch(() => stop.abort());
      underWay.push(done);
    }
  }
  await Promise.all(underWay);
  await until(options.durationMs);
  return counts;
}
