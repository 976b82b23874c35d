/**
 * Demo agents: the generators of this folder, sent through the public ingest API as any agent would.
 * Called by `npm start` and by tests. Each organisation has one sender with one request under way; events are made when
 * they are due, so a server that is down costs no memory: its events follow, with their own times, when it is back.
 */
import { DAY_MS, SECOND_MS } from "../../schema/limits.ts";
import { orgHistory } from "./history.ts";
import { createIngestClient, type IngestClient, type SendFailure, waitFor } from "./ingest-client.ts";
import { LiveOrg } from "./live.ts";
import { planOrg } from "./org-plan.ts";
import type { DemoEvent } from "./session.ts";

/** Events a live request: what an agent's buffer holds. */
const LIVE_BATCH = 200;
const FLUSH_MS = SECOND_MS;
/** Live events a second over all organisations, unless asked otherwise: lively, and nothing for the machine. */
const DEFAULT_RATE = 5;
/** Events a request of history: the contract's limit. */
const HISTORY_BATCH = 1_000;
/** Requests of history under way at once, per organisation. */
const HISTORY_IN_FLIGHT = 3;
/** How long `stop` goes on retrying before it reports what could not be delivered. */
const STOP_GRACE_MS = 15 * SECOND_MS;

export interface DemoOrg {
  org_id: string;
  ingest_key: string;
}

/** What became of the events so far; `failed` were refused with their request or given up at stop. */
export interface DemoStats {
  sent: number;
  accepted: number;
  duplicates: number;
  rejected: number;
  failed: number;
  retries: number;
}

export interface DemoAgentsOptions {
  url: string;
  orgs: DemoOrg[];
  seed: string;
  /** Over all organisations together. */
  ratePerSecond?: number;
  /** Problems a person should see; stderr by default. */
  log?: (line: string) => void;
}

export interface DemoAgents {
  /** Sends everything due, ends the open sessions, waits for the answers. */
  stop(): Promise<void>;
  stats(): DemoStats;
}

const noStats = (): DemoStats => ({ sent: 0, accepted: 0, duplicates: 0, rejected: 0, failed: 0, retries: 0 });

async function deliver(client: IngestClient, events: DemoEvent[], stats: DemoStats): Promise<SendFailure[]> {
  const result = await client.send(events.map(({ event }) => event));
  stats.sent += events.length;
  stats.accepted += result.accepted;
  stats.duplicates += result.duplicates;
  stats.rejected += result.rejected.length;
  for (const failure of result.failures) stats.failed += failure.events;
  return result.failures;
}

/** Starts the agents of every organisation; they work until `stop`. Returns at once. */
export function startDemoAgents(options: DemoAgentsOptions): DemoAgents {
  const { url, orgs, seed, ratePerSecond = DEFAULT_RATE, log = (line: string) => console.error(line) } = options;
  const stats = noStats();
  const stopping = new AbortController();
  const givingUp = new AbortController();
  const startMs = Date.now();

  async function run(org: DemoOrg): Promise<void> {
    const live = new LiveOrg({
      seed,
      plan: planOrg(seed, org.org_id),
      startMs,
      eventsPerSecond: ratePerSecond / orgs.length,
    });
    const client = createIngestClient({
      url,
      key: org.ingest_key,
      maxEvents: LIVE_BATCH,
      signal: givingUp.signal,
      onRetry: () => {
        stats.retries++;
      },
    });
    let lastComplaint = "";
    const sendBatch = async (events: DemoEvent[]): Promise<void> => {
      for (const failure of await deliver(client, events, stats)) {
        const complaint = `demo agents of ${org.org_id}: ${failure.events} events not stored, ${failure.status} ${failure.code} ${failure.message}`;
        if (complaint !== lastComplaint) log(complaint);
        lastComplaint = complaint;
      }
    };
    const sendDue = async (nowMs: number): Promise<void> => {
      for (let due = live.take(nowMs, LIVE_BATCH); due.length > 0; due = live.take(nowMs, LIVE_BATCH))
        await sendBatch(due);
    };
    while (!stopping.signal.aborted) {
      await sendDue(Date.now());
      await waitFor(FLUSH_MS, stopping.signal);
    }
    const end = Date.now();
    await sendDue(end);
    const open = live.interrupt(end);
    if (open.length > 0) await sendBatch(open);
  }

  const running = Promise.all(orgs.map(run));
  return {
    stats: () => ({ ...stats }),
    async stop() {
      stopping.abort();
      const grace = setTimeout(() => givingUp.abort(), STOP_GRACE_MS);
      try {
        await running;
      } finally {
        clearTimeout(grace);
      }
    },
  };
}

export interface BackfillOptions {
  url: string;
  orgs: DemoOrg[];
  seed: string;
  days: number;
  /** End of the history, ms since the epoch; sessions still open then are left out. */
  now: number;
  /** Ends early; running it again completes it. */
  signal?: AbortSignal;
  /** Told after each answer: how far one organisation's history has got (ms since the epoch). */
  onProgress?: (progress: { org_id: string; through: number; sent: number }) => void;
}

/**
 * Sends `days` of history through the same API. Ids depend on (seed, org, day) only: running it again, after an
 * interruption or with a later `now`, stores nothing twice.
 */
export async function backfill(options: BackfillOptions): Promise<DemoStats> {
  const { url, orgs, seed, days, now, signal, onProgress } = options;
  const stats = noStats();

  async function run(org: DemoOrg): Promise<void> {
    const client = createIngestClient({
      url,
      key: org.ingest_key,
      maxEvents: HISTORY_BATCH,
      encoding: "zstd",
      ...(signal === undefined ? {} : { signal }),
      onRetry: () => {
        stats.retries++;
      },
    });
    const from = Math.floor((now - days * DAY_MS) / DAY_MS) * DAY_MS;
    const history = orgHistory(seed, planOrg(seed, org.org_id), from, now);
    let sent = 0;
    const worker = async (): Promise<void> => {
      for (let batch = nextBatch(history); batch.length > 0; batch = nextBatch(history)) {
        await deliver(client, batch, stats);
        sent += batch.length;
        onProgress?.({ org_id: org.org_id, through: batch.at(-1)?.at ?? now, sent });
        if (signal?.aborted === true) return;
      }
    };
    await Promise.all(Array.from({ length: HISTORY_IN_FLIGHT }, worker));
  }

  await Promise.all(orgs.map(run));
  return stats;
}

/** The next events of a history, empty at its end. Synchronous, so that several workers may share one history. */
function nextBatch(history: Generator<DemoEvent, void>): DemoEvent[] {
  const batch: DemoEvent[] = [];
  while (batch.length < HISTORY_BATCH) {
    const next = history.next();
    if (next.done === true) break;
    batch.push(next.value);
  }
  return batch;
}
