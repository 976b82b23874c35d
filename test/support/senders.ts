/**
 * Concurrent senders that behave like real agents' exporters: batches, retries of the same bytes on 429/503 and broken
 * connections, some requests sent twice, some events sent again in other company. Used by the e2e tests.
 */
import { setTimeout as delay } from "node:timers/promises";
import { gzipSync, zstdCompressSync } from "node:zlib";
import { z } from "zod";
import type { DevJson } from "../../dev/dev-json.ts";
import { EVENT_TYPES } from "../../schema/event.ts";
import type { Books } from "./ledger.ts";

export interface SendPlan {
  orgs: DevJson["orgs"];
  events: number;
  senders: number;
  batch: number;
  /** Share of requests sent a second time, byte for byte. */
  twice: number;
  /** Share of events sent again later, with other neighbours. */
  again: number;
  random: () => number;
  /** Time of an event (ms); now by default. */
  timeOf?: () => number;
  /** Requests a second over all senders; as fast as they are answered by default. */
  requestsPerSecond?: number;
}

export interface SendReport {
  /** Unique identities acknowledged. */
  books: Books;
  requests: number;
  retries: number;
  /** Statuses that no client should ever see. */
  unexpected: string[];
}

const RETRYABLE = new Set([429, 502, 503, 504]);
const MAX_TRIES = 60;

function makeEvent(plan: SendPlan): Record<string, unknown> {
  const type = EVENT_TYPES[Math.floor(plan.random() * EVENT_TYPES.length)] ?? "error";
  return {
    event_id: crypto.randomUUID(),
    event_type: type,
    user_id: `user-${Math.floor(plan.random() * 40)}`,
    session_id: `session-${Math.floor(plan.random() * 400)}`,
    timestamp: new Date(plan.timeOf?.() ?? Date.now()).toISOString(),
    agent: "e2e",
    repo: "tenfold/tenfold",
    metadata:
      type === "cost_incurred"
        ? { model: "m-1", input_tokens: 1_000, output_tokens: 50, cost_usd: 0.0123 }
        : { note: "hello" },
  };
}

/** Sends a plan to the end; resolves when every request was acknowledged. */
export async function send(url: string, plan: SendPlan): Promise<SendReport> {
  const report: SendReport = { books: {}, requests: 0, retries: 0, unexpected: [] };
  const requests = Math.ceil(plan.events / plan.batch);
  let next = 0;
  const started = Date.now();
  const sender = async (): Promise<void> => {
    while (next < requests) {
      const n = next++;
      if (plan.requestsPerSecond !== undefined) {
        const due = started + (n / plan.requestsPerSecond) * 1_000 - Date.now();
        if (due > 0) await delay(due);
      }
      await sendOne(url, plan, report, n);
    }
  };
  await Promise.all(Array.from({ length: plan.senders }, sender));
  return report;
}

async function sendOne(url: string, plan: SendPlan, report: SendReport, n: number): Promise<void> {
  const org = plan.orgs[n % plan.orgs.length];
  if (org === undefined) throw new Error("no orgs to send to");
  const count = Math.min(plan.batch, plan.events - n * plan.batch);
  const events = Array.from({ length: count }, () => makeEvent(plan));
  const again = events.filter(() => plan.random() < plan.again);
  for (const event of events) {
    const key = `${org.org_id}/${event.event_type}`;
    report.books[key] = (report.books[key] ?? 0) + 1;
  }
  await post(url, org.ingest_key, events, plan, report, n);
  if (again.length > 0) await post(url, org.ingest_key, again.reverse(), plan, report, n);
}

async function post(
  url: string,
  key: string,
  events: unknown[],
  plan: SendPlan,
  report: SendReport,
  n: number,
): Promise<void> {
  const text = JSON.stringify(events);
  const encoding = n % 3 === 0 ? "zstd" : n % 3 === 1 ? "gzip" : "identity";
  const body = encoding === "zstd" ? zstdCompressSync(text) : encoding === "gzip" ? gzipSync(text) : Buffer.from(text);
  const times = plan.random() < plan.twice ? 2 : 1;
  for (let time = 0; time < times; time++) {
    for (let tries = 0; ; tries++) {
      const { status, rejected } = await postOnce(url, key, body, encoding);
      report.requests += 1;
      if (rejected > 0) report.unexpected.push(`${rejected} events rejected`);
      if (status === 202) break;
      report.retries += 1;
      if (status !== 0 && !RETRYABLE.has(status)) report.unexpected.push(String(status));
      if (tries >= MAX_TRIES) throw new Error(`gave up after ${tries} tries, last status ${status}`);
      await delay(100 + 200 * plan.random());
    }
  }
}

const AnswerSchema = z.object({ rejected: z.array(z.unknown()) });

/** Status 0: no answer. */
async function postOnce(
  url: string,
  key: string,
  body: Uint8Array,
  encoding: string,
): Promise<{ status: number; rejected: number }> {
  try {
    const headers = {
      authorization: `Bearer ${key}`,
      "content-type": "application/json",
      "content-encoding": encoding,
    };
    const response = await fetch(`${url}/v1/events`, {
      method: "POST",
      body: new Uint8Array(body),
      headers,
      signal: AbortSignal.timeout(30_000),
    });
    const text = await response.text();
    const rejected = response.status === 202 ? AnswerSchema.parse(JSON.parse(text)).rejected.length : 0;
    return { status: response.status, rejected };
  } catch (error) {
    if (error instanceof z.ZodError) throw error;
    return { status: 0, rejected: 0 };
  }
}
