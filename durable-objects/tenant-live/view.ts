/**
 * A view: what one (scope, filter) may see of windows, sessions and notices. Scope is enforced here and nowhere later.
 * Used by messages.ts and sockets.ts; shared by all sockets with the same scope and filter.
 */
import type { RowScope } from "../../schema/access.ts";
import { LIVE_TOTALS, type LiveFilter, type SessionsView, type WindowView } from "../../schema/live.ts";
import type { Notice } from "../../schema/rpc.ts";
import { groupOfRef, isGroupRef, type LiveWindow } from "./live-window.ts";
import type { Held, SessionRegistry } from "./registry.ts";
import { type Labels, type SessionRecord, sessionState, sessionView } from "./session-record.ts";
import { type WindowId, windowStart } from "./windows.ts";

const WIDTH = LIVE_TOTALS.length;

/** Two sockets with the same key see the same bytes. */
export function viewKey(scope: RowScope, filter: LiveFilter): string {
  const who = scope.kind === "org" ? null : [...scope.users].sort();
  return JSON.stringify([who, filter.type, filter.team, filter.agent, filter.model, filter.repo, filter.environment]);
}

export class View {
  readonly #users: ReadonlySet<string> | undefined;
  readonly #filter: LiveFilter;
  /** Events seen when the window was last written for this view. Sums only grow, so the same number means no change. */
  readonly #sent = new Map<WindowId, number>();
  /** Per session slot: what it was decided for, and the decision. */
  readonly #decided: (Held | undefined)[] = [];
  readonly #matches: boolean[] = [];

  constructor(scope: RowScope, filter: LiveFilter) {
    this.#users = scope.kind === "org" ? undefined : new Set(scope.users);
    this.#filter = filter;
  }

  /** Whether rolled cells can answer: they know neither user, session, repo nor model. */
  get answersCoarse(): boolean {
    return this.#users === undefined && this.#filter.repo === undefined && this.#filter.model === undefined;
  }

  /** The window as this view sees it; undefined when it sees nothing of it. */
  window(window: LiveWindow, registry: SessionRegistry): WindowView | undefined {
    if (window.grain === "coarse" && !this.answersCoarse) return undefined;
    const { cells, types } = window;
    const sums = new Float64Array(types.length * WIDTH);
    const typeOk = types.map((type) => this.#filter.type === undefined || this.#filter.type === type);
    const modelOk = window.models.map((model) => this.#filter.model === undefined || this.#filter.model === model);
    const groupOk = window.groups.map((group) => this.#seesGroup(group));
    for (let cell = 0; cell < cells.size; cell++) {
      const type = cells.type[cell] ?? 0;
      if (typeOk[type] === false || modelOk[cells.model[cell] ?? 0] === false) continue;
      const ref = cells.ref[cell] ?? 0;
      if (isGroupRef(ref) ? groupOk[groupOfRef(ref)] === false : !this.#seesSlot(ref, registry)) continue;
      cells.addTo(cell, sums, type * WIDTH);
    }
    const byType: Record<string, number[]> = {};
    let any = false;
    types.forEach((type, i) => {
      const totals = trimmed(sums, i * WIDTH);
      if (totals.length === 0) return;
      byType[type] = totals;
      any = true;
    });
    if (!any) return undefined;
    const view: WindowView = { start: windowStart(window.id), by_type: byType };
    if (window.truncated) view.truncated = true;
    return view;
  }

  /** As `window`, but undefined when this view has already been given exactly this. */
  changedWindow(window: LiveWindow, registry: SessionRegistry): WindowView | undefined {
    const view = this.window(window, registry);
    if (view === undefined) return undefined;
    const events = eventsOf(view);
    if (this.#sent.get(window.id) === events) return undefined;
    this.#sent.set(window.id, events);
    return view;
  }

  /** Forgets what was sent of windows before `from`. */
  trim(from: WindowId): void {
    for (const id of this.#sent.keys()) if (id < from) this.#sent.delete(id);
  }

  /**
   * Whether the session is listed and counted: when one of its slots matches, or what it is called now does. A filter on
   * its last names alone would let sessions drop out of a client's list without a word.
   */
  sees(record: SessionRecord): boolean {
    if (this.#users !== undefined && !this.#users.has(record.user)) return false;
    if (this.#filter.model !== undefined && !record.models.includes(this.#filter.model)) return false;
    return this.#seesLabels(record.labels) || record.slots.some(({ labels }) => this.#seesLabels(labels));
  }

  seesNotice(notice: Notice): boolean {
    const f = this.#filter;
    return (
      (this.#users === undefined || this.#users.has(notice.user_id)) &&
      (f.type === undefined || f.type === notice.event_type) &&
      (f.model === undefined || f.model === notice.model) &&
      this.#seesNames(notice.team_id, notice.agent, notice.repo, notice.environment)
    );
  }

  /** Counts of all sessions seen; `list`: those of `candidates`, most recent first, at most `max`. */
  sessions(registry: SessionRegistry, candidates: Iterable<SessionRecord>, max: number, now: number): SessionsView {
    const counts = { running: 0, idle: 0, ended: 0 };
    for (const record of registry.records()) {
      if (this.sees(record)) counts[sessionState(record, now)]++;
    }
    const list = [...candidates].filter((record) => this.sees(record));
    list.sort((a, b) => b.last_at - a.last_at);
    return { ...counts, list: list.slice(0, max).map((record) => sessionView(record, now)) };
  }

  #seesSlot(slot: number, registry: SessionRegistry): boolean {
    const held = registry.held(slot);
    if (held === undefined) return false;
    if (this.#decided[slot] !== held) {
      this.#decided[slot] = held;
      const mine = this.#users === undefined || this.#users.has(held.record.user);
      this.#matches[slot] = mine && this.#seesLabels(held.slot.labels);
    }
    return this.#matches[slot] === true;
  }

  #seesLabels([team, agent, repo, , environment]: Labels): boolean {
    return this.#seesNames(team, agent, repo, environment);
  }

  #seesNames(team: string, agent: string, repo: string, environment: string): boolean {
    const f = this.#filter;
    return (
      (f.team === undefined || f.team === team) &&
      (f.agent === undefined || f.agent === agent) &&
      (f.repo === undefined || f.repo === repo) &&
      (f.environment === undefined || f.environment === environment)
    );
  }

  /** A group has no user and no repo: a view that asks for one of them does not see it. */
  #seesGroup([team, agent, environment]: readonly [string, string, string]): boolean {
    const f = this.#filter;
    return this.#users === undefined && f.repo === undefined && this.#seesNames(team, agent, "", environment);
  }
}

function trimmed(sums: Float64Array, at: number): number[] {
  let length = WIDTH;
  while (length > 0 && sums[at + length - 1] === 0) length--;
  return [...sums.subarray(at, at + length)];
}

function eventsOf(view: WindowView): number {
  return Object.values(view.by_type).reduce((sum, totals) => sum + (totals[0] ?? 0), 0);
}
