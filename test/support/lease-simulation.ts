/**
 * Isolates that lease from one bucket, in simulated time: the shipped TokenBucket and LeaseAccount, calls that take as long as
 * calls take, and a load. Says what was let in beyond the quota and what was left unused. Used by the unit tests and the bench.
 */
import { EVEN_LEASE_S, USED_LEASE_S } from "../../durable-objects/quota-lease/limits.ts";
import { TokenBucket } from "../../durable-objects/quota-lease/token-bucket.ts";
import { QUOTA_BURST_S, SECOND_MS } from "../../schema/limits.ts";
import { LeaseAccount } from "../../workers/shared/lease-account.ts";
import { seededRandom } from "./fault-proxy.ts";

export interface LeaseLoad {
  isolates: number;
  /** Tokens a second. */
  rate: number;
  /** Tokens of one request. */
  batch: number;
  /** Offered tokens a second, over all isolates. */
  offered: number;
  /** Share of the load that the first isolate takes; the rest is even. */
  hot: number;
  /** ms of one call to the object and back: uniform between these. */
  callMs: readonly [number, number];
  seconds: number;
  seed: number;
}

export interface LeaseReport {
  admitted: number;
  /** What the quota alone allows: its burst and its rate. */
  allowed: number;
  /** Tokens beyond it. */
  over: number;
  /** One request of each isolate on credit, and all that may be leased at a time. */
  bound: number;
  /** Share of what the quota allows in the second half, when the burst is gone, that nobody could use though it was asked for. */
  waste: number;
  calls: number;
  requests: number;
  /** Requests that waited for a call before their answer. */
  waited: number;
}

/** As in QuotaGate: a request that five leases did not help is refused. */
const MAX_ASKS = 5;

interface Waiting {
  tokens: number;
  asks: number;
}

interface Isolate {
  id: string;
  account: LeaseAccount;
  calling: boolean;
  waiting: Waiting[];
}

/** Runs the load to its end. */
export function simulateLeases(load: LeaseLoad): LeaseReport {
  const random = seededRandom(load.seed);
  const bucket = new TokenBucket();
  const isolates = Array.from({ length: load.isolates }, (_, n): Isolate => {
    return { id: `isolate-${n}`, account: new LeaseAccount(), calling: false, waiting: [] };
  });
  const timeline = new Timeline();
  const end = load.seconds * SECOND_MS;
  const half = end / 2;
  const report = { admitted: 0, later: 0, calls: 0, requests: 0, waited: 0 };

  const admit = (isolate: Isolate, tokens: number, now: number): void => {
    isolate.account.spend(tokens, now);
    report.admitted += tokens;
    if (now >= half) report.later += tokens;
    if (isolate.account.wantsLease(now)) call(isolate, now);
  };
  const arrive = (isolate: Isolate, { tokens, asks }: Waiting, now: number): void => {
    const decision = isolate.account.decide(now);
    if (decision === "admit") admit(isolate, tokens, now);
    if (decision !== "ask" || asks >= MAX_ASKS) return;
    if (asks === 0) report.waited += 1;
    isolate.waiting.push({ tokens, asks: asks + 1 });
    call(isolate, now);
  };
  const call = (isolate: Isolate, now: number): void => {
    if (isolate.calling) return;
    isolate.calling = true;
    report.calls += 1;
    const left = isolate.account.left;
    const [least, most] = load.callMs;
    const oneWay = (least + (most - least) * random()) / 2;
    timeline.at(now + oneWay, (there) => {
      const answer = bucket.call({ isolate: isolate.id, rate: load.rate, left, want: true }, there);
      timeline.at(there + oneWay, (back) => {
        isolate.calling = false;
        const { granted, level, isolates: seen, retryMs } = answer;
        const reason = granted > 0 ? null : "rate";
        isolate.account.settle(left, { granted, level, isolates: seen, retry_ms: retryMs, reason }, back);
        for (const request of isolate.waiting.splice(0)) arrive(isolate, request, back);
      });
    });
  };

  const share = (n: number): number =>
    load.isolates === 1 ? 1 : n === 0 ? load.hot : (1 - load.hot) / (load.isolates - 1);
  for (const [n, isolate] of isolates.entries()) {
    const every = (load.batch / (load.offered * share(n))) * SECOND_MS;
    const next = (now: number): void => {
      if (now >= end) return;
      report.requests += 1;
      arrive(isolate, { tokens: load.batch, asks: 0 }, now);
      timeline.at(now + every * (0.5 + random()), next);
    };
    timeline.at(every * random(), next);
  }
  timeline.run(end);

  const allowed = load.rate * (load.seconds + QUOTA_BURST_S);
  const usable = Math.min(load.rate, load.offered) * (load.seconds / 2);
  return {
    admitted: report.admitted,
    allowed,
    over: Math.max(0, report.admitted - allowed),
    bound: load.isolates * load.batch + load.rate * (EVEN_LEASE_S + USED_LEASE_S),
    waste: Math.max(0, 1 - report.later / usable),
    calls: report.calls,
    requests: report.requests,
    waited: report.waited,
  };
}

/** What is to happen, in order of time: a binary heap. */
class Timeline {
  readonly #heap: { at: number; run: (now: number) => void }[] = [];

  at(at: number, run: (now: number) => void): void {
    const heap = this.#heap;
    const item = { at, run };
    let n = heap.length;
    heap.push(item);
    while (n > 0) {
      const parent = (n - 1) >> 1;
      const above = heap[parent];
      if (above === undefined || above.at <= at) break;
      heap[n] = above;
      n = parent;
    }
    heap[n] = item;
  }

  run(end: number): void {
    for (let next = this.#pop(); next !== undefined && next.at < end; next = this.#pop()) next.run(next.at);
  }

  #pop(): { at: number; run: (now: number) => void } | undefined {
    const heap = this.#heap;
    const [first] = heap;
    const last = heap.pop();
    if (first === undefined || last === undefined || heap.length === 0) return first;
    let n = 0;
    for (;;) {
      let child = 2 * n + 1;
      const [left, right] = [heap[child], heap[child + 1]];
      if (left === undefined) break;
      if (right !== undefined && right.at < left.at) child += 1;
      const least = heap[child];
      if (least === undefined || least.at >= last.at) break;
      heap[n] = least;
      n = child;
    }
    heap[n] = last;
    return first;
  }
}
