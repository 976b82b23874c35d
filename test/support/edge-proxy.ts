/**
 * A bad network between an exporter and the Worker: answers 503 itself or after the Worker has stored, cuts connections before or
 * after, and is slow. Used by the tests of real exporters. No body meets more than two faults, so that an exporter's five tries are
 * enough, and what is missing then is missing for another reason.
 */
import { createHash } from "node:crypto";
import { createServer, type IncomingMessage, request, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { seededRandom } from "./fault-proxy.ts";

const FATES = ["refused", "refused after storing", "cut", "cut after storing", "slow"] as const;
export type Fate = (typeof FATES)[number];

export interface EdgeProxy {
  url: string;
  counts: Record<Fate | "passed", number>;
  close(): Promise<void>;
}

const SHARE_OF_FAULTS = 0.5;
const MAX_FAULTS_PER_BODY = 2;
const SLOW_MS = 400;

/** Starts the proxy before `target`; `seed` makes its faults repeatable. */
export async function startEdgeProxy(target: string, seed: number): Promise<EdgeProxy> {
  const random = seededRandom(seed);
  const faults = new Map<string, number>();
  const counts: EdgeProxy["counts"] = {
    refused: 0,
    "refused after storing": 0,
    cut: 0,
    "cut after storing": 0,
    slow: 0,
    passed: 0,
  };
  const fateOf = (body: Buffer): Fate | "passed" => {
    const id = createHash("sha256").update(body).digest("hex");
    const met = faults.get(id) ?? 0;
    if (met >= MAX_FAULTS_PER_BODY || random() > SHARE_OF_FAULTS) return "passed";
    faults.set(id, met + 1);
    return FATES[Math.floor(random() * FATES.length)] ?? "passed";
  };
  const server = createServer((incoming, answer) => {
    const chunks: Buffer[] = [];
    incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
    incoming.on("end", () => {
      const body = Buffer.concat(chunks);
      const fate = fateOf(body);
      counts[fate] += 1;
      if (fate === "refused") refuse(answer);
      else if (fate === "cut") answer.destroy();
      else setTimeout(() => forward(target, incoming, body, answer, fate), fate === "slow" ? SLOW_MS : 0);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    counts,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function refuse(answer: ServerResponse): void {
  answer.writeHead(503, { "retry-after": "1" }).end();
}

/** Sends the request on as it came, with its transfer encoding. */
function forward(
  target: string,
  incoming: IncomingMessage,
  body: Buffer,
  answer: ServerResponse,
  fate: Fate | "passed",
): void {
  const { method, headers, url = "/" } = incoming;
  const upstream = request(`${target}${url}`, { method, headers }, (reply) => {
    const parts: Buffer[] = [];
    reply.on("data", (part: Buffer) => parts.push(part));
    reply.on("end", () => {
      if (fate === "refused after storing") refuse(answer);
      else if (fate === "cut after storing") answer.destroy();
      else answer.writeHead(reply.statusCode ?? 502, reply.headers).end(Buffer.concat(parts));
    });
  });
  upstream.on("error", () => answer.destroy());
  upstream.end(body);
}
