import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { inspect } from "node:util";
import { afterEach, describe, expect, it } from "vitest";
import { z } from "zod";
import { MAX_BUCKETS, MAX_GROUPS } from "../../../schema/api/metrics.ts";
import { PublicError } from "../../../schema/errors.ts";
import {
  clickHouseRead,
  storageRegions,
  type TenantAccess,
  tenantEvents,
  tenantQuery,
} from "../../../workers/shared/clickhouse-read.ts";
import { sql } from "../../../workers/shared/sql.ts";

const query = tenantQuery({
  name: "count",
  input: z.object({}),
  row: z.object({ n: z.string() }),
  sql: (access) => sql`SELECT toString(count()) AS n FROM ${tenantEvents(access, [])}`,
});
const access: TenantAccess = { orgId: "o'1", rows: { kind: "org" } };

let server: Server | undefined;
afterEach(async () => {
  server?.closeAllConnections();
  await new Promise((resolve) => (server === undefined ? resolve(undefined) : server.close(resolve)));
  server = undefined;
});

/** A server that answers as `answer` says; resolves to what the reader sees. */
async function readFrom(
  answer: (request: IncomingMessage, response: ServerResponse) => void,
  timeoutMs = 5_000,
  users: { reader?: { user: string; password: string } } = {},
  asked = query,
) {
  server = createServer(answer);
  await new Promise<void>((resolve) => server?.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const target = { url: `http://127.0.0.1:${port}`, database: "us", user: "reader", password: "pw", ...users };
  return await clickHouseRead({ clickhouse: { us: target, eu: target } }, { timeoutMs })("us", asked, access, {});
}

const failure = async (work: Promise<unknown>): Promise<unknown> =>
  await work.then(
    () => "no failure",
    (error: unknown) => (error instanceof PublicError ? error.code : "a bug"),
  );

describe("a read", () => {
  it("comes before those that yield, and stays read-only when it yields itself", async () => {
    const sent: URLSearchParams[] = [];
    const answer = (request: IncomingMessage, response: ServerResponse): void => {
      sent.push(new URL(request.url ?? "", "http://x").searchParams);
      request.resume().on("end", () => response.end('{"data":[]}'));
    };
    await readFrom(answer);
    server?.close();
    await readFrom(answer, 5_000, {}, { ...query, pace: "yields" });
    const [first, second] = sent;
    expect(Number(first?.get("priority"))).toBeGreaterThan(0);
    expect(Number(second?.get("priority"))).toBeGreaterThan(Number(first?.get("priority")));
    expect([first?.get("os_thread_priority"), second?.get("os_thread_priority")]).toEqual([null, "19"]);
    expect([first?.get("readonly"), second?.get("readonly")]).toEqual(["2", "2"]);
  });

  it("sends bound parameters, who it is, and settings that only let it read, with limits", async () => {
    let seen: URLSearchParams | undefined;
    let body = "";
    let credentials = "";
    const rows = await readFrom((request, response) => {
      seen = new URL(request.url ?? "", "http://x").searchParams;
      credentials = Buffer.from((request.headers.authorization ?? "").split(" ")[1] ?? "", "base64").toString();
      request.on("data", (chunk) => (body += chunk)).on("end", () => response.end('{"data":[{"n":"3"}]}'));
    });
    expect(rows).toEqual([{ n: "3" }]);
    expect(body).toContain("org_id = {p0:String}");
    expect(body).not.toContain("o'1");
    expect(credentials).toBe("reader:pw");
    expect(Object.fromEntries(seen ?? [])).toMatchObject({
      param_p0: "o\\'1",
      database: "us",
      readonly: "2",
      cancel_http_readonly_queries_on_client_close: "1",
      max_execution_time: "10",
      result_overflow_mode: "throw",
    });
    expect(Number(seen?.get("max_result_rows"))).toBeGreaterThan((MAX_BUCKETS + 1) * (MAX_GROUPS + 1));
  });

  it("is made by the reader where there is one, and says whose rows its policies may let through", async () => {
    let seen: URLSearchParams | undefined;
    let credentials = "";
    const answer = (request: IncomingMessage, response: ServerResponse): void => {
      seen = new URL(request.url ?? "", "http://x").searchParams;
      credentials = Buffer.from((request.headers.authorization ?? "").split(" ")[1] ?? "", "base64").toString();
      response.end('{"data":[{"n":"3"}]}');
    };
    await readFrom(answer, 5_000, { reader: { user: "looks", password: "only" } });
    expect([credentials, seen?.get("SQL_tenfold_org")]).toEqual(["looks:only", "o'1"]);
    server?.closeAllConnections();
    await readFrom(answer);
    expect([credentials, seen?.get("SQL_tenfold_org")]).toEqual(["reader:pw", null]);
  });

  const exception =
    (code: number, status = 500) =>
    (_: IncomingMessage, response: ServerResponse) => {
      response.writeHead(status, { "x-clickhouse-exception-code": String(code) });
      response.end(`Code: ${code}. DB::Exception: secret text. (SOME_ERROR) (version 26.7)`);
    };

  it.each([
    [159, "query_timeout"],
    [160, "query_timeout"],
    [158, "query_too_expensive"],
    [241, "query_too_expensive"],
    [396, "query_too_expensive"],
    [202, "unavailable"],
    [516, "unavailable"],
    [62, "a bug"],
    [47, "a bug"],
  ])("turns ClickHouse's error %i into %s", async (code, expected) => {
    expect(await failure(readFrom(exception(code)))).toBe(expected);
  });

  it("of a server that never answers is query_timeout, and lets go of it", async () => {
    let closed = false;
    const work = readFrom((request) => request.on("close", () => (closed = true)), 200);
    expect(await failure(work)).toBe("query_timeout");
    await expect.poll(() => closed).toBe(true);
  });

  it("of a server that stops in the middle of an answer is query_timeout too", async () => {
    const work = readFrom((_, response) => {
      response.writeHead(200);
      response.write('{"data":[{"n":"3"},{"n"');
    }, 200);
    expect(await failure(work)).toBe("query_timeout");
  });

  it("of a server that hangs up, or is something else, is unavailable", async () => {
    expect(await failure(readFrom((request) => request.socket.destroy()))).toBe("unavailable");
    expect(await failure(readFrom((_, response) => response.writeHead(502).end("<html>Bad Gateway</html>")))).toBe(
      "unavailable",
    );
    expect(await failure(readFrom((_, response) => response.end("<html>hello</html>")))).toBe("unavailable");
  });

  it("of an answer that ends early is unavailable, never fewer rows", async () => {
    for (const text of ["", '{"data":[{"n":"3"}', '{"data":[{"n":"3"},']) {
      expect([text, await failure(readFrom((_, response) => response.end(text)))]).toEqual([text, "unavailable"]);
    }
  });

  it("that fails says in the log which query and which code, not what was asked", async () => {
    for (const code of [47, 159, 241, 202]) {
      const error: unknown = await readFrom(exception(code)).catch((thrown: unknown) => thrown);
      const cause = error instanceof PublicError ? error.cause : error;
      expect(cause).toMatchObject({ message: `count: ClickHouse ${code} SOME_ERROR` });
      expect(inspect(error)).not.toContain("secret text");
    }
  });

  it("whose rows have another shape is a bug, not an answer", async () => {
    expect(await failure(readFrom((_, response) => response.end('{"data":[{"n":3}]}')))).toBe("a bug");
  });

  it("goes to the regions of the tenant's residency, eu to nowhere else", () => {
    expect([storageRegions("us"), storageRegions("eu"), storageRegions("global")]).toEqual([
      ["us"],
      ["eu"],
      ["us", "eu"],
    ]);
  });
});
