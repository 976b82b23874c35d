import { createHmac } from "node:crypto";
import { deflateSync, gzipSync, zstdCompressSync } from "node:zlib";
import { beforeAll, describe, expect, it } from "vitest";
import { MAX_BODY_BYTES, MAX_EVENTS_PER_REQUEST } from "../../../schema/limits.ts";
import { readPack } from "../../../schema/pack.ts";
import { createIngestApp } from "../../../workers/ingest/app.ts";
import { BodyBudget, withBody } from "../../../workers/ingest/read-body.ts";
import { makeEvent, oneOfEach } from "../../support/events.ts";
import { base, makeKey, post, rowsOf, Sinks, setUp } from "./world.ts";

const body = (...events: unknown[]): string => JSON.stringify(events);

beforeAll(setUp);

describe("keys", () => {
  it("accepts a key in Authorization and in X-API-Key, a path key in the path too", async () => {
    const sinks = new Sinks();
    const key = await makeKey();
    const pathKey = await makeKey({ keyClass: "path" });
    expect((await post(sinks.env, key, body(makeEvent()))).status).toBe(202);
    expect((await post(sinks.env, undefined, body(makeEvent()), { "x-api-key": key })).status).toBe(202);
    expect((await post(sinks.env, undefined, body(makeEvent()), {}, `/i/${pathKey}/v1/events`)).status).toBe(202);
    expect((await post(sinks.env, undefined, body(makeEvent()), {}, `/i/${key}/v1/events`)).status).toBe(401);
  });

  it("refuses every bad key alike, without saying why", async () => {
    const sinks = new Sinks();
    const key = await makeKey();
    const swap = key.replace("tf_us_", "tf_eu_");
    const forged = `${key.slice(0, -12)}000000000000`;
    const wrongSecret = key.replace(/_([a-z2-9]{32})/, (_, secret: string) => `_${[...secret].reverse().join("")}`);
    const unknown = `tf_us_${"a".repeat(16)}_${"b".repeat(32)}`;
    const tag = createHmac("sha256", base.KEY_TAG_SECRET)
      .update(`tf_us_${"a".repeat(16)}`)
      .digest("hex")
      .slice(0, 12);
    const revoked = await makeKey({ revokedAt: new Date() });
    const expired = await makeKey({ expiresAt: new Date(Date.now() - 1) });
    const bad = [undefined, "", "garbage", swap, forged, wrongSecret, unknown + tag, revoked, expired];
    const answers = await Promise.all(bad.map(async (k) => post(sinks.env, k, body(makeEvent()))));
    const texts = await Promise.all(
      answers.map(async (answer) => (await answer.json<{ error: { code: string; message: string } }>()).error),
    );
    for (const [i, answer] of answers.entries()) expect([i, answer.status]).toEqual([i, 401]);
    expect(new Set(texts.map(({ code, message }) => `${code}: ${message}`)).size).toBe(1);
    expect(sinks.sent).toHaveLength(0);
  });

  it("answers 403 for a suspended org and for an event of another org, and then stores nothing", async () => {
    const sinks = new Sinks();
    expect((await post(sinks.env, await makeKey({ orgId: "org_off" }), body(makeEvent()))).status).toBe(403);
    const mixed = body(makeEvent(), makeEvent({ org_id: "org_eu" }));
    const answer = await post(sinks.env, await makeKey(), mixed);
    expect(answer.status).toBe(403);
    expect(await answer.json()).toMatchObject({ error: { code: "org_mismatch" } });
    expect(sinks.sent).toHaveLength(0);
    expect((await post(sinks.env, await makeKey(), body(makeEvent({ org_id: "org_us" })))).status).toBe(202);
  });

  it("answers 503, never 401, while D1 fails, and goes on with keys it knows", async () => {
    const broken = {
      prepare: () => {
        throw new Error("D1 is down");
      },
    } as unknown as D1Database;
    const sinks = new Sinks({ ROUTING_DB: broken });
    const answer = await post(sinks.env, await makeKey(), body(makeEvent()));
    expect(answer.status).toBe(503);
    expect(answer.headers.get("retry-after")).toBe("1");
    expect(await answer.text()).not.toContain("D1 is down");
  });
});

describe("shapes and encodings", () => {
  const encoders: Record<string, (bytes: Uint8Array) => Uint8Array> = {
    identity: (bytes) => bytes,
    gzip: (bytes) => gzipSync(bytes),
    deflate: (bytes) => deflateSync(bytes),
    zstd: (bytes) => zstdCompressSync(bytes),
  };
  const shapes: Record<string, (events: unknown[]) => string> = {
    array: (events) => JSON.stringify(events),
    object: (events) => JSON.stringify({ events }),
    pretty: (events) => JSON.stringify(events, null, 2),
    ndjson: (events) => events.map((event) => JSON.stringify(event)).join("\n"),
    "ndjson with blank lines and CRLF": (events) =>
      `\n${events.map((event) => JSON.stringify(event)).join("\r\n\r\n")}\n`,
    "byte order mark": (events) => `\ufeff${JSON.stringify(events)}`,
  };

  for (const [shape, write] of Object.entries(shapes)) {
    it.each(Object.keys(encoders))(`reads ${shape} in %s`, async (encoding) => {
      const sinks = new Sinks();
      const bytes = encoders[encoding]?.(new TextEncoder().encode(write(oneOfEach()))) ?? new Uint8Array(0);
      const answer = await post(sinks.env, await makeKey(), bytes, { "content-encoding": encoding });
      expect(await answer.json()).toEqual({ accepted: 7, duplicates: 0, rejected: [] });
      expect(sinks.rows()).toHaveLength(7);
    });
  }

  it("reads one object, chunked bodies and no content type at all", async () => {
    const sinks = new Sinks();
    const key = await makeKey();
    const text = JSON.stringify(makeEvent());
    const stream = new ReadableStream<Uint8Array>({
      start(controller) {
        for (const part of [text.slice(0, 10), text.slice(10)]) controller.enqueue(new TextEncoder().encode(part));
        controller.close();
      },
    });
    expect(await (await post(sinks.env, key, stream)).json()).toMatchObject({ accepted: 1 });
    expect(
      await (await post(sinks.env, key, new TextEncoder().encode(text), { "content-type": "text/plain" })).json(),
    ).toMatchObject({ accepted: 1 });
  });

  it("loses only the broken lines of NDJSON", async () => {
    const sinks = new Sinks();
    const good = () => new TextEncoder().encode(`${JSON.stringify(makeEvent())}\n`);
    const parts = [good(), new TextEncoder().encode("{nope\n"), good(), Uint8Array.of(0x7b, 0xff, 0xfe, 0x0a), good()];
    const bytes = Uint8Array.from(parts.flatMap((part) => [...part]));
    const answer = await post(sinks.env, await makeKey(), bytes);
    expect(await answer.json()).toMatchObject({
      accepted: 3,
      rejected: [
        { index: 1, code: "invalid_json" },
        { index: 3, code: "invalid_unicode" },
      ],
    });
  });
});

describe("limits", () => {
  it("takes 1,000 events and refuses 1,001", async () => {
    const sinks = new Sinks();
    const key = await makeKey();
    const events = Array.from({ length: MAX_EVENTS_PER_REQUEST }, () => makeEvent());
    expect(await (await post(sinks.env, key, body(...events))).json()).toMatchObject({ accepted: 1_000 });
    const answer = await post(sinks.env, key, body(...events, makeEvent()));
    expect([answer.status, await answer.json()]).toMatchObject([413, { error: { code: "too_many_events" } }]);
  });

  it("takes 5 MB and refuses a byte more, declared, chunked or compressed", async () => {
    const sinks = new Sinks();
    const key = await makeKey();
    const exact = (size: number): Uint8Array => {
      const text = body(makeEvent());
      return new TextEncoder().encode(text + " ".repeat(size - text.length));
    };
    expect((await post(sinks.env, key, exact(MAX_BODY_BYTES))).status).toBe(202);
    expect((await post(sinks.env, key, exact(MAX_BODY_BYTES + 1))).status).toBe(413);
    expect(
      (await post(sinks.env, key, zstdCompressSync(exact(MAX_BODY_BYTES)), { "content-encoding": "zstd" })).status,
    ).toBe(202);
    for (const [encoding, pack] of [
      ["zstd", zstdCompressSync],
      ["gzip", gzipSync],
      ["deflate", deflateSync],
    ] as const) {
      const bomb = pack(exact(MAX_BODY_BYTES + 1));
      expect([encoding, (await post(sinks.env, key, bomb, { "content-encoding": encoding })).status]).toEqual([
        encoding,
        413,
      ]);
    }
    const stream = new Response(exact(MAX_BODY_BYTES + 1)).body?.pipeThrough(new TransformStream()) ?? null;
    expect((await post(sinks.env, key, stream)).status).toBe(413);
  });

  it("holds at most its budget of bodies, answers 503 above it, and gives it back", async () => {
    const budget = new BodyBudget(100);
    let release: () => void = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const source = () => ({
      stream: new Response("x".repeat(60)).body,
      contentLength: "60",
      contentEncoding: undefined,
    });
    const first = withBody(source(), 1_000, budget, () => held);
    await expect(withBody(source(), 1_000, budget, async () => {})).rejects.toMatchObject({ code: "overloaded" });
    release();
    await first;
    await withBody(source(), 1_000, budget, async () => {});
    expect(budget.held).toBe(0);
  });
});

describe("what the answer says", () => {
  it("counts duplicates of the request, names conflicts and bad events by index, and stores the good ones", async () => {
    const sinks = new Sinks();
    const one = makeEvent();
    const conflict = { ...one, event_type: "session_end" };
    const answer = await post(
      sinks.env,
      await makeKey(),
      body(one, one, conflict, makeEvent({ user_id: 5 }), 7, makeEvent()),
    );
    expect(answer.status).toBe(202);
    expect(await answer.json()).toMatchObject({
      accepted: 2,
      duplicates: 1,
      rejected: [
        { index: 2, code: "id_conflict" },
        { index: 3, code: "invalid_event", path: "user_id" },
        { index: 4, code: "invalid_event" },
      ],
    });
    expect(sinks.rows().map((row) => row.event_id)).toEqual([one.event_id, expect.any(String)]);
  });

  it("is 202 also when every event was rejected one by one", async () => {
    const sinks = new Sinks();
    const answer = await post(sinks.env, await makeKey(), body({}, []));
    expect([answer.status, await answer.json()]).toMatchObject([202, { accepted: 0, rejected: [{}, {}] }]);
    expect(sinks.sent).toHaveLength(0);
  });

  it("carries a request id, no CORS, and 405 for other methods", async () => {
    const sinks = new Sinks();
    const answer = await post(sinks.env, await makeKey(), body(makeEvent()), {
      "x-request-id": "my-request-1",
      origin: "https://evil.example",
    });
    expect(answer.headers.get("x-request-id")).toBe("my-request-1");
    expect(answer.headers.get("access-control-allow-origin")).toBeNull();
    const app = createIngestApp();
    expect((await app.request("/v1/events", { method: "GET" }, sinks.env)).status).toBe(405);
    expect((await app.request("/v1/events", { method: "OPTIONS" }, sinks.env)).status).toBe(405);
    expect((await post(sinks.env, await makeKey(), "<a/>", { "content-type": "application/xml" })).status).toBe(415);
    expect((await post(sinks.env, await makeKey(), "x", { "content-encoding": "br" })).status).toBe(415);
  });
});

describe("identity", () => {
  it("gives events without an id the same ids in a byte-identical retry, and others in any other request", async () => {
    const key = await makeKey();
    const text = body({ ...makeEvent(), event_id: undefined }, { ...makeEvent(), event_id: null });
    const idsOf = async (payload: BodyInit, headers: Record<string, string>): Promise<unknown[]> => {
      const sinks = new Sinks();
      await post(sinks.env, key, payload, headers);
      return sinks.rows().map((row) => row.event_id);
    };
    const first = await idsOf(text, { "idempotency-key": "k" });
    expect(new Set(first).size).toBe(2);
    expect(first[0]).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(await idsOf(text, { "idempotency-key": "k" })).toEqual(first);
    expect(await idsOf(zstdCompressSync(text), { "idempotency-key": "k", "content-encoding": "zstd" })).toEqual(first);
    expect(await idsOf(text, { "idempotency-key": "other" })).not.toEqual(first);
    expect(await idsOf(text.replace("user-", "user_"), { "idempotency-key": "k" })).not.toEqual(first);
  });
});

describe("many small requests at once", () => {
  it("share packs, each event once, each request answered for itself", async () => {
    const key = await makeKey();
    const sinks = new Sinks();
    const app = createIngestApp();
    const events = Array.from({ length: 60 }, () => makeEvent());
    const answers = await Promise.all(events.map((event) => post(sinks.env, key, body(event), {}, "/v1/events", app)));
    for (const answer of answers) expect([answer.status, await answer.json()]).toMatchObject([202, { accepted: 1 }]);
    expect(sinks.sent.length).toBeLessThan(20);
    expect(
      sinks
        .rows()
        .map((row) => row.event_id)
        .sort(),
    ).toEqual(events.map(({ event_id }) => event_id).sort());
  });

  it("are all refused with 503 when nothing durable can be written, and stored after a retry", async () => {
    const key = await makeKey();
    const down = async () => {
      throw new Error("down");
    };
    const sinks = new Sinks({ BUCKET: { put: down } as unknown as R2Bucket });
    const app = createIngestApp();
    sinks.failing = true;
    const events = Array.from({ length: 10 }, () => makeEvent());
    const send = () => Promise.all(events.map((event) => post(sinks.env, key, body(event), {}, "/v1/events", app)));
    expect(new Set((await send()).map(({ status }) => status))).toEqual(new Set([503]));
    sinks.failing = false;
    expect(new Set((await send()).map(({ status }) => status))).toEqual(new Set([202]));
    expect(new Set(sinks.rows().map((row) => row.event_id)).size).toBe(10);
  });
});

describe("where packs go", () => {
  it("fills the team from the directory, only when the sender names none", async () => {
    const sinks = new Sinks();
    await post(
      sinks.env,
      await makeKey(),
      body(makeEvent({ user_id: "ada" }), makeEvent({ user_id: "ada", team_id: "x" }), makeEvent({ user_id: "bob" })),
    );
    expect(sinks.rows().map((row) => row.team_id)).toEqual(["team-a", "x", undefined]);
  });

  it("sends an eu tenant's packs to its buffer, never to a queue or the other bucket", async () => {
    const sinks = new Sinks();
    expect((await post(sinks.env, await makeKey({ jurisdiction: "eu" }), body(makeEvent()))).status).toBe(202);
    expect(sinks.sent).toHaveLength(0);
    const buffer = base.EVENT_BUFFER.getByName("eu/org_eu/0") as unknown as { packs(): Promise<Uint8Array[]> };
    const packs = await buffer.packs();
    expect(packs.map((bytes) => readPack(bytes).header)).toMatchObject([
      { org_id: "org_eu", region: "eu", residency: "eu" },
    ]);
  });

  it("shows errors and alerts to the tenant's live object at once, and only the tenant's own", async () => {
    const sinks = new Sinks();
    const failed = makeEvent({ event_type: "error", metadata: { message: "boom" } });
    await post(sinks.env, await makeKey({ jurisdiction: "gl-us" }), body(failed, makeEvent()));
    const live = (name: string) =>
      base.TENANT_LIVE.getByName(name) as unknown as { notices(): Promise<{ event_id: string }[]> };
    expect((await live("org_gl").notices()).map(({ event_id }) => event_id)).toEqual([failed.event_id]);
    expect(await live("eu/org_eu").notices()).toEqual([]);
  });

  it("stores a global tenant's events in the region of its key", async () => {
    const sinks = new Sinks();
    await post(sinks.env, await makeKey({ jurisdiction: "gl-eu" }), body(makeEvent()));
    await post(sinks.env, await makeKey({ jurisdiction: "gl-us" }), body(makeEvent()));
    expect(sinks.sent.map(({ bytes }) => readPack(bytes).header.region)).toEqual(["eu", "us"]);
  });

  it("spills to R2 when the queue fails, and answers 503 when nothing durable can be written", async () => {
    const sinks = new Sinks();
    sinks.failing = true;
    const event = makeEvent();
    expect((await post(sinks.env, await makeKey(), body(event))).status).toBe(202);
    const { objects } = await base.BUCKET.list({ prefix: "spill/" });
    expect(objects).toHaveLength(1);
    const spilled = await base.BUCKET.get(objects[0]?.key ?? "");
    expect(rowsOf(new Uint8Array((await spilled?.arrayBuffer()) ?? new ArrayBuffer(0)))).toMatchObject([
      { event_id: event.event_id },
    ]);
    const nothing = {
      put: async () => {
        throw new Error("R2 is down");
      },
    } as unknown as R2Bucket;
    const worse = new Sinks({ BUCKET: nothing });
    worse.failing = true;
    const answer = await post(worse.env, await makeKey(), body(makeEvent()));
    expect([answer.status, answer.headers.get("retry-after")]).toEqual([503, "2"]);
    expect(await answer.text()).not.toContain("R2");
  });

  it("does not send a byte-identical retry of a durable pack again, but does after a 503", async () => {
    const key = await makeKey();
    const sinks = new Sinks();
    const app = createIngestApp();
    const text = body(makeEvent());
    await post(sinks.env, key, text, {}, "/v1/events", app);
    expect(await (await post(sinks.env, key, text, {}, "/v1/events", app)).json()).toMatchObject({ accepted: 1 });
    expect(sinks.sent).toHaveLength(1);
    const dead = new Sinks({
      BUCKET: {
        put: async () => {
          throw new Error("down");
        },
      } as unknown as R2Bucket,
    });
    dead.failing = true;
    const other = body(makeEvent());
    expect((await post(dead.env, key, other, {}, "/v1/events", app)).status).toBe(503);
    dead.failing = false;
    expect((await post(dead.env, key, other, {}, "/v1/events", app)).status).toBe(202);
    expect(dead.sent).toHaveLength(1);
  });
});
