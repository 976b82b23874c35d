/**
 * Stands between the Worker and ClickHouse and remembers read statements, so that a bench can ask the very same again without the
 * Worker. Used by bench/query. Changes nothing on the way.
 */
import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** What belongs to one connection, and what `fetch` has undone. */
const HOP_BY_HOP: ReadonlySet<string> = new Set([
  "host",
  "connection",
  "content-length",
  "content-encoding",
  "transfer-encoding",
]);

export class Recorder {
  readonly #server: Server;
  #target = "";
  #kept: (() => Promise<void>)[] | undefined;

  private constructor() {
    this.#server = createServer((request, response) => {
      this.#pass(request, response).catch(() => response.destroy());
    });
  }

  static async start(): Promise<Recorder> {
    const recorder = new Recorder();
    recorder.#server.listen(0, "127.0.0.1");
    await once(recorder.#server, "listening");
    return recorder;
  }

  /** Stands before `target`; the address to use instead. */
  before(target: string): string {
    this.#target = target;
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  record(): void {
    this.#kept = [];
  }

  recorded(): (() => Promise<void>)[] {
    const kept = this.#kept ?? [];
    this.#kept = undefined;
    return kept;
  }

  close(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }

  async #pass(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(Buffer.from(chunk as Uint8Array));
    const body = Buffer.concat(chunks);
    const headers = new Headers();
    for (const [name, value] of Object.entries(request.headers)) {
      // The encoding of a request's body is its own: it is passed on as it came.
      if (typeof value === "string" && (name === "content-encoding" || !HOP_BY_HOP.has(name))) headers.set(name, value);
    }
    const again = () => fetch(this.#target + (request.url ?? "/"), { method: "POST", headers, body });
    if (headers.get("content-encoding") === null) {
      this.#kept?.push(async () => {
        await (await again()).arrayBuffer();
      });
    }
    const answer = await again();
    const bytes = Buffer.from(await answer.arrayBuffer());
    const kept: Record<string, string> = {};
    answer.headers.forEach((value, name) => {
      if (!HOP_BY_HOP.has(name)) kept[name] = value;
    });
    response.writeHead(answer.status, kept);
    response.end(bytes);
  }
}
