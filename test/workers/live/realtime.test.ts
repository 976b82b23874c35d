/** The realtime app over the real object: one matrix of people against socket, SSE and snapshot; tickets; resume of SSE. */
import { listDurableObjectIds } from "cloudflare:test";
import { exports } from "cloudflare:workers";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ErrorBodySchema } from "../../../schema/errors.ts";
import { SnapshotFrameSchema, TicketSchema } from "../../../schema/live.ts";
import type { TenantLiveRpc } from "../../../schema/rpc.ts";
import { applyOf, liveEvent } from "../../support/frames.ts";
import { Client, countsByType, env, freshObject, setClock, T0, until } from "./world.ts";

beforeEach(() => setClock(T0));
const open: { drop(): void }[] = [];
afterEach(() => {
  for (const one of open.splice(0)) one.drop();
  vi.useRealTimers();
});

/** The worker of this project as its own tests reach it. */
const worker = (exports as unknown as { default: Pick<Fetcher, "fetch"> }).default;
const HOST = "http://127.0.0.1";

function ask(path: string, as?: string, init: RequestInit = {}): Promise<Response> {
  const headers = new Headers(init.headers);
  if (as !== undefined) headers.set("x-test-user", as);
  return worker.fetch(new Request(`${HOST}${path}`, { ...init, headers }));
}

async function socket(path: string, as?: string, client = new Client()): Promise<Client> {
  const response = await ask(path, as, { headers: { upgrade: "websocket" } });
  if (response.webSocket === null) throw new Error(`refused: ${response.status} ${await response.text()}`);
  client.attach(response.webSocket);
  open.push(client);
  await until(() => client.frames.length > 0);
  return client;
}

/** Reads an SSE stream into a client; `ids` are the event ids in order. */
async function stream(
  path: string,
  as: string,
  lastEventId?: string,
): Promise<{ client: Client; ids: string[]; response: Response; ended(): boolean; stop(): Promise<void> }> {
  const response = await ask(path, as, lastEventId === undefined ? {} : { headers: { "last-event-id": lastEventId } });
  const client = new Client();
  const ids: string[] = [];
  if (response.body === null) throw new Error("no body");
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let over = false;
  const done = (async () => {
    let text = "";
    for (;;) {
      const { value, done: ended } = await reader.read();
      if (ended) {
        over = true;
        return;
      }
      text += value;
      for (let end = text.indexOf("\n\n"); end >= 0; end = text.indexOf("\n\n")) {
        const event = text.slice(0, end);
        text = text.slice(end + 2);
        const data = /^data: (.*)$/m.exec(event)?.[1];
        if (data === undefined) continue;
        ids.push(/^id: (.*)$/m.exec(event)?.[1] ?? "");
        client.read(data);
      }
    }
  })();
  const stop = async (): Promise<void> => {
    await reader.cancel();
    await done;
  };
  open.push({ drop: () => void stop() });
  return { client, ids, response, ended: () => over, stop };
}

async function seed(): Promise<{ name: string; live: TenantLiveRpc; add(): Promise<void> }> {
  const { name, live } = freshObject();
  const add = async (): Promise<void> => {
    await live.apply(
      applyOf([["ada", "bob", "eve"].map((user) => liveEvent(T0, { user, type: "error", team: "red" }))]),
    );
  };
  await add();
  return { name, live, add };
}

describe("own, team and org", () => {
  for (const [person, seen] of [
    ["viewer", 1],
    ["manager", 2],
    ["admin", 3],
  ] as const) {
    it(`are the same over socket, SSE and snapshot for a ${person}`, async () => {
      const { name, add } = await seed();
      const as = `${person}@${name}`;
      const ws = await socket("/api/v1/live", as);
      const sse = await stream("/api/v1/live/sse", as);
      await until(() => sse.client.frames.length > 0);
      expect(sse.response.headers.get("content-type")).toMatch(/^text\/event-stream/);
      await add();
      await until(() => [ws, sse.client].every((client) => countsByType(client.windows.values()).error === seen * 2));
      const snapshot = SnapshotFrameSchema.parse(await (await ask("/api/v1/live/snapshot", as)).json());
      expect(countsByType(snapshot.windows)).toEqual({ error: seen * 2 });
      const other = await freshObject();
      const elsewhere = SnapshotFrameSchema.parse(
        await (await ask("/api/v1/live/snapshot", `${person}@${other.name}`)).json(),
      );
      expect(elsewhere.windows).toEqual([]);
    });
  }

  it("are refused to nobody with 401 and the one error body, on every route", async () => {
    for (const [method, path] of [
      ["GET", "/api/v1/live/sse"],
      ["GET", "/api/v1/live/snapshot"],
      ["POST", "/api/v1/live/ticket"],
    ] as const) {
      const response = await ask(path, undefined, { method });
      expect(response.status, path).toBe(401);
      expect(ErrorBodySchema.parse(await response.json()).error.code).toBe("unauthorized");
    }
    const upgrade = await ask("/api/v1/live", undefined, { headers: { upgrade: "websocket" } });
    expect([upgrade.status, upgrade.webSocket]).toEqual([401, null]);
  });
});

describe("a ticket", () => {
  it("opens one WebSocket without any other credential", async () => {
    const { name } = await seed();
    const response = await ask("/api/v1/live/ticket", `viewer@${name}`, { method: "POST" });
    const { ticket, expires_at } = TicketSchema.parse(await response.json());
    expect(expires_at).toBe(T0 + 30_000);
    const client = await socket(`/api/v1/live?ticket=${ticket}`);
    expect(countsByType(client.windows.values())).toEqual({ error: 1 });
    const again = await ask(`/api/v1/live?ticket=${ticket}`, undefined, { headers: { upgrade: "websocket" } });
    expect(again.status).toBe(401);
  });

  it("that was invented or sent to another org touches no object", async () => {
    const { name } = await seed();
    const { ticket } = TicketSchema.parse(
      await (await ask("/api/v1/live/ticket", `admin@${name}`, { method: "POST" })).json(),
    );
    const [region, , secret, tag] = ticket.split(".");
    const objects = await listDurableObjectIds(env.TENANT_LIVE);
    for (const bad of [
      `${region}.${btoa("elsewhere").replaceAll("=", "")}.${secret}.${tag}`,
      `${ticket.slice(0, -1)}x`,
      "x",
      `eu${ticket.slice(2)}`,
    ]) {
      expect((await ask(`/api/v1/live?ticket=${bad}`, undefined, { headers: { upgrade: "websocket" } })).status).toBe(
        401,
      );
    }
    expect(await listDurableObjectIds(env.TENANT_LIVE)).toHaveLength(objects.length);
  });

  it("renews a socket's grant", async () => {
    const { name } = await seed();
    const client = await socket("/api/v1/live", `admin@${name}`);
    const { ticket } = TicketSchema.parse(
      await (await ask("/api/v1/live/ticket", `admin@${name}`, { method: "POST" })).json(),
    );
    client.socket?.send(JSON.stringify({ kind: "RENEW", ticket }));
    await until(() => client.frames.some(({ kind }) => kind === "RENEWED"));
  });
});

describe("SSE", () => {
  it("takes what is no cursor for none, whatever characters it has, and answers with a SNAPSHOT", async () => {
    const { name } = await seed();
    for (const since of ["%00", "%0d%0ax: y", "%F0%9F%9A%80", "no.cursor", "x".repeat(5_000)]) {
      const { client } = await stream(`/api/v1/live/sse?since=${since}`, `viewer@${name}`);
      await until(() => client.frames.length > 0);
      expect([since.slice(0, 20), client.frames[0]?.kind]).toEqual([since.slice(0, 20), "SNAPSHOT"]);
    }
  });

  it("resumes after Last-Event-ID with what changed since, not with a SNAPSHOT", async () => {
    const { name, add } = await seed();
    const first = await stream("/api/v1/live/sse", `admin@${name}`);
    await until(() => first.ids.length === 1);
    await first.stop();
    await add();
    const second = await stream("/api/v1/live/sse", `admin@${name}`, first.ids[0]);
    await until(() => second.client.frames.length === 1);
    expect(second.client.frames[0]?.kind).toBe("METRIC_UPDATE");
    expect(countsByType(second.client.windows.values())).toEqual({ error: 6 });
  });

  it("ends when the person's rights are revoked", async () => {
    const { name, live } = await seed();
    const sse = await stream("/api/v1/live/sse", `admin@${name}`);
    await until(() => sse.ids.length === 1);
    expect(await live.revoke("admin")).toBe(1);
    await until(() => sse.ended());
  });

  it("leaves no socket behind when the client goes", async () => {
    const { name, live } = await seed();
    const sse = await stream("/api/v1/live/sse", `admin@${name}`);
    await until(() => sse.ids.length === 1);
    await sse.stop();
    let sockets = 1;
    await until(() => {
      void live.stats().then((stats) => {
        sockets = stats.sockets;
      });
      return sockets === 0;
    });
  });
});

describe("requests", () => {
  it("filter by the names of /metrics and refuse others", async () => {
    const { name } = await seed();
    const as = `admin@${name}`;
    const filtered = await ask(
      "/api/v1/live/snapshot?team=red&type=error&agent=claude-code&environment=production",
      as,
    );
    expect(countsByType(SnapshotFrameSchema.parse(await filtered.json()).windows)).toEqual({ error: 3 });
    expect((await ask("/api/v1/live/snapshot?color=red", as)).status).toBe(400);
    expect((await ask(`/api/v1/live/snapshot?team=${"x".repeat(257)}`, as)).status).toBe(400);
  });

  it("without an upgrade are told what this path is for", async () => {
    expect((await ask("/api/v1/live", "admin@o")).status).toBe(400);
  });
});
