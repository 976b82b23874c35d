/**
 * A real HTTP server that answers POST /v1/events by the rules of ingest as far as a sender can see them: it stores
 * identities, and misbehaves on request before it stores or after. Used by tests of senders; it validates with EventSchema.
 */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { gunzipSync, zstdDecompressSync } from "node:zlib";
import { EventSchema } from "../../../schema/event.ts";
import { MAX_EVENTS_PER_REQUEST } from "../../../schema/limits.ts";

/** What happens to one request; the cuts close the connection without an answer, `silent` leaves it open. */
export type Fault =
  | { kind: "status"; status: number; retryAfter?: string; body?: string }
  | { kind: "cut" }
  | { kind: "silent" }
  | { kind: "cut-after-store" };

export interface IngestServer {
  url: string;
  /** Identity -> the event as first stored. */
  stored: Map<string, Record<string, unknown>>;
  /** Bodies of all requests, decoded, with their Authorization header. */
  requests: { body: string; authorization: string; encoding: string; events: number; fault: Fault["kind"] | "none" }[];
  /** Faults of the next requests, in order. */
  faults: Fault[];
  close(): Promise<void>;
}

async function bytesOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks);
}

function decode(bytes: Buffer, encoding: string): string {
  if (encoding === "gzip") return gunzipSync(bytes).toString();
  if (encoding === "zstd") return zstdDecompressSync(bytes).toString();
  return bytes.toString();
}

/** Starts a server on a free loopback port; `faultOf` decides per request when `faults` is empty. */
export async function startIngestServer(
  faultOf: (n: number) => Fault | undefined = () => undefined,
): Promise<IngestServer> {
  const stored: IngestServer["stored"] = new Map();
  const requests: IngestServer["requests"] = [];
  const faults: Fault[] = [];

  function store(body: string): string {
    const events: unknown = JSON.parse(body);
    if (!Array.isArray(events) || events.length > MAX_EVENTS_PER_REQUEST) throw new Error("not a batch");
    const rejected: unknown[] = [];
    const here = new Set<string>();
    let duplicates = 0;
    events.forEach((raw: unknown, index) => {
      const event = EventSchema.safeParse(raw);
      if (!event.success) {
        rejected.push({ index, code: "invalid_event", message: event.error.issues[0]?.message ?? "" });
        return;
      }
      const identity = `${event.data.event_type}|${Date.parse(event.data.timestamp)}|${event.data.event_id}`;
      if (here.has(identity)) duplicates++;
      here.add(identity);
      if (!stored.has(identity)) stored.set(identity, event.data);
    });
    return JSON.stringify({ accepted: events.length - rejected.length - duplicates, duplicates, rejected });
  }

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const encoding = request.headers["content-encoding"] ?? "identity";
    const body = decode(await bytesOf(request), encoding);
    const fault = faults.shift() ?? faultOf(requests.length);
    const parsed: unknown = JSON.parse(body);
    requests.push({
      body,
      authorization: request.headers.authorization ?? "",
      encoding,
      events: Array.isArray(parsed) ? parsed.length : 1,
      fault: fault?.kind ?? "none",
    });
    if (fault?.kind === "cut") {
      request.socket.destroy();
      return;
    }
    if (fault?.kind === "silent") return;
    if (fault?.kind === "status") {
      response.writeHead(fault.status, fault.retryAfter === undefined ? {} : { "retry-after": fault.retryAfter });
      response.end(fault.body ?? "{}");
      return;
    }
    const answer = store(body);
    if (fault?.kind === "cut-after-store") {
      request.socket.destroy();
      return;
    }
    response.writeHead(202, { "content-type": "application/json" }).end(answer);
  }

  const server = createServer((request, response) => {
    handle(request, response).catch((error: unknown) => response.writeHead(400).end(String(error)));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return {
    url: `http://127.0.0.1:${address.port}`,
    stored,
    requests,
    faults,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
