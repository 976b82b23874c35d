/**
 * TenantLive: the live view of one tenant. Called by queue consumers and buffers (apply, rebuild), ingest (notify),
 * workers/realtime (tickets, sockets, snapshot) and the API (history, revoke), always through tenant-namespace.ts.
 * A thin shell: clock, storage, sockets and the alarm; every rule is in tenant-live/. It is a view: ClickHouse is the ledger.
 *
 * partyserver does not run onStart for RPC, so state is loaded in the constructor. It sends a hook's err.stack to the client,
 * so no hook here throws.
 *
 * Ticks: the first change after a quiet second is sent at once; a further one within the second waits for a timer of at most
 * that second. A timer keeps the object in memory, so one runs only while a change waits for sockets: an idle object
 * hibernates. Everything slower than a second waits for the alarm.
 */
import { type Connection, type ConnectionContext, Server, type WSMessage } from "partyserver";
import type { RowScope } from "../schema/access.ts";
import { decodeFrame } from "../schema/frame.ts";
import {
  LIVE_CLOSE,
  LIVE_VERSION,
  type LiveCursor,
  type LiveFilter,
  LiveFilterSchema,
  type LiveHistory,
  PING,
  PONG,
  type ServerFrame,
  type SnapshotFrame,
  type Ticket,
} from "../schema/live.ts";
import {
  type ApplyRequest,
  type ApplyResult,
  type LiveStats,
  type Notice,
  type NoticeRequest,
  type RebuildRequest,
  RPC_VERSION,
  type SocketGrant,
  SocketGrantSchema,
  type TenantLiveRpc,
} from "../schema/rpc.ts";
import { parseTicket } from "../schema/ticket.ts";
import { clickHouseInsert } from "../workers/shared/clickhouse-insert.ts";
import { type Env, readConfig } from "../workers/shared/env.ts";
import { errorText, log } from "../workers/shared/log.ts";
import { AlarmClock } from "./tenant-live/alarm-clock.ts";
import {
  broadcastNotices,
  broadcastUpdates,
  firstFrames,
  NOTICE_TICK_MS,
  TICK_MS,
  tickAfter,
} from "./tenant-live/broadcast.ts";
import { attachmentOf, openUpgrade, readAttachment, readClientFrame, type Upgrade } from "./tenant-live/client-door.ts";
import { historyOf } from "./tenant-live/history.ts";
import type { FoldCounts } from "./tenant-live/live-state.ts";
import { type FrameContext, snapshotFrame } from "./tenant-live/messages.ts";
import { Notices } from "./tenant-live/notices.ts";
import { exportSealed } from "./tenant-live/sealing.ts";
import { type Attachment, Sockets } from "./tenant-live/sockets.ts";
import { type LiveFrameBytes, LiveStore } from "./tenant-live/store.ts";
import { Ticker } from "./tenant-live/ticker.ts";
import { forgetScopes, issueTicket, redeemTicket, voidTickets } from "./tenant-live/tickets.ts";
import { View } from "./tenant-live/view.ts";

type LiveConnection = Connection<Attachment>;

export class TenantLive extends Server<Env> implements TenantLiveRpc {
  static override options = { hibernate: true };

  readonly #store: LiveStore;
  readonly #notices: Notices;
  readonly #sockets: Sockets<LiveConnection>;
  readonly #updates: Ticker;
  readonly #events: Ticker;
  readonly #upgrades = new WeakMap<Request, Upgrade>();
  #freshNotices: Notice[] = [];
  readonly #alarm: AlarmClock;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    const now = Date.now();
    this.#store = LiveStore.open(ctx.storage, now, (error) => {
      log.error("live_state_lost", { org_id: this.#orgId, cause: errorText(error) });
    });
    this.#notices = new Notices(ctx.storage.sql);
    this.#updates = new Ticker(() => this.#tick(false), Date.now);
    this.#events = new Ticker(() => this.#sendNotices(), Date.now);
    this.#sockets = new Sockets((socket) => ctx.getWebSocketAutoResponseTimestamp(socket)?.getTime() ?? 0);
    this.#alarm = new AlarmClock(ctx.storage, this.#store, () => this.#sockets.firstExpiry());
    ctx.setWebSocketAutoResponse(new WebSocketRequestResponsePair(PING, PONG));
    for (const connection of this.getConnections<Attachment>()) {
      const kept = readAttachment(ctx.storage.sql, connection.state);
      if (kept !== undefined) this.#sockets.put(connection, kept.attachment, kept.scope);
    }
  }

  /** Folds the frames of one batch in; resolved means durable. Rejects only when storage does. */
  async apply(request: ApplyRequest): Promise<ApplyResult> {
    const now = Date.now();
    const { meta } = this.#store;
    const frames: LiveFrameBytes[] = [];
    let unreadable = 0;
    for (const pack of request.packs) {
      try {
        frames.push({ bytes: pack.frame, frame: decodeFrame(pack.frame) });
      } catch (error) {
        unreadable++;
        log.error("frame_unreadable", { org_id: this.#orgId, pack_id: pack.pack_id, cause: errorText(error) });
      }
    }
    if (request.residency !== undefined) meta.residency = request.residency;
    const counts = this.#durably(() => this.#fold(frames, now));
    if (counts.applied > 0) this.#changed();
    await this.#alarm.set();
    return {
      v: RPC_VERSION,
      ...counts,
      ...(unreadable > 0 ? { unreadable } : {}),
      ...(meta.incomplete === true ? { incomplete: true } : {}),
    };
  }

  /** Adds what the object misses of ClickHouse's events; see RebuildRequest. */
  async rebuild(request: RebuildRequest): Promise<ApplyResult> {
    const result = await this.apply(request);
    if (!request.last) return result;
    const { meta } = this.#store;
    meta.held_from = Math.min(meta.held_from, request.from);
    meta.incomplete = false;
    this.#durably(() => this.#store.flush(Date.now()));
    this.#alarm.refresh();
    await this.#alarm.set();
    return { ...result, incomplete: false };
  }

  /** Shows notices at once. They are never counted: only their packs are. */
  async notify(request: NoticeRequest): Promise<void> {
    const fresh = this.#notices.add(request.notices, this.#store.state.seq);
    if (fresh.length === 0 || this.#sockets.size === 0) return;
    this.#freshNotices.push(...fresh);
    this.#events.request();
  }

  async snapshot(grant: SocketGrant, filter: LiveFilter): Promise<SnapshotFrame> {
    const view = new View(SocketGrantSchema.parse(grant).scope, LiveFilterSchema.parse(filter));
    return snapshotFrame(this.#context(), view, this.#notices.all());
  }

  async history(grant: SocketGrant, filter: LiveFilter, from: number, to: number): Promise<LiveHistory> {
    const view = new View(SocketGrantSchema.parse(grant).scope, LiveFilterSchema.parse(filter));
    const { now } = this.#context();
    return historyOf(this.#store, view, from, to, now);
  }

  async issueTicket(grant: SocketGrant): Promise<Ticket> {
    return await issueTicket(this.ctx.storage.sql, grant, Date.now);
  }

  async revoke(userId?: string): Promise<number> {
    voidTickets(this.ctx.storage.sql, userId);
    return this.#sockets.revoke(userId);
  }

  async stats(): Promise<LiveStats> {
    const { state, meta, rowsWritten } = this.#store;
    const windows = [...state.windows.values()];
    return {
      epoch: meta.epoch,
      seq: state.seq,
      windows: windows.length,
      cells: windows.reduce((sum, window) => sum + window.cells.size, 0),
      sessions: state.registry.size,
      sockets: this.#sockets.size,
      dedup_bytes: state.dedup.bytes,
      rows_written: rowsWritten,
    };
  }

  /** Only upgrades of workers/realtime, with a ticket. Overridden so that a refusal is an answer, not an error's stack. */
  override async fetch(request: Request): Promise<Response> {
    try {
      if (request.headers.get("upgrade")?.toLowerCase() !== "websocket") return new Response(null, { status: 404 });
      const upgrade = await openUpgrade(this.ctx.storage.sql, request, Date.now);
      if (upgrade === undefined) return new Response(null, { status: 401 });
      this.#upgrades.set(request, upgrade);
      return await super.fetch(request);
    } catch (error) {
      log.error("live_upgrade_failed", { org_id: this.#orgId, cause: errorText(error) });
      return new Response(null, { status: 500 });
    }
  }

  override async onConnect(connection: LiveConnection, { request }: ConnectionContext): Promise<void> {
    await this.#guarded(connection, async () => {
      const upgrade = this.#upgrades.get(request);
      if (upgrade === undefined) {
        connection.close(LIVE_CLOSE.expired, "no grant");
        return;
      }
      await this.#admit(connection, upgrade.grant, upgrade.filter);
      this.#greet(connection, upgrade.since);
      await this.#alarm.set();
    });
  }

  override async onMessage(connection: LiveConnection, message: WSMessage): Promise<void> {
    await this.#guarded(connection, async () => {
      const frame = readClientFrame(message);
      const member = this.#sockets.get(connection);
      if (frame === undefined || member === undefined) {
        connection.close(LIVE_CLOSE.bad_message, "not a message of this protocol");
        return;
      }
      this.#sockets.heard(connection);
      const { attachment, group } = member;
      if (frame.kind === "FILTER") {
        const kept = readAttachment(this.ctx.storage.sql, attachment);
        if (kept === undefined) return;
        this.#hold(connection, { ...kept.attachment, filter: frame.filter }, kept.scope);
        this.#greet(connection, undefined);
        return;
      }
      const secret = parseTicket(frame.ticket)?.parts.secret ?? "";
      const grant = await redeemTicket(this.ctx.storage.sql, secret, Date.now);
      if (grant?.user_id !== attachment.user_id) {
        this.#sockets.remove(connection);
        connection.close(LIVE_CLOSE.expired, "the ticket is not valid");
        return;
      }
      await this.#admit(connection, grant, attachment.filter);
      const { epoch, state, now } = this.#context();
      const renewed = { v: LIVE_VERSION, kind: "RENEWED", epoch, seq: state.seq, at: now } as const;
      this.#send(connection, { ...renewed, expires_at: grant.expires_at });
      if (this.#sockets.get(connection)?.group.key !== group.key) this.#greet(connection, undefined);
      await this.#alarm.set();
    });
  }

  override onClose(connection: LiveConnection): void {
    this.#sockets.remove(connection);
  }

  override onError(connection: LiveConnection): void {
    this.#sockets.remove(connection);
  }

  /** Never throws: an alarm that fails six times is gone for good. */
  override async onAlarm(): Promise<void> {
    this.#alarm.rang();
    try {
      await this.#ring(Date.now());
    } catch (error) {
      log.error("live_alarm_failed", { org_id: this.#orgId, cause: errorText(error) });
      this.#alarm.retryLater(Date.now());
    }
    await this.#alarm.set();
  }

  async #ring(now: number): Promise<void> {
    const { state } = this.#store;
    state.advance(now);
    this.#sockets.closeExpired(now);
    forgetScopes(this.ctx.storage.sql, this.#sockets.scopeIds());
    if (state.seq > this.#store.meta.sent) this.#updates.flush();
    if (this.#alarm.isDue("idle", now)) {
      this.#alarm.idleTold();
      this.#tick(true);
    }
    const sealing = this.#alarm.isDue("seal", now);
    if (sealing || this.#alarm.isDue("flush", now) || this.#alarm.isDue("expire", now)) {
      this.#durably(() => this.#store.flush(now));
      this.#alarm.refresh();
    }
    if (sealing) await this.#exportSealed(now);
  }

  async #exportSealed(now: number): Promise<void> {
    const { meta, state } = this.#store;
    const range = { from: meta.exported_before, to: state.unsealedFrom, heldFrom: meta.held_from };
    if (meta.incomplete === true) range.heldFrom = Number.POSITIVE_INFINITY;
    if (meta.residency === "global") range.heldFrom = Number.POSITIVE_INFINITY;
    const { clickhouse } = readConfig(this.env);
    const insert = clickHouseInsert(clickhouse[this.#region], fetch, "window_metrics");
    const result = await exportSealed(this.#orgId, this.#store, insert, range, (exportedBefore) => {
      meta.exported_before = exportedBefore;
      this.#store.writeMeta();
    });
    this.#alarm.refresh();
    if (result.retry !== undefined) {
      log.warn("window_export_retry", { org_id: this.#orgId, cause: result.retry });
      this.#alarm.retryLater(now);
    }
  }

  #fold(frames: readonly LiveFrameBytes[], now: number): FoldCounts {
    const { state } = this.#store;
    const { counts, changed } = state.apply(
      frames.map(({ frame }) => frame),
      now,
    );
    if (counts.applied > 0) {
      const kept = frames.filter((_, i) => changed[i] === true);
      this.#store.checkpoint(kept, now);
    }
    return counts;
  }

  /** Runs a write. When it fails, memory may be ahead of storage: the object restarts from what is stored. */
  #durably<T>(write: () => T): T {
    try {
      return write();
    } catch (error) {
      log.error("live_checkpoint_failed", { org_id: this.#orgId, cause: errorText(error) });
      this.ctx.abort("the checkpoint could not be written");
      throw error;
    }
  }

  /** Tells sockets, now or within a second. */
  #changed(): void {
    if (this.#sockets.size === 0) this.#store.meta.sent = this.#store.state.seq;
    else this.#updates.request();
  }

  #tick(force: boolean): number {
    try {
      const { meta, state } = this.#store;
      const sent = meta.sent;
      meta.sent = state.seq;
      return tickAfter(broadcastUpdates(this.#context(), this.#sockets, sent, force));
    } catch (error) {
      log.error("live_tick_failed", { org_id: this.#orgId, cause: errorText(error) });
      return TICK_MS;
    }
  }

  #sendNotices(): number {
    const notices = this.#freshNotices;
    this.#freshNotices = [];
    try {
      broadcastNotices(this.#context(), this.#sockets, notices);
    } catch (error) {
      log.error("live_notices_failed", { org_id: this.#orgId, cause: errorText(error) });
    }
    return NOTICE_TICK_MS;
  }

  async #admit(connection: LiveConnection, grant: SocketGrant, filter: LiveFilter): Promise<void> {
    this.#hold(connection, await attachmentOf(this.ctx.storage.sql, grant, filter), grant.scope);
  }

  #hold(connection: LiveConnection, attachment: Attachment, scope: RowScope): void {
    connection.setState(attachment);
    this.#sockets.put(connection, attachment, scope);
  }

  /** The first frames of a socket, or of its new filter. */
  #greet(connection: LiveConnection, since: LiveCursor | undefined): void {
    const member = this.#sockets.get(connection);
    if (member === undefined) return;
    for (const frame of firstFrames(this.#context(), member.group, this.#notices, since)) this.#send(connection, frame);
  }

  #send(connection: LiveConnection, frame: ServerFrame): void {
    this.#sockets.send(connection, JSON.stringify(frame), Date.now());
  }

  async #guarded(connection: LiveConnection, hook: () => Promise<void>): Promise<void> {
    try {
      await hook();
    } catch (error) {
      log.error("live_socket_failed", { org_id: this.#orgId, cause: errorText(error) });
      this.#sockets.remove(connection);
      connection.close(1011, "something went wrong on our side");
    }
  }

  #context(): FrameContext {
    const now = Date.now();
    this.#store.state.advance(now);
    return { state: this.#store.state, epoch: this.#store.meta.epoch, now };
  }

  /** Names are `<org>` or, emulated, `eu/<org>` (tenant-namespace.ts). */
  get #orgId(): string {
    return this.name.startsWith("eu/") ? this.name.slice(3) : this.name;
  }

  get #region(): "us" | "eu" {
    return this.name.startsWith("eu/") || this.ctx.id.jurisdiction === "eu" ? "eu" : "us";
  }
}
