/** The live store around the reducer: what it asks the socket, what it shows, and what it does when the socket closes. */
import { describe, expect, it, vi } from "vitest";
import { LIVE_CLOSE, MAX_GRANT_MS } from "../../../schema/live.ts";
import { phaseOf, STALE_AFTER_MS } from "../../../web/src/live/connection.ts";
import type { LiveSocket, SocketHandlers } from "../../../web/src/live/live-socket.ts";
import { LiveStore, type SessionCheck } from "../../../web/src/live/store.ts";
import { EPOCH, snapshotOf, updateOf } from "../../support/live-script.ts";

const NOW = Date.UTC(2026, 10, 22, 12, 0, 5);

interface Line extends LiveSocket {
  handlers: SocketHandlers;
  sent: unknown[];
  reconnects: number;
  closed: boolean;
}

function setUp(options: { check?: SessionCheck; ticket?: string | null } = {}) {
  const lines: Line[] = [];
  const clock = { now: NOW };
  const signedOut = vi.fn();
  const problems: string[] = [];
  const store = new LiveStore({
    openSocket: (handlers) => {
      const line: Line = {
        handlers,
        sent: [],
        reconnects: 0,
        closed: false,
        send: (frame) => line.sent.push(frame) > 0,
        reconnect: () => {
          line.reconnects++;
        },
        close: () => {
          line.closed = true;
        },
      };
      lines.push(line);
      return line;
    },
    now: () => clock.now,
    online: () => true,
    checkSession: async () => options.check ?? { kind: "ok" },
    ticket: async () => options.ticket ?? null,
    onSignedOut: signedOut,
    report: (problem) => problems.push(problem),
  });
  const line = (index = 0): Line => {
    const found = lines[index];
    if (found === undefined) throw new Error(`no socket ${index}`);
    return found;
  };
  const receive = (frame: unknown, index = 0): void => line(index).handlers.onMessage(JSON.stringify(frame));
  const phase = () => phaseOf(store.view().connection, clock.now);
  return { store, lines, line, receive, phase, clock, signedOut, problems };
}

const error = (start: number, count: number) => [{ start, by_type: { error: [count] } }];
const THIS = NOW - 5_000;

describe("the live store", () => {
  it("loads until the first snapshot, then is live", () => {
    const { store, line, receive, phase } = setUp();
    store.open("acme", { team: "core" });
    expect(line().handlers.path()).toBe("/api/v1/live?org=acme&team=core");
    expect(store.view().loading).toBe(true);
    line().handlers.onOpen();
    expect(phase()).toBe("connecting");
    receive(snapshotOf({ seq: 3, at: NOW + 250, windows: error(THIS, 2) }));
    expect(phase()).toBe("live");
    expect(store.view()).toMatchObject({ loading: false, skewMs: 250 });
  });

  it("resumes after the counter it has seen", () => {
    const { store, line, receive } = setUp();
    store.open("acme", {});
    receive(snapshotOf({ seq: 3, at: NOW }));
    receive(updateOf({ seq: 8, at: NOW }));
    expect(line().handlers.path()).toBe(`/api/v1/live?org=acme&since=${EPOCH}.8`);
  });

  it("asks for a snapshot, not a resume, when the epoch changed", () => {
    const { store, line, receive } = setUp();
    store.open("acme", {});
    receive(snapshotOf({ seq: 3, at: NOW }));
    receive(updateOf({ seq: 1, at: NOW, epoch: "ffffffffffffffff" }));
    expect(line().reconnects).toBe(1);
    expect(line().handlers.path()).toBe("/api/v1/live?org=acme");
  });

  it("changes filters over the open connection and shows the old numbers until the new ones are there", () => {
    const { store, lines, line, receive } = setUp();
    store.open("acme", {});
    line().handlers.onOpen();
    receive(snapshotOf({ seq: 3, at: NOW, windows: error(THIS, 2) }));
    store.open("acme", { repo: "acme/web" });
    expect(lines).toHaveLength(1);
    expect(line().sent).toEqual([{ kind: "FILTER", filter: { repo: "acme/web" } }]);
    receive(updateOf({ seq: 4, at: NOW, windows: error(THIS, 9) }));
    expect(store.view().loading).toBe(true);
    expect(store.view().state.windows.get(THIS)?.value.types).toEqual({ error: 2 });
    receive(snapshotOf({ seq: 4, at: NOW, windows: error(THIS, 1) }));
    expect(store.view().loading).toBe(false);
    expect(store.view().state.windows.get(THIS)?.value.types).toEqual({ error: 1 });
  });

  it("drops everything of an organisation when another is opened", () => {
    const { store, lines, line, receive } = setUp();
    store.open("acme", {});
    receive(snapshotOf({ seq: 3, at: NOW, windows: error(THIS, 2) }));
    store.open("globex", {});
    expect(lines).toHaveLength(2);
    expect(line(0).closed).toBe(true);
    expect(store.view().state.windows.size).toBe(0);
    receive(updateOf({ seq: 4, at: NOW, windows: error(THIS, 9) }), 0);
    expect(store.view().state.windows.size).toBe(0);
  });

  it("keeps the numbers and reconnects when the socket drops", async () => {
    const { store, line, receive, phase, clock, signedOut } = setUp();
    store.open("acme", {});
    line().handlers.onOpen();
    receive(snapshotOf({ seq: 3, at: NOW, windows: error(THIS, 2) }));
    line().handlers.onClose(1006);
    expect(phase()).toBe("live");
    clock.now += 1_500;
    expect(phase()).toBe("reconnecting");
    await Promise.resolve();
    expect(line().closed).toBe(false);
    expect(signedOut).not.toHaveBeenCalled();
    expect(store.view().state.windows.size).toBe(1);
  });

  it("goes to sign-in when the session ended", async () => {
    const { store, line, signedOut } = setUp({ check: { kind: "signed_out" } });
    store.open("acme", {});
    line().handlers.onOpen();
    line().handlers.onClose(LIVE_CLOSE.expired);
    await vi.waitFor(() => expect(signedOut).toHaveBeenCalledOnce());
    expect(line().closed).toBe(true);
  });

  it("stops with a reason when the person lost access, and tries anew when asked to", async () => {
    const { store, lines, line, phase } = setUp({ check: { kind: "refused", why: "no access" } });
    store.open("acme", {});
    line().handlers.onOpen();
    line().handlers.onClose(LIVE_CLOSE.revoked);
    await vi.waitFor(() => expect(phase()).toBe("refused"));
    expect(store.view().connection.refused).toBe("no access");
    store.retry();
    expect(lines).toHaveLength(2);
    expect(phase()).toBe("connecting");
  });

  it("renews the grant before it ends", async () => {
    vi.useFakeTimers();
    try {
      const { store, line } = setUp({ ticket: "us.x.y" });
      store.open("acme", {});
      line().handlers.onOpen();
      await vi.advanceTimersByTimeAsync(MAX_GRANT_MS - 60_000);
      expect(line().sent).toEqual([{ kind: "RENEW", ticket: "us.x.y" }]);
      await vi.advanceTimersByTimeAsync(MAX_GRANT_MS);
      expect(line().sent.length).toBeGreaterThan(1);
      store.close();
      const sent = line().sent.length;
      await vi.advanceTimersByTimeAsync(MAX_GRANT_MS);
      expect(line().sent).toHaveLength(sent);
    } finally {
      vi.useRealTimers();
    }
  });

  it("reports what it does not understand and goes on", () => {
    const { store, line, receive, problems } = setUp();
    store.open("acme", {});
    receive(snapshotOf({ seq: 3, at: NOW }));
    line().handlers.onMessage("{}");
    expect(problems).toHaveLength(1);
    expect(store.view().state.seq).toBe(3);
  });

  it("is stale when an open socket says nothing for long, and live again with a pong", () => {
    const { store, line, receive, phase, clock } = setUp();
    store.open("acme", {});
    line().handlers.onOpen();
    receive(snapshotOf({ seq: 3, at: NOW }));
    clock.now += STALE_AFTER_MS + 1;
    expect(phase()).toBe("stale");
    line().handlers.onMessage("pong");
    expect(phase()).toBe("live");
    store.setOnline(false);
    expect(phase()).toBe("offline");
  });
});
