/**
 * An open-loop sender: requests go out at their times whether or not earlier ones were answered, and latency counts from the
 * time a request was due, so that a stall shows in every request it delays. Used by the whole-system benches. Never retries.
 */
import { Agent, request } from "node:http";
import { setTimeout as delay } from "node:timers/promises";

export interface OpenLoad {
  url: string;
  requestsPerSecond: number;
  seconds: number;
  /** Body and key of request `n`, made when it is due (ms of performance.now). */
  requestOf(n: number, dueAt: number): { key: string; body: string };
  /** Told when request `n` was due and its status; 0: no answer. */
  onAnswer(n: number, dueAt: number, status: number, text: string): void;
}

export interface OpenReport {
  sent: number;
  /** Statuses other than 202, with their number. */
  failed: Record<string, number>;
  latencies: number[];
  /** The most that a request went out after its time: above some ms the generator itself is the limit. */
  lateMs: number;
}

const ANSWER_TIMEOUT_MS = 30_000;

/** Runs the load; resolves when every request was answered or given up. */
export async function runOpenLoad(load: OpenLoad): Promise<OpenReport> {
  const agent = new Agent({ keepAlive: true, maxSockets: 64 });
  const report: OpenReport = { sent: 0, failed: {}, latencies: [], lateMs: 0 };
  const pending: Promise<void>[] = [];
  const start = performance.now();
  const total = load.requestsPerSecond * load.seconds;
  for (let n = 0; n < total; n++) {
    const due = start + (n / load.requestsPerSecond) * 1_000;
    const wait = due - performance.now();
    if (wait > 1) await delay(wait);
    report.lateMs = Math.max(report.lateMs, performance.now() - due);
    pending.push(
      post(agent, `${load.url}/v1/events`, load.requestOf(n, due)).then(({ status, text }) => {
        report.sent++;
        report.latencies.push(performance.now() - due);
        if (status !== 202) report.failed[status] = (report.failed[status] ?? 0) + 1;
        load.onAnswer(n, due, status, text);
      }),
    );
  }
  await Promise.all(pending);
  agent.destroy();
  return report;
}

function post(agent: Agent, url: string, { key, body }: { key: string; body: string }) {
  return new Promise<{ status: number; text: string }>((resolve) => {
    const headers = {
      authorization: `Bearer ${key}`,
      "content-type": "application/json",
      "content-length": Buffer.byteLength(body),
    };
    const call = request(url, { method: "POST", agent, headers, timeout: ANSWER_TIMEOUT_MS }, (response) => {
      let text = "";
      response.setEncoding("utf8");
      response.on("data", (chunk: string) => {
        text += chunk;
      });
      response.on("end", () => resolve({ status: response.statusCode ?? 0, text }));
      response.on("error", () => resolve({ status: 0, text: "" }));
    });
    call.on("timeout", () => call.destroy());
    call.on("error", (error) => resolve({ status: 0, text: String(error) }));
    call.end(body);
  });
}
