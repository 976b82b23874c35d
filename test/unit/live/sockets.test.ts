/** Sockets: one text per group, nobody waits for anybody. */
import { describe, expect, it } from "vitest";
import { tickAfter } from "../../../durable-objects/tenant-live/broadcast.ts";
import { type Attachment, Sockets } from "../../../durable-objects/tenant-live/sockets.ts";
import { Ticker } from "../../../durable-objects/tenant-live/ticker.ts";
import { grouped, isDue, nextAlarm } from "../../../durable-objects/tenant-live/timers.ts";
import { LIVE_CLOSE } from "../../../schema/live.ts";

class FakeSocket {
  readonly sent: string[] = [];
  closed: number | undefined;
  bufferedAmount = 0;
  readonly id: string;
  readonly #broken: boolean;

  constructor(id: string, broken = false) {
    this.id = id;
    this.#broken = broken;
  }
  send(text: string): void {
    if (this.#broken) throw new Error("Can't call WebSocket send() after close().");
    this.sent.push(text);
  }
  close(code: number): void {
    this.closed = code;
    if (this.#broken) throw new Error("already closed");
  }
}

const attachment = (fields: Partial<Attachment> = {}): Attachment => ({
  v: 1,
  user_id: "u",
  role: "admin",
  filter: {},
  expires_at: 1_000,
  ...fields,
});

describe("sockets", () => {
  it("with the same scope and filter are one group, whatever the order of its users", () => {
    const sockets = new Sockets<FakeSocket>(() => 0);
    const scope = (...users: string[]) => ({ kind: "users", scope: "team", users }) as const;
    const groups = [
      sockets.put(new FakeSocket("1"), attachment(), scope("a", "b")),
      sockets.put(new FakeSocket("2"), attachment(), scope("b", "a")),
      sockets.put(new FakeSocket("3"), attachment(), scope("a")),
      sockets.put(new FakeSocket("4"), attachment({ filter: { team: "red" } }), scope("a")),
    ];
    expect(new Set(groups).size).toBe(3);
  });

  it("that are dead, clogged or expired are closed, and the others still get the frame", () => {
    const sockets = new Sockets<FakeSocket>(() => 0);
    const [dead, clogged, late, well] = [
      new FakeSocket("1", true),
      new FakeSocket("2"),
      new FakeSocket("3"),
      new FakeSocket("4"),
    ];
    clogged.bufferedAmount = 2_000_000;
    for (const socket of [dead, clogged, well]) sockets.put(socket, attachment(), { kind: "org" });
    const group = sockets.put(late, attachment({ expires_at: 10 }), { kind: "org" });
    sockets.sendGroup(group, "hello", 10);
    expect([dead.closed, clogged.closed, late.closed, well.closed]).toEqual([
      LIVE_CLOSE.slow,
      LIVE_CLOSE.slow,
      LIVE_CLOSE.expired,
      undefined,
    ]);
    expect([late.sent, well.sent]).toEqual([[], ["hello"]]);
    expect(sockets.size).toBe(1);
  });

  it("that give no sign of life are closed after 4 MB; a ping in the last minute, or a message, starts the count again", () => {
    let heardAt = 0;
    const sockets = new Sockets<FakeSocket>(() => heardAt);
    const socket = new FakeSocket("1");
    const group = sockets.put(socket, attachment({ expires_at: 1e9 }), { kind: "org" });
    const megabyte = "x".repeat(1_000_000);
    const send = (n: number, now: number) => {
      for (let i = 0; i < n; i++) sockets.sendGroup(group, megabyte, now);
    };
    send(4, 100_000);
    heardAt = 90_000;
    send(4, 100_000);
    sockets.heard(socket);
    send(4, 500_000);
    expect(socket.closed).toBeUndefined();
    send(1, 500_000);
    expect(socket.closed).toBe(LIVE_CLOSE.slow);
  });
});

describe("the ticker", () => {
  it("runs at once, then once at the end of the interval however often it is asked, and leaves no timer behind", async () => {
    const runs: number[] = [];
    const started = Date.now();
    const ticker = new Ticker(() => runs.push(Date.now() - started) && 50, Date.now);
    for (let i = 0; i < 5; i++) ticker.request();
    expect(runs).toHaveLength(1);
    const deadline = Date.now() + 2_000;
    while (runs.length < 2 && Date.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 5));
    expect(runs).toHaveLength(2);
    expect(runs[1]).toBeGreaterThanOrEqual(45);
  });

  it("comes a second apart, and less often when a tick is much work", () => {
    expect([tickAfter(0), tickAfter(10_000_000), tickAfter(30_000_000), tickAfter(1e12)]).toEqual([
      1_000, 1_000, 3_000, 10_000,
    ]);
  });
});

describe("timers", () => {
  it("ring at the first that is due, never sooner than half a second", () => {
    expect(nextAlarm({}, 0)).toBeUndefined();
    expect(nextAlarm({ seal: 9_000, flush: 5_000 }, 0)).toBe(5_000);
    expect(nextAlarm({ flush: 5_000 }, 8_000)).toBe(8_500);
    expect([isDue({ flush: 5 }, "flush", 4), isDue({ flush: 5 }, "flush", 5), isDue({}, "flush", 5)]).toEqual([
      false,
      true,
      false,
    ]);
    expect([grouped(1, 10), grouped(10, 10)]).toEqual([10, 10]);
  });
});
