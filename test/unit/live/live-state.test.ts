/** The fold against a naive model, and its caps. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { LiveState } from "../../../durable-objects/tenant-live/live-state.ts";
import { LiveWindow, MAX_TYPES } from "../../../durable-objects/tenant-live/live-window.ts";
import { MAX_SESSIONS, SessionRegistry } from "../../../durable-objects/tenant-live/registry.ts";
import { View } from "../../../durable-objects/tenant-live/view.ts";
import { decodeWindow, encodeWindow } from "../../../durable-objects/tenant-live/window-codec.ts";
import { firstFine, firstUnsealed, windowOf, windowStart } from "../../../durable-objects/tenant-live/windows.ts";
import type { LiveFilter, WindowView } from "../../../schema/live.ts";
import { frameOf, type LiveEvent, liveEvent } from "../../support/frames.ts";

const T0 = windowStart(windowOf(1_800_000_000_000));

/** A state over storage in memory, flushed as the object flushes. */
class Harness {
  readonly windows = new Map<number, Uint8Array>();
  readonly identities = new Map<number, Uint32Array[]>();
  readonly state = new LiveState({
    registry: new SessionRegistry(),
    windows: [],
    seq: 0,
    fineFrom: firstFine(T0),
    unsealedFrom: firstUnsealed(T0),
    coarseSeq: 0,
    loadIdentities: (window) => this.identities.get(window) ?? [],
    loadWindow: (window) => {
      const bytes = this.windows.get(window);
      return bytes === undefined ? undefined : decodeWindow(bytes);
    },
  });

  flush(): void {
    for (const id of this.state.dirty) {
      const window = this.state.windows.get(id);
      if (window !== undefined) this.windows.set(id, encodeWindow(window));
    }
    for (const [window, words] of this.state.dedup.pending()) {
      this.identities.set(window, [...(this.identities.get(window) ?? []), words.slice()]);
    }
    this.state.flushed(Number.POSITIVE_INFINITY);
  }

  /** Every window, from memory or storage, as a view sees it. */
  views(filter: LiveFilter = {}): WindowView[] {
    const view = new View({ kind: "org" }, filter);
    const ids = new Set([...this.state.windows.keys(), ...this.windows.keys()]);
    return [...ids].flatMap((id) => {
      const bytes = this.windows.get(id);
      const window = this.state.windows.get(id) ?? (bytes === undefined ? undefined : decodeWindow(bytes));
      return (window && view.window(window, this.state.registry)) ?? [];
    });
  }
}

const sums = (views: readonly WindowView[], total = 0): Record<string, number> => {
  const out: Record<string, number> = {};
  for (const { by_type } of views) {
    for (const [type, totals] of Object.entries(by_type)) out[type] = (out[type] ?? 0) + (totals[total] ?? 0);
  }
  return out;
};

/** Events to draw from: few, so that most of what a run applies is a repeat. */
const poolArbitrary = fc.array(
  fc.record({
    age: fc.oneof(fc.integer({ min: -90_000, max: 200_000 }), fc.integer({ min: -80_000_000, max: 9_000_000 })),
    type: fc.constantFrom("error", "pr_created", "custom.x"),
    session: fc.constantFrom("a", "b", "c"),
    lines: fc.integer({ min: 1, max: 50 }),
  }),
  { minLength: 1, maxLength: 25 },
);
const stepsArbitrary = fc.array(
  fc.record({
    wait: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 15_000 }), fc.integer({ min: 0, max: 2_000_000 })),
    flush: fc.boolean(),
    batches: fc.array(fc.array(fc.nat(), { minLength: 1, maxLength: 12 }), { maxLength: 4 }),
  }),
  { maxLength: 14 },
);

describe("the fold", () => {
  it("counts each identity once while its window is unsealed, whatever is repeated, flushed and rolled in between", () => {
    fc.assert(
      fc.property(poolArbitrary, stepsArbitrary, (specs, steps) => {
        const pool = specs.map(({ age, type, session, lines }) =>
          liveEvent(T0 - age, { type, session, measures: { lines_added: lines } }),
        );
        const harness = new Harness();
        const counted = new Set<LiveEvent>();
        let now = T0;
        for (const { wait, flush, batches } of steps) {
          now += wait;
          const events = batches.map((batch) => batch.flatMap((n) => pool[n % pool.length] ?? []));
          for (const event of events.flat()) if (windowOf(event.time) >= firstUnsealed(now)) counted.add(event);
          harness.state.apply(
            events.map((batch) => frameOf(batch)),
            now,
          );
          if (flush) harness.flush();
        }
        const counts: Record<string, number> = {};
        let lines = 0;
        for (const { type = "", measures } of counted) {
          counts[type] = (counts[type] ?? 0) + 1;
          lines += measures?.lines_added ?? 0;
        }
        expect(sums(harness.views())).toEqual(counts);
        const added = Object.values(sums(harness.views(), 6)).reduce((sum, n) => sum + n, 0);
        expect(added).toBe(lines);
      }),
      { numRuns: 300 },
    );
  });

  it("leaves seq and everything else alone when nothing is new", () => {
    const { state } = new Harness();
    const frame = frameOf([liveEvent(T0)]);
    state.apply([frame], T0);
    expect(state.apply([frame], T0)).toMatchObject({ counts: { duplicates: 1 }, changed: [false] });
    expect(state.seq).toBe(1);
  });
});

describe("caps", () => {
  it("keep a tenant of more sessions than fit exact by type, team, agent and environment, and say so", () => {
    const harness = new Harness();
    const n = MAX_SESSIONS + 500;
    for (let at = 0; at < n; at += 1_000) {
      const events = Array.from({ length: 1_000 }, (_, i) =>
        liveEvent(T0, { session: `s${at + i}`, user: `u${(at + i) % 50}`, team: (at + i) % 2 ? "red" : "blue" }),
      );
      harness.state.apply([frameOf(events)], T0);
    }
    const total = Math.ceil(n / 1_000) * 1_000;
    expect(harness.state.registry.size).toBe(MAX_SESSIONS);
    expect(sums(harness.views())).toEqual({ code_generated: total });
    expect(sums(harness.views({ team: "red" }))).toEqual({ code_generated: total / 2 });
    expect(harness.views()[0]?.truncated).toBe(true);
  });

  it("sum types above 100 a window as other", () => {
    const harness = new Harness();
    harness.state.apply(
      [frameOf(Array.from({ length: MAX_TYPES + 7 }, (_, i) => liveEvent(T0, { type: `custom.t${i}` })))],
      T0,
    );
    expect(sums(harness.views()).other).toBe(7);
  });

  it("give slots of silent sessions to new ones once no window shows them", () => {
    const harness = new Harness();
    const fill = (prefix: string, now: number) => {
      for (let at = 0; at < MAX_SESSIONS; at += 1_000) {
        harness.state.apply(
          [frameOf(Array.from({ length: 1_000 }, (_, i) => liveEvent(now, { session: `${prefix}${at + i}` })))],
          now,
        );
      }
    };
    fill("old", T0);
    fill("new", T0 + 20 * 60_000);
    expect([...harness.state.registry.records()].every(({ session }) => session.startsWith("new"))).toBe(true);
  });
});

describe("a window", () => {
  it("is the same after encoding and decoding, and keeps its sums when it is rolled", () => {
    const window = LiveWindow.empty(5, "fine");
    const entry = ["s", "u", "red", "codex", "r", "b", "staging"] as const;
    for (let i = 0; i < 100; i++) {
      const cell = window.cellOf(window.typeIndex(`t${i % 3}`), i % 10, window.modelIndex(`m${i % 2}`), [...entry]);
      window.count(cell);
      window.cells.addMeasure(cell, i % 4, i);
    }
    const decoded = decodeWindow(encodeWindow(window));
    expect(decoded.head()).toEqual(window.head());
    const view = new View({ kind: "org" }, { team: "red" });
    const registry = new SessionRegistry();
    const coarse = decoded.rolled(() => [...entry]);
    expect(coarse.cells.size).toBe(3);
    expect(coarse.events).toBe(100);
    expect(sums([view.window(coarse, registry) ?? { start: 0, by_type: {} }])).toEqual({ t0: 34, t1: 33, t2: 33 });
  });
});
