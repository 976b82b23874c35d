/**
 * CPU and memory of the system's three processes while a load runs: workerd (the Worker, its queues and storage), ClickHouse, and
 * node (the load generator with miniflare). Used by the whole-system benches. Reads /proc, so Linux only.
 */
import { readdirSync, readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import type { System } from "../../dev/system.ts";
import { round } from "../result.ts";
import { cpuSeconds, residentBytes } from "./load.ts";

const SAMPLE_MS = 500;
const MB = 1_000_000;
/** Kernel ticks a second. */
const TICKS = 100;

/** The workerd process that this process's miniflare runs. Throws when there is none. */
function workerdPid(): number {
  for (const entry of readdirSync("/proc")) {
    if (!/^\d+$/.test(entry)) continue;
    try {
      const stat = readFileSync(`/proc/${entry}/stat`, "utf8");
      const parent = Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]);
      if (parent === process.pid && stat.includes("(workerd)")) return Number(entry);
    } catch {
      // The process ended meanwhile.
    }
  }
  throw new Error("no workerd of this process was found");
}

export interface Usage {
  seconds: number;
  /** Cores in use, by process; `others`: by everything else on the machine, which a figure must be read with. */
  cores: { workerd: number; clickhouse: number; node: number; others: number };
  workerdMb: { before: number; peak: number; after: number };
  /** Most messages waiting in the queues at a sample. */
  backlogPeak: number;
}

/** CPU seconds the whole machine has been busy. */
function machineBusy(): number {
  const [user = 0, nice = 0, system = 0, , , irq = 0, softIrq = 0, steal = 0] = readFileSync("/proc/stat", "utf8")
    .slice(4)
    .trimStart()
    .split(/\s+/, 8)
    .map(Number);
  return (user + nice + system + irq + softIrq + steal) / TICKS;
}

/** Watches until `stop` is called. */
export function watchUsage(system: System): { stop(): Promise<Usage> } {
  const workerd = workerdPid();
  const cpu = () => {
    const own = process.cpuUsage();
    const node = (own.user + own.system) / 1e6;
    return { workerd: cpuSeconds(workerd), clickhouse: cpuSeconds(system.clickhouse.pid), node, all: machineBusy() };
  };
  const resident = (): number => round(residentBytes(workerd) / MB);
  const [at, from, before] = [performance.now(), cpu(), resident()];
  let peak = before;
  let backlogPeak = 0;
  let sampling = Promise.resolve();
  const timer = setInterval(() => {
    peak = Math.max(peak, resident());
    sampling = system.backlog().then(
      (backlog) => {
        backlogPeak = Math.max(backlogPeak, backlog);
      },
      () => undefined,
    );
  }, SAMPLE_MS);
  return {
    stop: async () => {
      clearInterval(timer);
      await sampling;
      const [seconds, to, after] = [(performance.now() - at) / 1_000, cpu(), resident()];
      const cores = (name: keyof typeof from): number => round((to[name] - from[name]) / seconds, 2);
      const ours = { workerd: cores("workerd"), clickhouse: cores("clickhouse"), node: cores("node") };
      const others = round(Math.max(0, cores("all") - ours.workerd - ours.clickhouse - ours.node), 2);
      return {
        seconds,
        cores: { ...ours, others },
        workerdMb: { before, peak: Math.max(peak, after), after },
        backlogPeak,
      };
    },
  };
}

/** The usage as a line for a report. */
export function usageNote({ cores, workerdMb, backlogPeak }: Usage): string {
  return (
    `cores: workerd ${cores.workerd}, ClickHouse ${cores.clickhouse}, node (load and miniflare) ${cores.node}, others on this machine ${cores.others} of ${availableParallelism()}; ` +
    `workerd RSS ${workerdMb.before} MB before, ${workerdMb.peak} at most, ${workerdMb.after} after; most packs waiting in queues ${backlogPeak}`
  );
}
