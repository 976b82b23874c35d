/**
 * A proxy before ClickHouse that fails on purpose: refuses a share of the inserts, and loses the answers of others after
 * ClickHouse has stored them, so that consumers send them again. Used by the fault tests; reads pass untouched.
 */
import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export interface FaultRates {
  /** Share of inserts answered 500 without being forwarded. */
  refuse: number;
  /** Share of inserts stored, then answered by a cut connection. */
  loseAnswer: number;
  /** Delay before a request is forwarded, reads included, ms. */
  slowMs?: number;
}

export interface FaultProxy {
  url: string;
  /** Inserts refused, answers lost. */
  counts: { refused: number; lost: number; passed: number };
  rates: FaultRates;
  /** While set, every insert is answered with this exception of ClickHouse and not forwarded. */
  reject: { code: number; text: string } | undefined;
  close(): Promise<void>;
}

/** Numbers in [0, 1) from a seed (mulberry32), so that a failing run can be repeated. */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** Starts the proxy; `target` is asked for at every request, so that ClickHouse may move. */
export async function startFaultProxy(target: () => string, rates: FaultRates, seed: number): Promise<FaultProxy> {
  const random = seededRandom(seed);
  const counts = { refused: 0, lost: 0, passed: 0 };
  const server: Server = createServer((incoming, answer) => {
    const insert = (incoming.url ?? "").includes("INSERT");
    if (insert && proxy.reject !== undefined) {
      incoming.resume();
      answer.writeHead(400, { "x-clickhouse-exception-code": String(proxy.reject.code) }).end(proxy.reject.text);
      return;
    }
    const fate = insert ? random() : 1;
    if (fate < proxy.rates.refuse) {
      counts.refused += 1;
      incoming.resume();
      answer.writeHead(500).end("Code: 999. DB::Exception: refused on purpose");
      return;
    }
    setTimeout(() => {
      forward(target(), incoming, answer, () => {
        const lose = fate < proxy.rates.refuse + proxy.rates.loseAnswer;
        counts[lose ? "lost" : "passed"] += 1;
        return lose;
      });
    }, proxy.rates.slowMs ?? 0);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const proxy: FaultProxy = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    counts,
    rates,
    reject: undefined,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return proxy;
}

function forward(target: string, incoming: IncomingMessage, answer: ServerResponse, lose: () => boolean): void {
  const upstream = request(
    `${target}${incoming.url ?? "/"}`,
    { method: incoming.method, headers: incoming.headers },
    (reply) => {
      if (lose()) {
        reply.resume();
        reply.on("close", () => answer.destroy());
        return;
      }
      answer.writeHead(reply.statusCode ?? 502, reply.headers);
      reply.pipe(answer);
      // ClickHouse was killed in the middle of its answer: nobody may wait for the rest.
      reply.on("close", () => {
        if (!reply.complete) answer.destroy();
      });
    },
  );
  upstream.on("error", () => answer.destroy());
  incoming.pipe(upstream);
}
