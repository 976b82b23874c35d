/**
 * The live socket: reconnects with growing, jittered delays, pings, and gives up a connection that does not answer.
 * Opened by the store. It keeps no data; where to resume is asked anew for each attempt.
 */
import ReconnectingWebSocket from "partysocket/ws";
import { PING } from "../../../schema/live.ts";
import type { OpenSocket } from "./live-socket.ts";

/** First retry after 0.5 to 2 s: a deploy drops every socket at once, and they must not come back at once. */
const MIN_DELAY_MS = 500;
const JITTER_MS = 1_500;
const MAX_DELAY_MS = 10_000;
const GROW_FACTOR = 1.5;
const CONNECT_TIMEOUT_MS = 8_000;
/** How often the other side is asked whether it is there; the answer does not wake a sleeping object. */
const PING_EVERY_MS = 10_000;
/** Silence after which the connection is dropped and made anew: three pings. */
const DEAD_AFTER_MS = 30_000;

/** Opens the socket at this page's own origin. */
export const openSocket: OpenSocket = (handlers) => {
  const url = (): string => new URL(handlers.path(), location.href.replace(/^http/, "ws")).href;
  const socket = new ReconnectingWebSocket(url, null, {
    minReconnectionDelay: MIN_DELAY_MS + Math.random() * JITTER_MS,
    maxReconnectionDelay: MAX_DELAY_MS,
    reconnectionDelayGrowFactor: GROW_FACTOR,
    connectionTimeout: CONNECT_TIMEOUT_MS,
    maxEnqueuedMessages: 0,
  });
  let heardAt = 0;
  socket.addEventListener("open", () => {
    heardAt = Date.now();
    handlers.onOpen();
  });
  socket.addEventListener("message", (event) => {
    heardAt = Date.now();
    handlers.onMessage(event.data);
  });
  socket.addEventListener("close", (event) => handlers.onClose(event.code));
  const ask = (): void => {
    if (socket.readyState !== socket.OPEN) return;
    if (Date.now() - heardAt > DEAD_AFTER_MS && !document.hidden) socket.reconnect();
    else socket.send(PING);
  };
  const pings = setInterval(ask, PING_EVERY_MS);
  // A hidden page's timers are slowed down to a minute: coming back, it asks at once.
  document.addEventListener("visibilitychange", ask);
  return {
    send: (frame) => socket.readyState === socket.OPEN && socket.send(JSON.stringify(frame)),
    reconnect: () => socket.reconnect(),
    close: () => {
      clearInterval(pings);
      document.removeEventListener("visibilitychange", ask);
      socket.close();
    },
  };
};
