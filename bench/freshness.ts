/**
 * How fresh the live view is while 10,000 events/s come in on miniflare: POST -> METRIC_UPDATE with the event counted, and
 * POST -> EVENT for priority notices, seen by one socket of each of three tenants (us, eu, global).
 * Targets: p95 < 2 s, stretch 1 s; notices p95 < 300 ms.
 */
import { setTimeout as delay } from "node:timers/promises";
import type { DevJson } from "../dev/dev-json.ts";
import type { System } from "../dev/system.ts";
import type { ServerFrame } from "../schema/live.ts";
import { type BenchResult, percentile, round } from "./result.ts";
import { benchEvent } from "./support/events.ts";
import { type LiveSocket, openLive, signIn } from "./support/live-client.ts";
import { runOpenLoad } from "./support/open-load.ts";
import { usageNote, watchUsage } from "./support/usage.ts";
import { withSystem } from "./support/whole-system.ts";

const BATCH = 100;
const REQUESTS_PER_SECOND = 100;
const SECONDS = 60;
const WARM_SECONDS = 3;
const STORM_SECONDS = 10;
/** One request in so many carries an event of a type of its own, whose count in a window says that it arrived. No multiple of 3. */
const MARK_EVERY = 16;
/** One request in so many is a single error; 35 a minute and tenant, so that the gate of two calls a second is open. */
const NOTICE_EVERY = 53;
/** Time for the last frames. */
const LAST_MS = 5_000;
const FRESH_TARGET_MS = 2_000;
const NOTICE_TARGET_MS = 300;

type Org = DevJson["orgs"][number];

/** What one tenant's socket saw. */
class Watcher {
  readonly fresh: number[] = [];
  readonly notices: number[] = [];
  readonly gaps: number[] = [];
  readonly waiting = new Map<string, number>();
  readonly waitingNotices = new Map<string, number>();
  /** Errors posted and shown; a storm shows only some of them at once. */
  shown = 0;
  ended: number | undefined;
  #lastUpdate: number | undefined;
  socket: LiveSocket | undefined;

  see(frame: ServerFrame, at: number): void {
    if (frame.kind === "EVENT") {
      this.shown += frame.notices.length;
      for (const { event_id } of frame.notices) arrived(this.waitingNotices, event_id, at, this.notices);
      return;
    }
    if (frame.kind === "RENEWED") return;
    if (frame.kind === "METRIC_UPDATE") {
      if (this.#lastUpdate !== undefined) this.gaps.push(at - this.#lastUpdate);
      this.#lastUpdate = at;
    }
    for (const { by_type } of frame.windows) {
      for (const type in by_type) if (this.waiting.has(type)) arrived(this.waiting, type, at, this.fresh);
    }
  }

  /** Forgets what was measured, not what is under way. */
  clear(): void {
    this.fresh.length = this.notices.length = this.gaps.length = this.shown = 0;
  }
}

function arrived(waiting: Map<string, number>, key: string, at: number, times: number[]): void {
  const from = waiting.get(key);
  if (from === undefined) return;
  waiting.delete(key);
  times.push(at - from);
}

export async function run(): Promise<BenchResult> {
  return await withSystem(async (system) => {
    const { orgs, url } = system.devJson;
    const watchers = new Map<string, Watcher>();
    for (const org of orgs) watchers.set(org.org_id, await watch(url, org));
    const all = [...watchers.values()];
    await load(system, watchers, { seconds: WARM_SECONDS, errors: false, prefix: "w" });
    await settled(all);
    for (const watcher of all) watcher.clear();

    const usage = watchUsage(system);
    const calm = await load(system, watchers, { seconds: SECONDS, errors: false, prefix: "c" });
    const used = await usage.stop();
    await settled(all);
    const rows = [line("POST -> 202", calm.latencies)];
    for (const org of orgs) {
      const fresh = watchers.get(org.org_id)?.fresh ?? [];
      rows.push(
        line(`POST -> METRIC_UPDATE, ${org.residency} (${org.residency === "eu" ? "buffer" : "queue"})`, fresh),
      );
    }
    const fresh = all.flatMap((watcher) => watcher.fresh);
    const notices = all.flatMap((watcher) => watcher.notices);
    const gaps = all.flatMap((watcher) => watcher.gaps);
    const missing = all.reduce((sum, { waiting, waitingNotices }) => sum + waiting.size + waitingNotices.size, 0);
    rows.push(line("POST -> METRIC_UPDATE, all", fresh), line("POST -> EVENT, errors are rare", notices));

    for (const watcher of all) watcher.clear();
    const storm = await load(system, watchers, { seconds: STORM_SECONDS, errors: true, prefix: "s" });
    await delay(LAST_MS / 2);
    rows.push(
      line(
        "POST -> EVENT of those shown, one event in five an error",
        all.flatMap((watcher) => watcher.notices),
      ),
    );
    const shown = all.reduce((sum, watcher) => sum + watcher.shown, 0);
    for (const watcher of all) watcher.socket?.close();

    const verdict = (value: number, target: number): string =>
      `${round(value)} ms (${value < target ? "met" : "MISSED"})`;
    return {
      title: `freshness: ${BATCH * REQUESTS_PER_SECOND} events/s for ${SECONDS} s into ${orgs.length} tenants, one socket each`,
      rows,
      notes: [
        `METRIC_UPDATE p95 target < ${FRESH_TARGET_MS} ms, stretch 1,000: ${verdict(percentile(fresh, 0.95), FRESH_TARGET_MS)}; notices p95 target < ${NOTICE_TARGET_MS} ms: ${verdict(percentile(notices, 0.95), NOTICE_TARGET_MS)}`,
        `markers that never came ${missing}; sockets that ended ${all.filter(({ ended }) => ended !== undefined).length}; failed requests ${failures(calm.failed) + failures(storm.failed)}; requests went out at most ${round(calm.lateMs)} ms late`,
        `between two METRIC_UPDATE of a socket: p50 ${round(percentile(gaps, 0.5))} ms, p95 ${round(percentile(gaps, 0.95))} ms`,
        `storm: ${storm.errors} errors in ${STORM_SECONDS} s, ${shown} shown as notices; all are counted by their packs`,
        usageNote(used),
      ],
    };
  });
}

const failures = (failed: Record<string, number>): number => Object.values(failed).reduce((sum, n) => sum + n, 0);

function line(what: string, times: readonly number[]): BenchResult["rows"][number] {
  return {
    what,
    "p50 ms": round(percentile(times, 0.5)),
    "p95 ms": round(percentile(times, 0.95)),
    "p99 ms": round(percentile(times, 0.99)),
    "max ms": round(Math.max(...times)),
    samples: times.length,
  };
}

async function watch(url: string, org: Org): Promise<Watcher> {
  const admin = org.users.find(({ role }) => role === "admin");
  if (admin === undefined) throw new Error(`${org.org_id} has no admin`);
  const watcher = new Watcher();
  watcher.socket = openLive(
    url,
    await signIn(url, admin),
    "",
    (frame, at) => watcher.see(frame, at),
    (code) => {
      watcher.ended = code;
    },
  );
  await watcher.socket.opened;
  return watcher;
}

/** Waits until nothing is under way, or no longer than a frame could take. */
async function settled(watchers: readonly Watcher[]): Promise<void> {
  const busy = (): boolean => watchers.some(({ waiting, waitingNotices }) => waiting.size + waitingNotices.size > 0);
  for (const deadline = Date.now() + LAST_MS; busy() && Date.now() < deadline; ) await delay(50);
}

interface Phase {
  seconds: number;
  /** Whether one event in five is an error, as the bench's events are; otherwise none but the marked ones. */
  errors: boolean;
  prefix: string;
}

async function load(system: System, watchers: ReadonlyMap<string, Watcher>, phase: Phase) {
  const { url, orgs } = system.devJson;
  let errors = 0;
  const report = await runOpenLoad({
    url,
    requestsPerSecond: REQUESTS_PER_SECOND,
    seconds: phase.seconds,
    requestOf: (n, dueAt) => {
      const org = orgs[n % orgs.length];
      const watcher = watchers.get(org?.org_id ?? "");
      if (org === undefined || watcher === undefined) throw new Error("no such org");
      const now = Date.now();
      const notice = n % NOTICE_EVERY === 0;
      const events = Array.from({ length: notice ? 1 : BATCH }, (_, i) => {
        const event = benchEvent(n * BATCH + i, now - (i % 50));
        if (notice) event.event_type = "error";
        else if (event.event_type === "error" && !phase.errors) event.event_type = "custom.tool_failed";
        if (event.event_type === "error") errors++;
        return event;
      });
      if (notice) watcher.waitingNotices.set(String(events[0]?.event_id), dueAt);
      else if (n % MARK_EVERY === 0 && events[0] !== undefined) {
        const type = `custom.${phase.prefix}${n}`;
        events[0].event_type = type;
        watcher.waiting.set(type, dueAt);
      }
      return { key: org.ingest_key, body: JSON.stringify(events) };
    },
    onAnswer: () => undefined,
  });
  return { ...report, errors };
}
