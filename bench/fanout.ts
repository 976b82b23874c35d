/**
 * Frames to 1,000 sockets of one tenant, at 1 Hz and in bursts, beside an object that only loops over its sockets with a text
 * of the same size. Both in one workerd, round after round in turn. Targets: no drop, p99 < 250 ms, >= 0.8 of the plain loop.
 */
import { setTimeout as delay } from "node:timers/promises";
import { type BenchResult, percentile, round } from "./result.ts";
import { bulkFrame, joinFrames } from "./support/live-frames.ts";
import { type ObjectWorkerd, startObjectWorkerd } from "./support/object-workerd.ts";
import { RawClients } from "./support/raw-sockets.ts";

const SOCKETS = 1_000;
const SLOW_ROUNDS = 16;
const BURST_ROUNDS = 12;
/** Notices of one burst; the object sends at most one EVENT in 100 ms. */
const BURST = 5;
const BURST_EVERY_MS = 110;
const WAIT_MS = 5_000;
/** The first rounds fill windows and warm the code up. */
const WARM_ROUNDS = 2;

interface Round {
  times: number[];
  cpu: number;
  seconds: number;
  missing: number;
}

class Side {
  readonly rounds: Round[] = [];
  readonly clients: RawClients;
  readonly #workerd: ObjectWorkerd;

  constructor(workerd: ObjectWorkerd, clients: RawClients) {
    this.#workerd = workerd;
    this.clients = clients;
  }

  /** One round: `send` makes `frames` frames for every socket. */
  async round(frames: number, send: () => Promise<void>): Promise<void> {
    const before = this.clients.counts();
    const [cpu, at] = [this.#workerd.cpu(), performance.now()];
    await send();
    const { times, missing } = await this.clients.each(before, frames, WAIT_MS);
    const seconds = (Math.max(...times) - at) / 1_000;
    this.rounds.push({ times: times.map((time) => time - at), cpu: this.#workerd.cpu() - cpu, seconds, missing });
  }
}

export async function run(): Promise<BenchResult> {
  const classes = { TENANT_LIVE: "TenantLive", PLAIN_ROOM: "PlainRoom" };
  const workerd = await startObjectWorkerd("bench/workers/live.ts", classes, { JURISDICTIONS: "emulated" });
  const url = `http://127.0.0.1:${workerd.port}`;
  const post = async (path: string, body: BodyInit): Promise<void> => {
    const response = await fetch(`${url}${path}`, { method: "POST", body });
    await response.arrayBuffer();
    if (!response.ok) throw new Error(`${path}: ${response.status}`);
  };
  try {
    const live = await RawClients.open(workerd.port, "/live", SOCKETS);
    const plain = await RawClients.open(workerd.port, "/plain", SOCKETS);
    await delay(1_500);
    const rows = [...(await slow(workerd, live, plain, post)), ...(await bursts(workerd, live, plain, post))];
    live.close();
    plain.close();
    return {
      title: `TenantLive: frames to ${SOCKETS} sockets`,
      rows,
      notes: [
        "ratio: CPU of the plain loop / CPU of TenantLive for the same deliveries; at 1 Hz it includes folding 100 events and the checkpoint.",
        "ms: from the request that causes the frame until a socket has it, at the client.",
      ],
    };
  } finally {
    workerd.stop();
  }
}

type Post = (path: string, body: BodyInit) => Promise<void>;

/** A METRIC_UPDATE a round, a second apart, each after 100 events. */
async function slow(workerd: ObjectWorkerd, live: RawClients, plain: RawClients, post: Post) {
  const [ours, theirs] = [new Side(workerd, live), new Side(workerd, plain)];
  for (let n = 0; n < SLOW_ROUNDS; n++) {
    const bytes = live.bytes;
    const body = joinFrames([bulkFrame({ events: 100, from: Date.now() - 500, stepMs: 5, sessionOf: (i) => i % 40 })]);
    await ours.round(1, () => post("/apply", body));
    const size = Math.max(1, Math.round((live.bytes - bytes) / SOCKETS) - 4);
    await theirs.round(1, () => post("/push", "x".repeat(size)));
    await delay(1_050);
  }
  return report("1 Hz", ours, theirs, 1);
}

/** Bursts of EVENT frames, as fast as the object lets them out. */
async function bursts(workerd: ObjectWorkerd, live: RawClients, plain: RawClients, post: Post) {
  const [ours, theirs] = [new Side(workerd, live), new Side(workerd, plain)];
  const spaced = async (send: () => Promise<void>): Promise<void> => {
    for (let i = 0; i < BURST; i++) {
      await send();
      await delay(BURST_EVERY_MS);
    }
  };
  for (let n = 0; n < BURST_ROUNDS; n++) {
    const bytes = live.bytes;
    await ours.round(BURST, () => spaced(() => post("/notify?bytes=1500", "")));
    const size = Math.max(1, Math.round((live.bytes - bytes) / SOCKETS / BURST) - 4);
    await theirs.round(BURST, () => spaced(() => post("/push", "x".repeat(size))));
    await delay(150);
  }
  return report(`bursts of ${BURST}`, ours, theirs, BURST);
}

function report(load: string, ours: Side, theirs: Side, frames: number): BenchResult["rows"] {
  const counted = ours.rounds.length - WARM_ROUNDS;
  const cpu = (side: Side): number => side.rounds.slice(WARM_ROUNDS).reduce((sum, one) => sum + one.cpu, 0) / counted;
  return [["TenantLive", ours] as const, ["plain object loop", theirs] as const].map(([name, side]) => {
    const times = side.rounds.slice(WARM_ROUNDS).flatMap((one) => one.times);
    return {
      load,
      object: name,
      "p50 ms": frames === 1 ? round(percentile(times, 0.5), 1) : "-",
      "p99 ms": frames === 1 ? round(percentile(times, 0.99), 1) : "-",
      "µs CPU a delivery": round((cpu(side) / SOCKETS / frames) * 1e6, 1),
      lost: side.rounds.reduce((sum, one) => sum + one.missing, 0) + side.clients.ended,
      ratio: side === ours ? round(cpu(theirs) / cpu(ours), 2) : 1,
    };
  });
}
