/** What the store needs of a socket, and what a socket tells the store. Implemented by socket.ts; types only. */
import type { ClientFrame } from "../../../schema/live.ts";

export interface SocketHandlers {
  /** Path and query of the next attempt. */
  path(): string;
  onOpen(): void;
  onMessage(data: unknown): void;
  onClose(code: number): void;
}

export interface LiveSocket {
  /** Sends when the connection is open; false when it is not. */
  send(frame: ClientFrame): boolean;
  /** Drops the connection and connects at once. */
  reconnect(): void;
  close(): void;
}

export type OpenSocket = (handlers: SocketHandlers) => LiveSocket;
