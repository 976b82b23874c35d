/**
 * What a deploy does to a busy tenant: 1,000 sockets of four people (so four scopes) drop and come back at once, on miniflare,
 * while events keep coming. Time until every socket has its state again, with `since` and without; refused and lost ones.
 * Clients here come back all in one moment; the page spreads them over seconds.
 */
import { setTimeout as delay } from "node:timers/promises";
import type { DevJson } from "../dev/dev-json.ts";
import type { System } from "../dev/system.ts";
import { formatSince, type ServerFrame } from "../schema/live.ts";
import { type BenchResult, percentile, round } from "./result.ts";
import { benchEvent } from "./support/events.ts";
import { type LiveSocket, openLive, signIn } from "./support/live-client.ts";
import { runOpenLoad } from "./support/open-load.ts";
import { type Usage, usageNote, watchUsage } from "./support/usage.ts";
import { withSystem } from "./support/whole-system.ts";

const SOCKETS = 1_000;
/** Opened this many at a time at first, which is not measured. */
const FIRST_AT_ONCE = 50;
const ROUNDS = 3;
const FILL_SECONDS = 10;
const BATCH = 100;
const REQUESTS_PER_SECOND = 10;
/** How long the sockets are away. */
const AWAY_MS = 2_000;
const STATE_TIMEOUT_MS = 30_000;

/** One client, over several sockets. */
class Client {
  readonly cookie: string;
  #socket: LiveSocket | undefined;
  #cursor: string | undefined;
  /** ms of performance.now of the first frame of this socket. */
  stateAt: number | undefined;
  openAt: number | undefined;
  kind = "";
  ended = false;

  constructor(cookie: string) {
    this.cookie = cookie;
  }

  connect(url: string, resume: boolean): Promise<void> {
    this.stateAt = this.openAt = undefined;
    this.ended = false;
    const search = resume && this.#cursor !== undefined ? `?since=${this.#cursor}` : "";
    const socket = openLive(
      url,
      this.cookie,
      search,
      (frame, at) => this.#see(frame, at),
      () => {
        if (this.#socket === socket) this.ended = true;
      },
    );
    this.#socket = socket;
    return socket.opened.then(() => {
      this.openAt = performance.now();
    });
  }

  #see(frame: ServerFrame, at: number): void {
    this.#cursor = formatSince(frame);
    if (this.stateAt !== undefined) return;
    this.stateAt = at;
    this.kind = frame.kind;
  }

  drop(): void {
    const socket = this.#socket;
    this.#socket = undefined;
    socket?.close();
  }
}

export async function run(): Promise<BenchResult> {
  return await withSystem(async (system) => {
    const { orgs, url } = system.devJson;
    const [org] = orgs;
    if (org === undefined) throw new Error("no orgs");
    const cookies = await Promise.all(org.users.map((user) => signIn(url, user)));
    const clients = Array.from({ length: SOCKETS }, (_, i) => new Client(cookies[i % cookies.length] ?? ""));
    await send(system, org, FILL_SECONDS);
    for (let at = 0; at < SOCKETS; at += FIRST_AT_ONCE) {
      await Promise.all(clients.slice(at, at + FIRST_AT_ONCE).map((client) => client.connect(url, false)));
    }
    await waitForState(clients);
    const rows: BenchResult["rows"] = [];
    const usages: Usage[] = [];
    for (let n = 0; n < ROUNDS; n++) {
      for (const resume of [true, false]) {
        const { row, used } = await comeBack(system, org, clients, resume);
        rows.push(row);
        usages.push(used);
      }
    }
    for (const client of clients) client.drop();
    const failed = rows.reduce((sum, row) => sum + Number(row.failed), 0);
    const all = rows.map((row) => Number(row["all have state ms"]));
    const last = usages.at(-1);
    return {
      title: `reconnect: ${SOCKETS} sockets of ${cookies.length} people at once, ${REQUESTS_PER_SECOND * BATCH} events/s meanwhile`,
      rows,
      notes: [
        `target: no failure, and every socket has its state again; failed ${failed}: ${failed === 0 ? "met" : "MISSED"}; slowest round ${Math.max(...all)} ms`,
        "each upgrade reads the person's rights from D1, has a ticket made by the object and redeems it there; client, Worker and object share two cores",
        ...(last === undefined ? [] : [`last round: ${usageNote(last)}`]),
      ],
    };
  });
}

async function comeBack(system: System, org: DevJson["orgs"][number], clients: readonly Client[], resume: boolean) {
  const { url } = system.devJson;
  for (const client of clients) client.drop();
  const sending = send(system, org, AWAY_MS / 1_000 + 3);
  await delay(AWAY_MS);
  const usage = watchUsage(system);
  const from = performance.now();
  const opened = await Promise.allSettled(clients.map((client) => client.connect(url, resume)));
  await waitForState(clients);
  const used = await usage.stop();
  await sending;
  const refused = opened.filter(({ status }) => status === "rejected").length;
  const stateless = clients.filter(({ stateAt, ended }) => stateAt === undefined || ended).length;
  const states = clients.flatMap(({ stateAt }) => (stateAt === undefined ? [] : [stateAt - from]));
  const opens = clients.flatMap(({ openAt }) => (openAt === undefined ? [] : [openAt - from]));
  const resumed = clients.filter(({ kind }) => kind === "METRIC_UPDATE").length;
  const row = {
    round: resume ? "with since" : "without since",
    "open p50 ms": round(percentile(opens, 0.5)),
    "state p50 ms": round(percentile(states, 0.5)),
    "state p99 ms": round(percentile(states, 0.99)),
    "all have state ms": round(Math.max(...states)),
    "resumed by changes": resumed,
    failed: Math.max(refused, stateless),
    "workerd CPU s": round(used.cores.workerd * used.seconds, 2),
    "node CPU s": round(used.cores.node * used.seconds, 2),
  };
  return { row, used };
}

async function waitForState(clients: readonly Client[]): Promise<void> {
  const missing = (): boolean => clients.some(({ stateAt, ended }) => stateAt === undefined && !ended);
  for (const deadline = performance.now() + STATE_TIMEOUT_MS; missing() && performance.now() < deadline; ) {
    await delay(20);
  }
}

async function send(system: System, org: DevJson["orgs"][number], seconds: number): Promise<void> {
  const report = await runOpenLoad({
    url: system.devJson.url,
    requestsPerSecond: REQUESTS_PER_SECOND,
    seconds,
    requestOf: (n) => {
      const now = Date.now();
      const events = Array.from({ length: BATCH }, (_, i) => benchEvent(n * BATCH + i, now - i));
      return { key: org.ingest_key, body: JSON.stringify(events) };
    },
    onAnswer: () => undefined,
  });
  if (Object.keys(report.failed).length > 0) throw new Error(`ingest failed: ${JSON.stringify(report.failed)}`);
}
