/**
 * The live view's state outside React: one socket, the folded frames, and the facts about the connection.
 * Made by use-live.ts, read through useSyncExternalStore. All folding is in reducer.ts; this is the shell around it.
 */
import { type LiveFilter, MAX_GRANT_MS } from "../../../schema/live.ts";
import { afterClose, type ConnectionFacts } from "./connection.ts";
import { collectFacets, type Facets, NO_FACETS } from "./facets.ts";
import { readMessage } from "./frames.ts";
import type { LiveSocket, OpenSocket } from "./live-socket.ts";
import { EMPTY_STATE, type LiveState, reduce } from "./reducer.ts";
import { livePath } from "./search.ts";

/** A grant is renewed with a fifth of its life left, so that a slow answer still comes in time. */
const RENEW_AFTER_MS = MAX_GRANT_MS * 0.8;

export interface LiveView {
  state: LiveState;
  connection: ConnectionFacts;
  facets: Facets;
  /** No snapshot for the organisation and filters asked for yet; `state` may still show the filters before. */
  loading: boolean;
  /** Server clock minus local clock, ms, from the newest frame. */
  skewMs: number;
}

/** Whether the person may still see an organisation; `refused` says why not, in words. */
export type SessionCheck = { kind: "ok" } | { kind: "signed_out" } | { kind: "refused"; why: string };

export interface LiveStoreDeps {
  openSocket: OpenSocket;
  now(): number;
  online(): boolean;
  checkSession(org: string): Promise<SessionCheck>;
  /** A one-use ticket that extends the connection; null when there is none to be had. */
  ticket(org: string): Promise<string | null>;
  onSignedOut(): void;
  report(problem: string): void;
}

export class LiveStore {
  readonly #deps: LiveStoreDeps;
  readonly #listeners = new Set<() => void>();
  #view: LiveView;
  #socket: LiveSocket | null = null;
  #renewal: ReturnType<typeof setTimeout> | undefined;
  #org: string | null = null;
  #filter: LiveFilter = {};
  /** State of the organisation and filters that the socket is open for. */
  #current: LiveState = EMPTY_STATE;

  constructor(deps: LiveStoreDeps) {
    this.#deps = deps;
    this.#view = {
      state: EMPTY_STATE,
      connection: { online: deps.online(), open: false, lostAt: deps.now(), heardAt: null, refused: null },
      facets: NO_FACETS,
      loading: true,
      skewMs: 0,
    };
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  readonly view = (): LiveView => this.#view;

  /** Shows an organisation with filters. What another organisation showed is dropped at once. */
  open(org: string, filter: LiveFilter): void {
    this.#filter = filter;
    this.#current = EMPTY_STATE;
    if (org === this.#org && this.#socket !== null) {
      this.#set({ loading: true });
      // Over the open connection when there is one; otherwise the next attempt carries the filter in its address.
      this.#socket.send({ kind: "FILTER", filter });
      return;
    }
    this.close();
    this.#org = org;
    const { now, online } = this.#deps;
    this.#set({
      loading: true,
      state: EMPTY_STATE,
      facets: NO_FACETS,
      connection: { online: online(), open: false, lostAt: now(), heardAt: null, refused: null },
    });
    this.#connect(org);
  }

  close(): void {
    const socket = this.#socket;
    this.#socket = null;
    this.#org = null;
    clearTimeout(this.#renewal);
    socket?.close();
  }

  /** Tries again now, also after a refusal. */
  retry(): void {
    const org = this.#org;
    if (org === null) return;
    if (this.#view.connection.refused === null) {
      this.#socket?.reconnect();
      return;
    }
    this.close();
    this.open(org, this.#filter);
  }

  setOnline(online: boolean): void {
    this.#setConnection({ online });
    if (online && !this.#view.connection.open) this.retry();
  }

  #connect(org: string): void {
    const socket = this.#deps.openSocket({
      path: () => {
        const { epoch, seq, resync } = this.#current;
        return livePath(org, this.#filter, epoch === null || resync ? null : { epoch, seq });
      },
      onOpen: () => {
        if (this.#socket !== socket) return;
        this.#setConnection({ open: true, lostAt: null });
        this.#renewLater(org, socket);
      },
      onMessage: (data) => {
        if (this.#socket === socket) this.#receive(data, socket);
      },
      onClose: (code) => {
        if (this.#socket === socket) this.#lost(code, org, socket);
      },
    });
    this.#socket = socket;
  }

  #receive(data: unknown, socket: LiveSocket): void {
    const now = this.#deps.now();
    const message = readMessage(data);
    if (message.kind === "unknown") {
      this.#deps.report(`a live frame was not understood: ${message.reason}`);
      return;
    }
    if (message.kind === "alive") {
      this.#setConnection({ heardAt: now });
      return;
    }
    this.#current = reduce(this.#current, message.frame);
    if (this.#current.resync) {
      socket.reconnect();
      return;
    }
    const known = this.#current.epoch !== null;
    this.#set({
      ...(known ? { state: this.#current, facets: collectFacets(this.#view.facets, this.#current) } : {}),
      loading: !known,
      skewMs: message.frame.at - now,
      connection: { ...this.#view.connection, heardAt: now },
    });
  }

  #lost(code: number, org: string, socket: LiveSocket): void {
    clearTimeout(this.#renewal);
    const { connection } = this.#view;
    this.#setConnection({ open: false, lostAt: connection.lostAt ?? this.#deps.now() });
    if (afterClose(code, connection.open) === "retry") return;
    void this.#deps.checkSession(org).then((check) => {
      if (check.kind === "ok" || this.#socket !== socket) return;
      socket.close();
      if (check.kind === "refused") this.#setConnection({ refused: check.why });
      else this.#deps.onSignedOut();
    });
  }

  /** Without a ticket nothing is lost: the server closes the connection, and the next one resumes. */
  #renewLater(org: string, socket: LiveSocket): void {
    clearTimeout(this.#renewal);
    this.#renewal = setTimeout(() => {
      void this.#deps.ticket(org).then((ticket) => {
        if (ticket === null || this.#socket !== socket) return;
        if (socket.send({ kind: "RENEW", ticket })) this.#renewLater(org, socket);
      });
    }, RENEW_AFTER_MS);
  }

  #setConnection(change: Partial<ConnectionFacts>): void {
    this.#set({ connection: { ...this.#view.connection, ...change } });
  }

  #set(change: Partial<LiveView>): void {
    this.#view = { ...this.#view, ...change };
    for (const listener of this.#listeners) listener();
  }
}
