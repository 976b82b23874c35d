/** Folding live frames: repeats, disorder and new epochs end in what the server said last. */
import { describe, expect, it } from "vitest";
import { LIVE_RANGE_MS, WINDOW_MS } from "../../../schema/live.ts";
import { noMeasures } from "../../../web/src/live/frames.ts";
import {
  type LiveFrame,
  MAX_NOTICES,
  type Notice,
  type Session,
  type SnapshotFrame,
  type UpdateFrame,
  type WindowSums,
} from "../../../web/src/live/model.ts";
import { EMPTY_STATE, type LiveState, reduce } from "../../../web/src/live/reducer.ts";
import { countSessions, IDLE_AFTER_MS, openSessions, summarize } from "../../../web/src/live/summary.ts";

const NOW = Date.UTC(2026, 10, 22, 12, 0, 5);
const THIS = NOW - (NOW % WINDOW_MS);

const window = (start: number, types: Record<string, number>, cost = 0): WindowSums => ({
  start,
  types,
  measures: { ...noMeasures(), cost_nano_usd: cost },
});
const session = (id: string, state: Session["state"] = "running", lastAt = NOW): Session => ({
  session: id,
  user: "ada",
  team: "core",
  agent: "claude-code",
  repo: "acme/web",
  branch: "main",
  environment: "production",
  model: "opus",
  state,
  started_at: NOW - 60_000,
  last_at: lastAt,
  events: 1,
  cost_nano_usd: 0,
});
const notice = (key: string, timestamp = NOW, title = key): Notice => ({
  key,
  event_id: key,
  event_type: "error",
  timestamp,
  user_id: "ada",
  session_id: "s",
  team_id: "",
  agent: "",
  model: "",
  repo: "",
  environment: "",
  severity: "",
  title,
});
const snapshot = (seq: number, windows: WindowSums[], more: Partial<SnapshotFrame> = {}): SnapshotFrame => ({
  kind: "snapshot",
  epoch: "a",
  seq,
  at: NOW,
  from: NOW - LIVE_RANGE_MS,
  windows,
  sessions: [],
  counts: { running: 0, idle: 0 },
  notices: [],
  truncated: false,
  ...more,
});
const update = (seq: number, windows: WindowSums[], more: Partial<UpdateFrame> = {}): UpdateFrame => ({
  kind: "update",
  epoch: "a",
  seq,
  at: NOW,
  windows,
  sessions: [],
  counts: { running: 0, idle: 0 },
  truncated: false,
  ...more,
});
const fold = (...frames: LiveFrame[]): LiveState => frames.reduce(reduce, EMPTY_STATE);
const counts = (state: LiveState): [number, Record<string, number>][] =>
  [...state.windows]
    .map(([start, { value }]): [number, Record<string, number>] => [start, { ...value.types }])
    .sort((a, b) => a[0] - b[0]);

describe("windows", () => {
  it("replaces a window with its newer absolute value instead of adding", () => {
    const state = fold(snapshot(1, [window(THIS, { error: 2 })]), update(2, [window(THIS, { error: 5 })]));
    expect(counts(state)).toEqual([[THIS, { error: 5 }]]);
    expect(state.seq).toBe(2);
  });

  it("changes nothing when a frame is repeated", () => {
    const frames = [snapshot(1, [window(THIS, { error: 2 })]), update(2, [window(THIS, { error: 5 })])];
    expect(fold(...frames, ...frames.slice(1), ...frames.slice(1))).toEqual(fold(...frames));
  });

  it("ignores an older value of a window that comes after a newer one, but takes other windows from that frame", () => {
    const state = fold(
      snapshot(1, []),
      update(3, [window(THIS, { error: 9 })]),
      update(2, [window(THIS, { error: 4 }), window(THIS - WINDOW_MS, { error: 1 })]),
    );
    expect(counts(state)).toEqual([
      [THIS - WINDOW_MS, { error: 1 }],
      [THIS, { error: 9 }],
    ]);
    expect(state.seq).toBe(3);
  });

  it("ends the same in every order of the same updates", () => {
    const first = snapshot(1, [window(THIS, { error: 1 })]);
    const updates = [2, 3, 4].map((seq) =>
      update(seq, [window(THIS, { error: seq * 10 }), window(THIS - seq * WINDOW_MS, { error: seq })]),
    );
    const [a, b, c] = updates;
    if (a === undefined || b === undefined || c === undefined) throw new Error("three updates");
    const expected = fold(first, a, b, c);
    for (const order of [
      [a, c, b],
      [b, a, c],
      [b, c, a],
      [c, a, b],
      [c, b, a],
      [c, c, a, b, b],
    ]) {
      const state = fold(first, ...order);
      expect(counts(state)).toEqual(counts(expected));
      expect(state.seq).toBe(4);
    }
  });

  it("ignores updates from before the snapshot", () => {
    const state = fold(snapshot(5, []), update(4, [window(THIS, { error: 1 })]));
    expect(counts(state)).toEqual([]);
  });

  it("forgets windows that left the span", () => {
    const old = THIS - LIVE_RANGE_MS;
    const later = update(2, [window(THIS + 3 * WINDOW_MS, { error: 1 })], { at: NOW + 3 * WINDOW_MS });
    const state = fold(snapshot(1, [window(old, { error: 7 })]), later);
    expect(counts(state)).toEqual([[THIS + 3 * WINDOW_MS, { error: 1 }]]);
  });
});

describe("epochs", () => {
  it("asks for a snapshot when an update of another epoch comes, and keeps what it shows until then", () => {
    const before = fold(snapshot(9, [window(THIS, { error: 2 })]));
    const after = reduce(before, update(1, [window(THIS, { error: 100 })], { epoch: "b" }));
    expect(after.resync).toBe(true);
    expect(counts(after)).toEqual(counts(before));
  });

  it("starts anew with the snapshot of a new epoch, whose counter is lower", () => {
    const state = fold(
      snapshot(900, [window(THIS, { error: 2 })]),
      update(1, [], { epoch: "b" }),
      snapshot(2, [window(THIS, { error: 3 })], { epoch: "b" }),
      update(3, [window(THIS, { error: 4 })], { epoch: "b" }),
    );
    expect(state.resync).toBe(false);
    expect(state.epoch).toBe("b");
    expect(counts(state)).toEqual([[THIS, { error: 4 }]]);
  });

  it("ignores updates before the first snapshot", () => {
    expect(fold(update(4, [window(THIS, { error: 1 })]))).toBe(EMPTY_STATE);
  });

  it("does not fall back to an old snapshot of the same epoch", () => {
    const newest = fold(snapshot(1, []), update(7, [window(THIS, { error: 3 })]));
    expect(reduce(newest, snapshot(2, []))).toBe(newest);
  });
});

describe("sessions", () => {
  it("lists running and idle ones newest first and drops ended ones", () => {
    const state = fold(
      snapshot(1, [], { sessions: [session("b"), session("a"), { ...session("c"), started_at: NOW }] }),
      update(2, [], {
        sessions: [session("a", "ended"), session("b", "idle", NOW - 600_000)],
        counts: { running: 1, idle: 1 },
      }),
    );
    expect(openSessions(state, NOW).map((one) => `${one.session} ${one.state}`)).toEqual(["c running", "b idle"]);
    expect(countSessions(state, openSessions(state, NOW))).toEqual({ running: 1, idle: 1 });
  });

  it("shows a session that changed its branch or model once: as the server says it is now", () => {
    const before = { ...session("a", "running", NOW - 9_000), branch: "old", model: "haiku", events: 4 };
    const after = { ...session("a"), branch: "new", events: 6 };
    const state = fold(snapshot(1, [], { sessions: [before] }), update(2, [], { sessions: [after] }));
    expect(openSessions(state, NOW)).toEqual([after]);
  });

  it("tells the same session id of two users apart", () => {
    const state = fold(snapshot(1, [], { sessions: [session("a"), { ...session("a"), user: "eve" }] }));
    expect(openSessions(state, NOW).map(({ user }) => user)).toEqual(["ada", "eve"]);
  });

  it("trusts the server's counts when the list was cut", () => {
    const state = fold(snapshot(1, [], { sessions: [session("a")], counts: { running: 4_000, idle: 7 } }));
    expect(countSessions(state, openSessions(state, NOW))).toEqual({ running: 4_000, idle: 7 });
  });

  it("shows a session as idle when it falls silent, without being told", () => {
    const state = fold(snapshot(1, [], { sessions: [session("a")] }));
    const stateAt = (now: number) => openSessions(state, now).map((one) => one.state);
    expect(stateAt(NOW + IDLE_AFTER_MS - 1)).toEqual(["running"]);
    expect(stateAt(NOW + IDLE_AFTER_MS)).toEqual(["idle"]);
  });

  it("does not let an older frame revive an ended session or its counts", () => {
    const state = fold(
      snapshot(1, [], { sessions: [session("a")] }),
      update(3, [], { sessions: [session("a", "ended")], counts: { running: 0, idle: 0 } }),
      update(2, [], { sessions: [session("a", "idle")], counts: { running: 0, idle: 1 } }),
    );
    expect(openSessions(state, NOW)).toEqual([]);
    expect(state.counts.value).toEqual({ running: 0, idle: 0 });
  });
});

describe("notices", () => {
  it("upserts by identity, newest first", () => {
    const stamp = { epoch: "a", seq: 1, at: NOW };
    const state = fold(
      snapshot(1, [], { notices: [notice("x", NOW - 5_000)] }),
      { kind: "notices", ...stamp, notices: [notice("y", NOW), notice("x", NOW - 5_000, "better title")] },
      { kind: "notices", ...stamp, notices: [notice("y", NOW)] },
    );
    expect(state.notices.map((one) => one.title)).toEqual(["y", "better title"]);
  });

  it("keeps a bounded number", () => {
    const many = Array.from({ length: MAX_NOTICES + 50 }, (_, i) => notice(`n${i}`, NOW + i));
    const state = fold(snapshot(1, []), { kind: "notices", epoch: "a", seq: 1, at: NOW, notices: many });
    expect(state.notices).toHaveLength(MAX_NOTICES);
    expect(state.notices[0]?.timestamp).toBe(NOW + MAX_NOTICES + 49);
  });
});

describe("the big numbers", () => {
  it("sum the last 15 minutes and nothing outside of them", () => {
    const state = fold(
      snapshot(1, [
        window(THIS, { error: 2, cost_incurred: 1 }, 4_200_000),
        window(THIS - WINDOW_MS, { security_alert: 3 }, 1),
        window(THIS - LIVE_RANGE_MS, { error: 100 }, 100),
        window(THIS + WINDOW_MS, { error: 100 }, 100),
      ]),
    );
    const summary = summarize(state, NOW);
    expect(summary).toMatchObject({ events: 6, errors: 2, alerts: 3, costNano: 4_200_001n });
    // 6 events in the 15 s since the window before began.
    expect(summary.perSecond).toBeCloseTo(6 / 15);
  });

  it("know no rate before one whole window is known", () => {
    expect(summarize(fold(snapshot(1, [], { from: THIS })), NOW).perSecond).toBeNull();
    expect(summarize(EMPTY_STATE, NOW).events).toBe(0);
  });
});
