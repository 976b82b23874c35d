import { deflateSync, gzipSync, zstdCompressSync } from "node:zlib";
import { beforeAll, describe, expect, it } from "vitest";
import { MAX_OTLP_BODY_BYTES, MAX_OTLP_RECORDS, MAX_PACK_BYTES } from "../../../schema/limits.ts";
import type { Signal } from "../../../workers/ingest/otlp/decode.ts";
import { type Lease, QuotaGate } from "../../../workers/shared/quota.ts";
import {
  apiRequest,
  bodyOf,
  ENCODINGS,
  exportTo,
  freshApp,
  linesOf,
  logsOf,
  makeKey,
  Sinks,
  send,
  setUp,
  spansOf,
  TYPES,
  told,
} from "./world.ts";

beforeAll(setUp);

const COMPRESS: Record<string, (bytes: Uint8Array) => Uint8Array> = {
  identity: (bytes) => bytes,
  gzip: (bytes) => gzipSync(bytes),
  deflate: (bytes) => deflateSync(bytes),
  zstd: (bytes) => zstdCompressSync(bytes),
};

/** Comes in two parts, without a length. */
const chunked = (bytes: Uint8Array): ReadableStream<Uint8Array> =>
  new ReadableStream({
    start(controller) {
      const half = bytes.length >> 1;
      for (const part of [bytes.slice(0, half), bytes.slice(half)]) controller.enqueue(part);
      controller.close();
    },
  });

describe.each(ENCODINGS)("OTLP in %s", (encoding) => {
  it.each(Object.keys(COMPRESS))(
    "is taken in %s, chunked and not, and answered with nothing but success",
    async (how) => {
      const sinks = new Sinks();
      const key = await makeKey();
      const bytes = (id: string) =>
        COMPRESS[how]?.(bodyOf("logs", encoding, logsOf(apiRequest(id), apiRequest(`${id}b`)))) ?? new Uint8Array(0);
      const headers = { "content-encoding": how };
      for (const body of [bytes("req_1"), chunked(bytes("req_2"))]) {
        const response = await send(body, { env: sinks.env, key, encoding, headers });
        const empty = encoding === "json" ? 2 : 0;
        expect(await told(response, encoding)).toMatchObject({ status: 200, bytes: empty, rejected: undefined });
      }
      const rows = sinks.rows();
      expect(rows.map(({ event_type }) => event_type)).toEqual(Array(4).fill("cost_incurred"));
      expect(rows.map(({ request_id }) => request_id)).toEqual(["req_1", "req_1b", "req_2", "req_2b"]);
    },
  );

  it("takes all three signals, with a key in a header and in the path", async () => {
    const sinks = new Sinks();
    const key = await makeKey();
    const pathKey = await makeKey({ keyClass: "path" });
    const exports = [
      ["logs", logsOf(apiRequest("req_1"))],
      ["metrics", linesOf([{ start: Date.now() - 1_000, at: Date.now(), value: 5 }])],
      ["traces", spansOf(2)],
    ] as const;
    for (const [signal, root] of exports) {
      const sending = { env: sinks.env, signal, encoding };
      const byHeader = await exportTo(root, { ...sending, key: undefined, headers: { "x-api-key": key } });
      const byPath = await exportTo(root, { ...sending, key: undefined, path: `/i/${pathKey}/v1/${signal}` });
      const weak = await exportTo(root, { ...sending, key: undefined, path: `/i/${key}/v1/${signal}` });
      expect([signal, byHeader.status, byPath.status, weak.status]).toEqual([signal, 200, 200, 401]);
    }
    const types = sinks.rows().map(({ event_type }) => event_type);
    expect(types).toContain("cost_incurred");
    expect(types).toContain("code_generated");
  });

  it("makes the same events of the same records, whenever and however often they come", async () => {
    const sinks = new Sinks();
    const root = logsOf(...Array.from({ length: 30 }, (_, i) => apiRequest(`req_${i}`, Date.now() - i)));
    for (const turn of ENCODINGS) {
      expect((await exportTo(root, { env: sinks.env, key: await makeKey(), encoding: turn })).status).toBe(200);
    }
    const rows = sinks.rows();
    const identity = (row: Record<string, unknown>) => `${row.event_type} ${row.timestamp} ${row.event_id}`;
    expect(rows).toHaveLength(60);
    expect(new Set(rows.map(identity)).size).toBe(30);
  });

  it("stores an export that is larger than a request of /v1/events may be", async () => {
    const sinks = new Sinks();
    const root = logsOf(...Array.from({ length: 11_000 }, (_, i) => apiRequest(`req_${i}`)));
    expect((await exportTo(root, { env: sinks.env, key: await makeKey(), encoding })).status).toBe(200);
    expect(new Set(sinks.rows().map(({ event_id }) => event_id)).size).toBe(11_000);
    for (const { bytes } of sinks.sent) expect(bytes.length).toBeLessThanOrEqual(MAX_PACK_BYTES);
  });

  it("tells what it could not take, keeps its neighbours, and asks for no repeat", async () => {
    const sinks = new Sinks();
    const old = apiRequest("req_old", Date.now() - 400 * 86_400_000);
    const ahead = apiRequest("req_ahead", Date.now() + 2 * 86_400_000);
    const root = logsOf(apiRequest("req_1"), old, old, ahead);
    const response = await exportTo(root, { env: sinks.env, key: await makeKey(), encoding });
    const answer = await told(response, encoding);
    expect(answer).toMatchObject({ status: 200, rejected: 3, retryAfter: null });
    expect(answer.message).toMatch(/2 refused \(timestamp_too_old\).*1 refused \(timestamp_in_future\)/);
    expect(sinks.rows()).toHaveLength(1);
  });

  it("says of attributes above their limit that they are gone, and rejects nothing for it", async () => {
    const many = Object.fromEntries(Array.from({ length: 1_100 }, (_, i) => [`k${i}`, i]));
    const { env } = new Sinks();
    const response = await exportTo(logsOf(apiRequest("req_1", Date.now(), many)), {
      env,
      key: await makeKey(),
      encoding,
    });
    const answer = await told(response, encoding);
    expect(answer.rejected).toBe(0);
    expect(answer.message).toMatch(/attributes .* dropped/);
  });

  it("takes an export of nothing", async () => {
    const { env } = new Sinks();
    const key = await makeKey();
    for (const signal of ["logs", "metrics", "traces"] as const) {
      const response = await exportTo({}, { env, key, signal, encoding });
      expect(await told(response, encoding)).toMatchObject({ status: 200, rejected: undefined });
    }
  });

  it("takes a content type with parameters and in capitals", async () => {
    const { env } = new Sinks();
    const headers = { "content-type": `${TYPES[encoding].toUpperCase()}; charset=utf-8` };
    const response = await exportTo(logsOf(), { env, key: await makeKey(), encoding, headers });
    expect(await told(response, encoding)).toMatchObject({ status: 200 });
  });

  describe("refuses, as google.rpc.Status in the request's own encoding,", () => {
    const body = bodyOf("logs", encoding, logsOf(apiRequest("req_1")));
    const bomb = gzipSync(new Uint8Array(MAX_OTLP_BODY_BYTES + 1));
    const many = bodyOf("logs", encoding, logsOf(...Array.from({ length: MAX_OTLP_RECORDS + 1 }, () => ({}))));
    const noDatabase = {
      prepare: () => {
        throw new Error("D1 is down");
      },
    } as unknown as D1Database;
    const noBucket = {
      put: async () => {
        throw new Error("R2 is down");
      },
    } as unknown as R2Bucket;

    it.each([
      ["no key", 401, 16, { key: undefined }, {}, body],
      ["a suspended organisation", 403, 7, { orgId: "org_off" }, {}, body],
      ["what is not of its type", 400, 3, {}, {}, new TextEncoder().encode("\u0001nope")],
      ["half a body", 400, 3, {}, {}, body.slice(0, -2)],
      ["what does not match its content-encoding", 400, 3, {}, { "content-encoding": "gzip" }, body],
      ["an unknown content-encoding", 415, 3, {}, { "content-encoding": "br" }, body],
      ["a bomb", 413, 3, {}, { "content-encoding": "gzip" }, bomb],
      ["too many records", 413, 3, {}, {}, many],
    ] as const)("%s: %i, code %i", async (_, status, code, who, headers, bytes) => {
      const sinks = new Sinks();
      const key = "key" in who ? who.key : await makeKey(who);
      const response = await send(bytes, {
        env: sinks.env,
        key,
        encoding,
        headers: { ...headers, "x-request-id": "request-1" },
      });
      const answer = await told(response, encoding);
      expect(answer).toMatchObject({ status, code, requestId: "request-1", retryAfter: null });
      expect(answer.message).not.toBe("");
      expect(response.headers.get("x-request-id")).toBe("request-1");
      expect(sinks.sent).toHaveLength(0);
    });

    it("what it cannot look up or store now: 503, code 14, to be sent again", async () => {
      const failing = new Sinks({ BUCKET: noBucket });
      failing.failing = true;
      for (const { env } of [new Sinks({ ROUTING_DB: noDatabase }), failing]) {
        const answer = await told(await send(body, { env, key: await makeKey(), encoding }), encoding);
        expect(answer).toMatchObject({ status: 503, code: 14 });
        expect(Number(answer.retryAfter)).toBeGreaterThan(0);
        expect(answer.message).not.toMatch(/D1|R2/);
      }
    });

    it("cumulative points while their object does not answer: 503, and nothing is half stored", async () => {
      const broken = { getByName: () => ({ advance: () => Promise.reject(new Error("object is gone")) }) };
      const sinks = new Sinks({ METRIC_SERIES: broken as unknown as DurableObjectNamespace });
      const root = linesOf([{ start: Date.now() - 9, at: Date.now(), value: 1 }]);
      const response = await exportTo(root, { env: sinks.env, key: await makeKey(), signal: "metrics", encoding });
      expect(await told(response, encoding)).toMatchObject({ status: 503, code: 14, retryAfter: "2" });
      expect(sinks.sent).toHaveLength(0);
    });

    it("more than the quota: 429, code 8, to be sent again", async () => {
      const answer = { v: 1, granted: 0, level: -1, isolates: 1, retry_ms: 3_000, reason: "rate" } as const;
      const app = freshApp(new QuotaGate("events", { lease: async () => answer }));
      const { env } = new Sinks();
      const key = await makeKey();
      const responses = [];
      for (let i = 0; i < 3; i++) responses.push(await send(body, { env, key, encoding, app }));
      const last = responses.at(-1);
      if (last === undefined) throw new Error("nothing was answered");
      expect(await told(last, encoding)).toMatchObject({ status: 429, code: 8 });
      expect(Number(last.headers.get("retry-after"))).toBeGreaterThan(0);
    });

    it("other methods: 405, code 12", async () => {
      const { env } = new Sinks();
      const app = freshApp();
      for (const method of ["GET", "PUT", "DELETE"]) {
        const request = new Request("http://127.0.0.1/v1/logs", {
          method,
          headers: { "content-type": TYPES[encoding] },
        });
        expect(await told(await app.fetch(request, env), encoding)).toMatchObject({ status: 405, code: 12 });
      }
    });
  });
});

describe("content types", () => {
  it.each([
    "",
    "text/plain",
    "application/grpc",
    "application/x-protobuffer",
    "application/json-seq",
    "application/x-ndjson",
  ])("%j is refused with 415 in JSON", async (type) => {
    const { env } = new Sinks();
    const response = await send("{}", { env, key: await makeKey(), headers: { "content-type": type } });
    expect(await told(response, "json")).toMatchObject({ status: 415, code: 3 });
  });

  it("JSON needs a body", async () => {
    const { env } = new Sinks();
    expect(await told(await send("", { env, key: await makeKey() }), "json")).toMatchObject({ status: 400, code: 3 });
  });
});

describe("the quota", () => {
  it("is charged the events, repeats too, and a tenth of the records when most of them make none", async () => {
    const spent = async (root: unknown, signal: Signal = "logs"): Promise<number> => {
      let total = 0;
      let requests = 0;
      const lease: Lease = async (_env, _tenant, { left, usage }) => {
        total -= left;
        requests += usage.requests;
        return { v: 1, granted: 0, level: -1, isolates: 1, retry_ms: 0, reason: null } as const;
      };
      const app = freshApp(new QuotaGate("events", { lease, reportAfterMs: 0 }));
      const { env } = new Sinks();
      expect((await exportTo(root, { env, key: await makeKey(), app, signal })).status).toBe(200);
      expect(requests).toBe(1);
      return total;
    };
    expect(await spent(logsOf(...Array.from({ length: 40 }, (_, i) => apiRequest(`req_${i}`))))).toBe(40);
    expect(await spent(logsOf(...Array.from({ length: 40 }, () => apiRequest("req_same", 1_795_000_000_000))))).toBe(
      40,
    );
    expect(await spent(logsOf(...Array.from({ length: 11_000 }, (_, i) => apiRequest(`req_${i}`))))).toBe(11_000);
    expect(await spent(spansOf(45), "traces")).toBe(5);
    expect(await spent({})).toBe(1);
  });
});
