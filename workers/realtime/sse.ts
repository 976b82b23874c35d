/**
 * Server-sent events over the object's own socket, for clients that cannot hold a WebSocket. Called by the app.
 * Adds nothing and filters nothing: a frame's text becomes `data`, its cursor becomes `id`, which a client sends back as
 * Last-Event-ID. When the socket ends, so does the stream, and EventSource comes back by itself.
 */
import { z } from "zod";
import { formatSince, PING, PONG } from "../../schema/live.ts";

/** A comment this often keeps proxies from closing a quiet stream; many cut at 30 s. */
const HEARTBEAT_MS = 15_000;
/** Bytes waiting for one client. Above it the stream ends, and the client resumes by its last id. */
const MAX_WAITING_BYTES = 512_000;
/** EventSource waits this long before it comes back, and up to twice as long: not all at once after a deploy. */
const RETRY_MS = 1_000;

const CursorSchema = z.object({ kind: z.string(), epoch: z.string(), seq: z.number() });

/** One event's text; undefined for what is no frame. */
export function sseEvent(text: string): string | undefined {
  if (text === PONG) return undefined;
  try {
    const { kind, ...cursor } = CursorSchema.parse(JSON.parse(text));
    return `id: ${formatSince(cursor)}\nevent: ${kind}\ndata: ${text}\n\n`;
  } catch {
    return undefined;
  }
}

/** The stream of an accepted-to-be socket; closing either closes the other. */
export function sseStream(socket: WebSocket, random: number = Math.random()): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  let heartbeat: ReturnType<typeof setInterval> | undefined;
  const quit = (): void => {
    clearInterval(heartbeat);
    socket.close(1000, "done");
  };
  return new ReadableStream<Uint8Array>(
    {
      start(controller) {
        const end = (): void => {
          clearInterval(heartbeat);
          try {
            controller.close();
          } catch {
            // The client has left already.
          }
        };
        const put = (text: string): void => {
          if ((controller.desiredSize ?? 0) <= 0) {
            quit();
            end();
          } else controller.enqueue(encoder.encode(text));
        };
        put(`retry: ${Math.round(RETRY_MS * (1 + random))}\n\n`);
        socket.addEventListener("message", ({ data }) => {
          const event = typeof data === "string" ? sseEvent(data) : undefined;
          if (event !== undefined) put(event);
        });
        socket.addEventListener("close", end);
        socket.addEventListener("error", end);
        socket.accept();
        heartbeat = setInterval(() => {
          put(": heartbeat\n\n");
          socket.send(PING);
        }, HEARTBEAT_MS);
      },
      cancel: quit,
    },
    new ByteLengthQueuingStrategy({ highWaterMark: MAX_WAITING_BYTES }),
  );
}
