/**
 * Leases of one quota over 20 isolates, in simulated time with the shipped bucket and account: what is let in beyond the quota
 * beside its bound, what of the quota nobody could use, calls to the object. And the CPU that the gate adds to a request.
 */
import { RPC_VERSION } from "../schema/rpc.ts";
import { type LeaseLoad, simulateLeases } from "../test/support/lease-simulation.ts";
import type { Env } from "../workers/shared/env.ts";
import { QuotaGate } from "../workers/shared/quota.ts";
import { type BenchResult, median, round } from "./result.ts";

const QUOTA = 10_000;
const BASE: LeaseLoad = {
  isolates: 20,
  rate: QUOTA,
  batch: 100,
  offered: 10 * QUOTA,
  hot: 1 / 20,
  callMs: [5, 150],
  seconds: 60,
  seed: 1,
};
const LOADS: readonly [string, Partial<LeaseLoad>][] = [
  ["10x the quota, evenly", {}],
  ["10x, 95 % in one isolate", { hot: 0.95 }],
  ["10x, batches of 1,000", { batch: 1_000 }],
  ["10x, the object 200 to 400 ms away", { callMs: [200, 400] }],
  ["the quota, evenly", { offered: QUOTA }],
  ["the quota, 95 % in one isolate", { offered: QUOTA, hot: 0.95 }],
  ["the quota, 95 % in one, object 200 to 400 ms away", { offered: QUOTA, hot: 0.95, callMs: [200, 400] }],
  ["80 % of the quota, half in one isolate", { offered: 0.8 * QUOTA, hot: 0.5 }],
  ["one isolate, 1.5x", { isolates: 1, hot: 1, offered: 1.5 * QUOTA }],
  ["quota 10/s, batches of 1,000, 2 h", { rate: 10, batch: 1_000, offered: 2_000, seconds: 7_200 }],
];
const CHARGES = 200_000;
const ROUNDS = 5;

/** ns that one admitted request spends in the gate, leases granted at once. */
async function chargeNs(): Promise<number> {
  const answer = { v: RPC_VERSION, granted: 1e12, level: 1e12, isolates: 1, retry_ms: 0, reason: null } as const;
  const gate = new QuotaGate("events", { lease: async () => answer });
  const quotas = { max_events_per_second: QUOTA, max_events_per_day: null, max_api_requests_per_minute: 6_000 };
  const tenant = { orgId: "org", jurisdiction: "us" as const, quotas };
  const waiter = { waitUntil: (): void => {} };
  const charge = { tokens: 100, usage: { requests: 1, events: 100, bytes: 44_000, rejected: 0 } };
  await gate.charge({} as Env, waiter, tenant, charge, Date.now());
  await gate.charge({} as Env, waiter, tenant, charge, Date.now());
  const started = performance.now();
  for (let n = 0; n < CHARGES; n++) void gate.charge({} as Env, waiter, tenant, charge, Date.now());
  return ((performance.now() - started) / CHARGES) * 1e6;
}

export async function run(): Promise<BenchResult> {
  const rows = LOADS.map(([name, load]) => {
    const all = { ...BASE, ...load };
    const { admitted, allowed, over, bound, waste, calls, requests, waited } = simulateLeases(all);
    return {
      load: name,
      admitted: round(admitted),
      "allowed (burst + rate)": allowed,
      over: round(over),
      "bound on over": bound,
      "unused %": round(waste * 100, 2),
      "calls/s": round(calls / all.seconds, 1),
      "waited %": round((waited / requests) * 100, 2),
    };
  });
  const ns: number[] = [];
  for (let n = 0; n < ROUNDS; n++) ns.push(await chargeNs());
  return {
    title: "quota leases: 20 simulated isolates on 10,000 events/s, calls of 5 to 150 ms",
    rows,
    notes: [
      "bound: a request of each isolate on credit, and 1.5 s of the quota, which is all that is leased at a time. Unused: of what was offered within the quota, second half.",
      "Waited: requests answered after a call to the object; the others are answered without I/O.",
      `an admitted request spends ${round(median(ns))} ns in the gate (node, leases granted at once)`,
    ],
  };
}
