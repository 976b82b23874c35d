/**
 * Client sessions (`session_id`): a connection of their own that keeps its temporary tables and SETs between requests.
 * Called by handler.ts. One request at a time may use a session, as in ClickHouse.
 */

import type { Connection } from "./connection.ts";
import { refuse } from "./errors.ts";

interface Entry {
  connection: Connection;
  busy: boolean;
  expiry: NodeJS.Timeout | undefined;
}

/** A session holds a connection; more than this is a leak in the client. */
const MAX_SESSIONS = 64;

export class Sessions {
  readonly #entries = new Map<string, Entry>();
  readonly #connect: () => Connection;

  constructor(connect: () => Connection) {
    this.#connect = connect;
  }

  enter(session: { id: string; mustExist: boolean }): Connection {
    const known = this.#entries.get(session.id);
    if (known?.busy) throw refuse("SESSION_IS_LOCKED", `Session ${session.id} is locked by a concurrent client`);
    if (known === undefined && session.mustExist) {
      throw refuse("SESSION_NOT_FOUND", `Session ${session.id} is not found`);
    }
    if (known === undefined && this.#entries.size >= MAX_SESSIONS) {
      throw refuse("TOO_MANY_SIMULTANEOUS_QUERIES", `Too many sessions. Maximum: ${MAX_SESSIONS}`);
    }
    const entry = known ?? { connection: this.#connect(), busy: false, expiry: undefined };
    clearTimeout(entry.expiry);
    entry.busy = true;
    this.#entries.set(session.id, entry);
    return entry.connection;
  }

  leave(session: { id: string; timeoutSeconds: number }): void {
    const entry = this.#entries.get(session.id);
    if (entry === undefined) return;
    entry.busy = false;
    entry.expiry = setTimeout(() => this.#forget(session.id), session.timeoutSeconds * 1000).unref();
  }

  close(): void {
    for (const id of [...this.#entries.keys()]) this.#forget(id);
  }

  #forget(id: string): void {
    const entry = this.#entries.get(id);
    this.#entries.delete(id);
    clearTimeout(entry?.expiry);
    entry?.connection.close();
  }
}
