/** A world for the live tests: objects by name, a clock that tests set, sockets that collect frames. */
import { env as bindings } from "cloudflare:test";
import { vi } from "vitest";
import type { RowScope } from "../../../schema/access.ts";
import {
  LIVE_TOTALS,
  type LiveFilter,
  parseSince,
  type ServerFrame,
  ServerFrameSchema,
  type SnapshotFrame,
  type WindowView,
} from "../../../schema/live.ts";
import { LIVE_HEADERS, type SocketGrant, type TenantLiveRpc } from "../../../schema/rpc.ts";
import type { Env } from "../../../workers/shared/env.ts";

export const env = bindings as unknown as Env;

/** A full hour, days ahead of the real clock: alarms that objects set then ring only when a test rings them. */
export const T0 = (Math.ceil(Date.now() / 3_600_000) + 72) * 3_600_000;

/** Sets the clock of the object; timers stay real. */
export function setClock(ms: number): void {
  vi.useFakeTimers({ toFake: ["Date"], now: ms });
}

let objects = 0;

/** A fresh object. */
export function freshObject(): { name: string; stub: DurableObjectStub; live: TenantLiveRpc } {
  objects++;
  const name = `org_${objects}`;
  const stub = env.TENANT_LIVE.getByName(name);
  return { name, stub, live: stub as unknown as TenantLiveRpc };
}

export const ORG_SCOPE: RowScope = { kind: "org" };
export const usersScope = (...users: string[]): RowScope => ({ kind: "users", scope: "team", users });

export function grant(scope: RowScope = ORG_SCOPE, fields: Partial<SocketGrant> = {}): SocketGrant {
  return { user_id: "m1", role: "admin", scope, expires_at: Date.now() + 600_000, ...fields };
}

/** Count of each type over all windows of frames' views; later views of a window replace earlier ones. */
export function countsByType(windows: Iterable<WindowView>): Record<string, number> {
  return totalsByType(windows, "count");
}

export function totalsByType(
  windows: Iterable<WindowView>,
  total: (typeof LIVE_TOTALS)[number],
): Record<string, number> {
  const latest = new Map<number, WindowView>();
  for (const window of windows) latest.set(window.start, window);
  const sums: Record<string, number> = {};
  for (const window of latest.values()) {
    for (const [type, totals] of Object.entries(window.by_type)) {
      sums[type] = (sums[type] ?? 0) + (totals[LIVE_TOTALS.indexOf(total)] ?? 0);
    }
  }
  return sums;
}

/** A client's state: what a page would have after reading every frame. */
export class Client {
  readonly frames: ServerFrame[] = [];
  readonly texts: string[] = [];
  windows = new Map<number, WindowView>();
  notices = new Map<string, string>();
  cursor = "";
  closed: { code: number; reason: string } | undefined;
  socket: WebSocket | undefined;

  read(text: string): void {
    this.texts.push(text);
    if (text === "pong") return;
    const frame = ServerFrameSchema.parse(JSON.parse(text));
    this.frames.push(frame);
    this.cursor = `${frame.epoch}.${frame.seq}`;
    if (frame.kind === "SNAPSHOT") {
      this.windows = new Map();
      this.notices = new Map();
    }
    if (frame.kind === "SNAPSHOT" || frame.kind === "METRIC_UPDATE") {
      for (const window of frame.windows) this.windows.set(window.start, window);
    }
    if (frame.kind === "SNAPSHOT" || frame.kind === "EVENT") {
      for (const notice of frame.notices) this.notices.set(notice.event_id, notice.title);
    }
  }

  attach(socket: WebSocket): void {
    this.socket = socket;
    this.closed = undefined;
    socket.accept();
    socket.addEventListener("message", ({ data }) => {
      if (this.socket === socket) this.read(String(data));
    });
    socket.addEventListener("close", ({ code, reason }) => {
      if (this.socket === socket) this.closed = { code, reason };
    });
  }

  /** Drops the connection as a client that goes away does. */
  drop(): void {
    const { socket } = this;
    this.socket = undefined;
    socket?.close(1000, "bye");
  }
}

/** Opens a socket at the object, as workers/realtime does. */
export async function connect(
  stub: DurableObjectStub,
  options: { scope?: RowScope; filter?: LiveFilter; since?: string; client?: Client; grant?: SocketGrant } = {},
): Promise<Client> {
  const live = stub as unknown as TenantLiveRpc;
  const { ticket } = await live.issueTicket(options.grant ?? grant(options.scope));
  const client = options.client ?? new Client();
  const response = await upgrade(stub, ticket, options.filter, options.since);
  if (response.webSocket === null) throw new Error(`upgrade refused: ${response.status}`);
  client.attach(response.webSocket);
  return client;
}

export function upgrade(
  stub: DurableObjectStub,
  ticket: string,
  filter: LiveFilter = {},
  since = "",
): Promise<Response> {
  return stub.fetch("http://object/live", {
    headers: {
      upgrade: "websocket",
      [LIVE_HEADERS.ticket]: ticket,
      [LIVE_HEADERS.filter]: encodeURIComponent(JSON.stringify(filter)),
      ...(parseSince(since) === undefined ? {} : { [LIVE_HEADERS.since]: since }),
    },
  });
}

export async function snapshotOf(
  live: TenantLiveRpc,
  scope: RowScope = ORG_SCOPE,
  filter: LiveFilter = {},
): Promise<SnapshotFrame> {
  return await live.snapshot(grant(scope), filter);
}

/** Waits until `check` holds; fails after 5 s with what `state` says. */
export async function until(check: () => boolean, state: () => unknown = () => ""): Promise<void> {
  const deadline = performance.now() + 5_000;
  while (!check()) {
    if (performance.now() > deadline) throw new Error(`did not happen: ${JSON.stringify(state())}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
