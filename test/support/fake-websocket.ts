/**
 * A WebSocket server for text messages, as small as a fake needs: RFC 6455 without fragments and extensions.
 * Used by fake-tenfold.ts alone.
 */
import { createHash } from "node:crypto";
import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";

const GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
const TEXT = 1;
const CLOSE = 8;
const PING = 9;
const PONG = 10;

export interface FakeSocket {
  send(text: string): void;
  /** A proper close with a code. */
  close(code: number, reason?: string): void;
  /** The connection breaks without a word. */
  drop(): void;
}

/** Accepts an upgrade; `onText` gets each text message, `onGone` is called once at the end. */
export function acceptWebSocket(
  request: IncomingMessage,
  stream: Duplex,
  onText: (text: string) => void,
  onGone: () => void,
): FakeSocket {
  const key = request.headers["sec-websocket-key"] ?? "";
  const accept = createHash("sha1").update(`${key}${GUID}`).digest("base64");
  stream.write(
    `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
  );
  let pending: Buffer = Buffer.alloc(0);
  stream.on("data", (chunk: Buffer) => {
    pending = Buffer.concat([pending, chunk]);
    for (let frame = readFrame(pending); frame !== null; frame = readFrame(pending)) {
      pending = pending.subarray(frame.size);
      if (frame.opcode === TEXT) onText(frame.payload.toString("utf8"));
      else if (frame.opcode === PING) write(stream, PONG, frame.payload);
      else if (frame.opcode === CLOSE) stream.end();
    }
  });
  stream.on("error", () => stream.destroy());
  stream.on("close", onGone);
  return {
    send: (text) => write(stream, TEXT, Buffer.from(text, "utf8")),
    close: (code, reason = "") => {
      const payload = Buffer.concat([Buffer.alloc(2), Buffer.from(reason)]);
      payload.writeUInt16BE(code);
      write(stream, CLOSE, payload);
      stream.end();
    },
    drop: () => stream.destroy(),
  };
}

/** Frames of clients are masked. Null while a frame is not whole. */
function readFrame(bytes: Buffer): { opcode: number; payload: Buffer; size: number } | null {
  if (bytes.length < 6) return null;
  const short = bytes.readUInt8(1) & 0x7f;
  const maskAt = short === 126 ? 4 : 2;
  if (short === 127) throw new Error("frames of a test's client are small");
  const length = short === 126 ? bytes.readUInt16BE(2) : short;
  const size = maskAt + 4 + length;
  if (bytes.length < size) return null;
  const mask = bytes.subarray(maskAt, maskAt + 4);
  const payload = Buffer.from(bytes.subarray(maskAt + 4, size));
  for (let i = 0; i < payload.length; i++) payload.writeUInt8(payload.readUInt8(i) ^ mask.readUInt8(i % 4), i);
  return { opcode: bytes.readUInt8(0) & 0x0f, payload, size };
}

function write(stream: Duplex, opcode: number, payload: Buffer): void {
  if (stream.destroyed || stream.writableEnded) return;
  const long = payload.length > 125;
  const huge = payload.length > 0xffff;
  const head = Buffer.alloc(huge ? 10 : long ? 4 : 2);
  head.writeUInt8(0x80 | opcode, 0);
  head.writeUInt8(huge ? 127 : long ? 126 : payload.length, 1);
  if (huge) head.writeBigUInt64BE(BigInt(payload.length), 2);
  else if (long) head.writeUInt16BE(payload.length, 2);
  stream.write(Buffer.concat([head, payload]));
}
