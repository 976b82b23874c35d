/**
 * Many WebSocket clients on plain sockets: they count whole frames and note when each came, and do nothing else, so that the
 * client costs little beside the server. Used by the fan-out bench. Text frames without extensions only.
 */
import { randomBytes } from "node:crypto";
import { connect, type Socket } from "node:net";

const HEADER_END = "\r\n\r\n";

class RawSocket {
  frames = 0;
  bytes = 0;
  lastAt = 0;
  ended = false;
  readonly #socket: Socket;
  #open = false;
  #rest: Buffer = Buffer.alloc(0);
  #opened: () => void = () => undefined;
  readonly ready: Promise<void>;

  constructor(port: number, path: string) {
    this.ready = new Promise((resolve) => {
      this.#opened = resolve;
    });
    this.#socket = connect(port, "127.0.0.1");
    this.#socket.setNoDelay(true);
    const key = randomBytes(16).toString("base64");
    const upgrade = [
      "Connection: Upgrade",
      "Upgrade: websocket",
      "Sec-WebSocket-Version: 13",
      `Sec-WebSocket-Key: ${key}`,
    ];
    this.#socket.write(`GET ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\n${upgrade.join("\r\n")}${HEADER_END}`);
    this.#socket.on("data", (chunk) => this.#read(chunk));
    this.#socket.on("close", () => {
      this.ended = true;
    });
    this.#socket.on("error", () => {
      this.ended = true;
    });
  }

  close(): void {
    this.#socket.destroy();
  }

  #read(chunk: Buffer): void {
    let data = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    if (!this.#open) {
      const end = data.indexOf(HEADER_END);
      if (end < 0) {
        this.#rest = data;
        return;
      }
      this.#open = true;
      this.#opened();
      data = data.subarray(end + HEADER_END.length);
    }
    let at = 0;
    for (;;) {
      const size = frameSize(data, at);
      if (size === undefined || at + size > data.length) break;
      at += size;
      this.frames++;
      this.bytes += size;
      this.lastAt = performance.now();
    }
    this.#rest = data.subarray(at);
  }
}

/** Bytes of the frame at `at`; undefined when its length is not there yet. */
function frameSize(data: Buffer, at: number): number | undefined {
  if (data.length < at + 2) return undefined;
  const short = (data[at + 1] ?? 0) & 0x7f;
  if (short < 126) return 2 + short;
  if (short === 126) return data.length < at + 4 ? undefined : 4 + data.readUInt16BE(at + 2);
  return data.length < at + 10 ? undefined : 10 + Number(data.readBigUInt64BE(at + 2));
}

export class RawClients {
  readonly #sockets: RawSocket[] = [];

  /** Opens `count` sockets, a few at a time. */
  static async open(port: number, path: string, count: number): Promise<RawClients> {
    const clients = new RawClients();
    while (clients.#sockets.length < count) {
      const some = Array.from(
        { length: Math.min(50, count - clients.#sockets.length) },
        () => new RawSocket(port, path),
      );
      clients.#sockets.push(...some);
      await Promise.all(some.map((socket) => socket.ready));
    }
    return clients;
  }

  get ended(): number {
    return this.#sockets.filter((socket) => socket.ended).length;
  }

  get bytes(): number {
    return this.#sockets.reduce((sum, socket) => sum + socket.bytes, 0);
  }

  get frames(): number {
    return this.#sockets.reduce((sum, socket) => sum + socket.frames, 0);
  }

  /** Waits until every socket has `frames` more than `before` in all, at most `ms`; when each got its last one. */
  async each(before: readonly number[], frames: number, ms: number): Promise<{ times: number[]; missing: number }> {
    const deadline = performance.now() + ms;
    const missing = (): number =>
      this.#sockets.reduce((sum, socket, i) => sum + Math.max(0, (before[i] ?? 0) + frames - socket.frames), 0);
    while (missing() > 0 && performance.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 1));
    return { times: this.#sockets.map(({ lastAt }) => lastAt), missing: missing() };
  }

  counts(): number[] {
    return this.#sockets.map(({ frames }) => frames);
  }

  close(): void {
    for (const socket of this.#sockets) socket.close();
  }
}
