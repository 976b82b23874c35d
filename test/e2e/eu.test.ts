import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { buildChaosWorker } from "../../dev/chaos/build.ts";
import { CallsSchema, CONTROL_PATH } from "../../dev/chaos/control.ts";
import { nothingSeen, runAgent } from "../../dev/chaos/traffic.ts";
import type { DevJson } from "../../dev/dev-json.ts";
import { inRoot } from "../../dev/paths.ts";
import { type System, startSystem } from "../../dev/system.ts";
import { readResources } from "../../ops/provision/resources.ts";
import { SnapshotFrameSchema } from "../../schema/live.ts";
import { makeEvent, oneOfEach } from "../support/events.ts";
import { seededRandom } from "../support/fault-proxy.ts";
import { query, settledBooks, storedBooks } from "../support/ledger.ts";
import { startTenfold, type Tenfold } from "../support/tenfold.ts";

const SETTLE_MS = 30_000;
const HOUR_MS = 3_600_000;
/** Events a second that the flooding tenant may send, and what its agents send at once, as often as they are refused. */
const QUOTA = 150;
const FLOOD_BATCH = 100;
const FLOOD_MS = 8_000;
/** Idle it is under 2 s; this machine runs the flood, its senders and ClickHouse on two cores. */
const MAX_LAG_MS = 8_000;

/** Routes that want more than any id. */
const NEEDS: Record<string, string> = {
  "/api/v1/metrics/top": "/api/v1/metrics/top?dimension=repo",
  "/api/v1/integrations/{agent}/snippet": "/api/v1/integrations/codex/snippet",
};
/** Every table there is after all migrations: each has a tenant's rows by `org_id`. */
function tablesOfTenants(): string[] {
  const folder = inRoot("schema/clickhouse");
  const text = readdirSync(folder)
    .sort()
    .map((name) => readFileSync(`${folder}/${name}`, "utf8"))
    .join("\n");
  const named = (pattern: RegExp): string[] => [...text.matchAll(pattern)].flatMap(([, name]) => name ?? []);
  const gone = new Set(named(/DROP TABLE(?: IF EXISTS)? (\w+)/g));
  return [...new Set(named(/CREATE TABLE IF NOT EXISTS (\w+)/g))].filter((name) => !gone.has(name));
}
const CountSchema = z.object({ n: z.coerce.number() });
const SignInSchema = z.looseObject({ access_token: z.string() });
const SummarySchema = z.looseObject({
  totals: z.looseObject({ events: z.looseObject({ value: z.number() }), users: z.looseObject({ value: z.number() }) }),
});
const OperationSchema = z.looseObject({
  parameters: z.array(z.looseObject({ name: z.string(), in: z.string() })).optional(),
});
const OpenApiSchema = z.looseObject({
  paths: z.record(z.string(), z.looseObject({ get: OperationSchema.optional() })),
});

type Org = DevJson["orgs"][number];

function orgOf(devJson: DevJson, residency: string): Org {
  const org = devJson.orgs.find((candidate) => candidate.residency === residency);
  if (org === undefined) throw new Error(`no ${residency} org`);
  return org;
}

function post(url: string, key: string, events: unknown, headers: Record<string, string> = {}, path = "/v1/events") {
  const all = { authorization: `Bearer ${key}`, "content-type": "application/json", ...headers };
  return fetch(`${url}${path}`, { method: "POST", body: JSON.stringify(events), headers: all });
}

async function accessToken(url: string, org: Org, role = "admin"): Promise<string> {
  const user = org.users.find((candidate) => candidate.role === role);
  const response = await fetch(`${url}/api/auth/sign-in/email`, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      origin: url,
      "x-tenfold-jurisdiction": org.residency === "eu" ? "eu" : "us",
    },
    body: JSON.stringify({ email: user?.email, password: user?.password }),
  });
  return SignInSchema.parse(await response.json()).access_token;
}

describe("an EU tenant on the whole system (emulated)", () => {
  const dataDir = mkdtempSync(join(tmpdir(), "tenfold-eu-"));
  let system: System;
  let url: string;
  let eu: Org;

  beforeAll(async () => {
    system = await startSystem({ dataDir, port: 0, log: () => {}, script: await buildChaosWorker() });
    url = system.devJson.url;
    eu = orgOf(system.devJson, "eu");
  });

  afterAll(async () => {
    await system?.stop();
    rmSync(dataDir, { recursive: true, force: true });
  });

  const calls = async () => CallsSchema.parse(await (await fetch(`${url}${CONTROL_PATH}`)).json());
  const runCron = async (at: number) => (await system.miniflare.getWorker()).scheduled({ scheduledTime: new Date(at) });
  const idsOf = async (binding: string, names: string[]) => {
    const namespace = await system.miniflare.getDurableObjectNamespace(binding);
    return names.map((name) => namespace.idFromName(name).toString()).sort();
  };

  /** Events of every kind and age, by every way in; returns how many of each type must be stored. */
  async function sendEverything(): Promise<Record<string, number>> {
    const now = Date.now();
    const statuses: number[] = [];
    const send = async (...args: [key: string, events: unknown, headers?: Record<string, string>, path?: string]) =>
      statuses.push((await post(url, ...args)).status);
    const pathKey = eu.keys["path-eu"] ?? "";
    const batch = oneOfEach(now).map((event) => ({ ...event, event_id: crypto.randomUUID() }));
    await send(eu.ingest_key, batch);
    await send(eu.ingest_key, batch);
    await send(pathKey, [makeEvent({ event_type: "custom.path" })], {}, `/i/${pathKey}/v1/events`);
    await send(eu.ingest_key, [makeEvent({ event_type: "custom.old" }, now - 72 * HOUR_MS)]);
    await send(eu.ingest_key, [makeEvent({ event_type: "custom.urgent" })], { "x-priority": "high" });
    await send(eu.ingest_key, [makeEvent({ event_type: "custom.elsewhere" })], {
      "x-tenfold-jurisdiction": "us",
      "cf-ipcountry": "US",
    });
    await send(eu.ingest_key, [makeEvent({ org_id: orgOf(system.devJson, "us").org_id })]);
    await send(eu.ingest_key, [makeEvent({ event_type: "not a type" }), makeEvent({ event_type: "custom.good" })]);
    await send(eu.ingest_key.replace("tf_eu_", "tf_us_"), [makeEvent()]);
    expect(statuses).toEqual([202, 202, 202, 202, 202, 202, 403, 202, 401]);
    const custom = ["path", "old", "urgent", "elsewhere", "good"].map((name) => [`custom.${name}`, 1] as const);
    return Object.fromEntries([...batch.map(({ event_type }) => [event_type, 1] as const), ...custom]);
  }

  /** Every GET of the API's own document, and the sockets. */
  async function readEverything(token: string): Promise<void> {
    const headers = { authorization: `Bearer ${token}` };
    const { paths } = OpenApiSchema.parse(await (await fetch(`${url}/api/openapi.json`)).json());
    const gets = Object.entries(paths).filter(([path, { get }]) => get !== undefined && path.startsWith("/api/"));
    expect(gets.length).toBeGreaterThan(5);
    for (const [path] of gets) {
      if (path.endsWith("/live")) continue;
      const stop = new AbortController();
      const address = (NEEDS[path] ?? path).replace(/\{\w+\}/g, "session-1");
      const response = await fetch(`${url}${address}`, { headers, signal: stop.signal });
      const expected = path === "/api/auth/token" ? [401] : path.includes("{") ? [200, 404] : [200];
      expect([path, expected.includes(response.status), response.status]).toEqual([path, true, response.status]);
      stop.abort();
    }
    const ticket = z
      .looseObject({ ticket: z.string() })
      .parse(await (await fetch(`${url}/api/v1/live/ticket`, { method: "POST", headers })).json());
    const socket = new WebSocket(
      `${url.replace("http", "ws")}/api/v1/live?ticket=${encodeURIComponent(ticket.ticket)}`,
    );
    const first = await new Promise<unknown>((resolve, reject) => {
      socket.addEventListener("message", ({ data }) => resolve(data));
      socket.addEventListener("error", () => reject(new Error("the socket failed")));
    });
    expect(SnapshotFrameSchema.parse(JSON.parse(String(first))).windows.length).toBeGreaterThan(0);
    socket.close();
  }

  it("touches nothing outside the EU, on any binding, through every endpoint and the cron", async () => {
    const types = await sendEverything();
    const books = Object.fromEntries(Object.entries(types).map(([type, n]) => [`${eu.org_id}/${type}`, n]));
    expect(await settledBooks(system.devJson, books, SETTLE_MS)).toEqual(books);
    await readEverything(await accessToken(url, eu));
    await runCron(Date.now() + 120_000);

    const seen = await calls();
    const inEu = [
      // Key id -> org and jurisdiction: no event, no person.
      /^ROUTING_DB\.prepare select$/,
      /^CONFIG_DB_EU\./,
      /^BUCKET_EU\./,
      new RegExp(`^[A-Z_]+\\.getByName eu/${eu.org_id}(/\\d+)?$`),
      /^fetch [\d.:]+ tenfold_eu$/,
      // A counter of API requests at the location, by caller: no event.
      /^API_[A-Z]+\.limit$/,
      // The cron looks for other tenants' spilled packs and marks.
      /^BUCKET\.list$/,
      // It starts the EU's rollups, which name a region and a minute, and asks the US whether anything is due there.
      /^ROLLUP_EU\./,
      /^fetch [\d.:]+ tenfold_(us|eu) rollups$/,
    ];
    expect(Object.keys(seen).filter((call) => !inEu.some((allowed) => allowed.test(call)))).toEqual([]);
    expect(Object.keys(seen)).toEqual(expect.arrayContaining(["BUCKET_EU.put", "CONFIG_DB_EU.prepare select"]));

    const tables = tablesOfTenants();
    expect(tables).toEqual(expect.arrayContaining(["events", "dirty_hours", "hourly_metrics", "sessions"]));
    for (const name of tables) {
      const [count] = await query(
        system.devJson,
        "us",
        `SELECT count() AS n FROM ${name} WHERE org_id = '${eu.org_id}'`,
      );
      expect([name, CountSchema.parse(count).n]).toEqual([name, 0]);
    }
    expect((await (await system.miniflare.getR2Bucket("BUCKET")).list()).objects).toEqual([]);
    const { objects } = readResources(inRoot("wrangler.toml"));
    expect(objects).toEqual(expect.arrayContaining(["TENANT_LIVE", "EVENT_BUFFER"]));
    for (const binding of objects) {
      const names = Object.keys(seen).flatMap((call) => call.split(`${binding}.getByName `)[1] ?? []);
      const ids = (await system.miniflare.listDurableObjectIds(binding)).sort();
      expect([binding, ids]).toEqual([binding, await idsOf(binding, names)]);
    }
    const stored = await (await system.miniflare.getR2Bucket("BUCKET_EU")).list();
    expect(stored.objects.map(({ key }) => key.split("/")[0])).toContain("packs");
  });

  it("counts an event of a global tenant once however often its key's region gets it, and merges both regions on read", async () => {
    const global = orgOf(system.devJson, "global");
    const [toUs = "", toEu = ""] = [global.keys["gl-us"], global.keys["gl-eu"]];
    const at = Date.now();
    const one = makeEvent({ user_id: "ada", session_id: "travels" }, at);
    const other = makeEvent({ user_id: "ada", session_id: "travels" }, at + 1);
    const third = makeEvent({ user_id: "bob", session_id: "stays" }, at + 2);
    for (const events of [[one], [one], [one, other]]) expect((await post(url, toUs, events)).status).toBe(202);
    for (const events of [[third], [third]]) expect((await post(url, toEu, events)).status).toBe(202);

    const key = `${global.org_id}/session_start`;
    const where = `org_id = '${global.org_id}'`;
    expect(await settledBooks(system.devJson, { [key]: 3 }, SETTLE_MS, where)).toEqual({ [key]: 3 });
    const inRegion = async (region: "us" | "eu") => {
      const [row] = await query(system.devJson, region, `SELECT count() AS n FROM events FINAL WHERE ${where}`);
      return CountSchema.parse(row).n;
    };
    expect([await inRegion("us"), await inRegion("eu")]).toEqual([2, 1]);

    const headers = { authorization: `Bearer ${await accessToken(url, global)}` };
    const summary = await fetch(`${url}/api/v1/metrics/summary?to=${new Date(at + HOUR_MS).toISOString()}`, {
      headers,
    });
    const { events, users } = SummarySchema.parse(await summary.json()).totals;
    expect([events.value, users.value]).toEqual([3, 2]);

    // What the first test relies on: calls outside the EU are counted.
    const outside = Object.keys(await calls()).filter((call) => /^EVENTS_\d\.send|^BUCKET\.put|tenfold_us$/.test(call));
    expect(outside.length).toBeGreaterThanOrEqual(3);

    // One live object, in the primary region, has frames of both.
    const live = await fetch(`${url}/api/v1/live/snapshot`, { headers });
    const { windows } = SnapshotFrameSchema.parse(await live.json());
    expect(windows.reduce((sum, { by_type }) => sum + (by_type.session_start?.[0] ?? 0), 0)).toBe(3);
    const ids = await system.miniflare.listDurableObjectIds("TENANT_LIVE");
    const [inUs, inEu] = await Promise.all(
      [global.org_id, `eu/${global.org_id}`].map((name) => idsOf("TENANT_LIVE", [name])),
    );
    expect(ids).toEqual(expect.arrayContaining(inUs ?? []));
    expect(ids).not.toEqual(expect.arrayContaining(inEu ?? []));
  });

  it("answers quiet tenants at once while another offers ten times its quota", async () => {
    const us = orgOf(system.devJson, "us");
    const quiets = [orgOf(system.devJson, "global"), eu];
    const config = await system.miniflare.getD1Database("CONFIG_DB");
    const quotas = JSON.stringify({ max_events_per_second: QUOTA });
    await config.prepare("UPDATE orgs SET quotas = ?1 WHERE org_id = ?2").bind(quotas, us.org_id).run();

    const stop = new AbortController();
    const flood = nothingSeen();
    const quiet = nothingSeen();
    const agent = (org: Org, seed: number) => {
      return { url: () => url, orgId: org.org_id, key: org.ingest_key, random: seededRandom(seed) };
    };
    const started = Date.now();
    const running = [
      ...quiets.map((org, n) => runAgent({ ...agent(org, n), batch: 20, rate: 5, user: "quiet" }, quiet, stop.signal)),
      ...[3, 4, 5, 6, 7, 8, 9, 10].map((seed) =>
        runAgent({ ...agent(us, seed), batch: FLOOD_BATCH, user: "flood" }, flood, stop.signal),
      ),
    ];
    // How old the newest of the quiet tenants' events in ClickHouse is, while the flood runs.
    const lags: number[] = [];
    for (const end = started + FLOOD_MS; Date.now() < end; await delay(500)) {
      for (const region of ["us", "eu"] as const) {
        const sql = `SELECT toUnixTimestamp64Milli(now64(3)) - toUnixTimestamp64Milli(max(received_at)) AS n FROM events WHERE user_id = 'quiet'`;
        const [row] = await query(system.devJson, region, sql);
        lags.push(CountSchema.parse(row).n);
      }
    }
    stop.abort();
    const offered = (flood.requests * FLOOD_BATCH) / ((Date.now() - started) / 1_000);
    await Promise.all(running);
    expect(offered).toBeGreaterThan(10 * QUOTA);
    expect(flood.statuses[429]).toBeGreaterThan(0);
    expect(Object.keys(quiet.statuses)).toEqual(["202"]);
    expect([...quiet.unexpected, ...flood.unexpected]).toEqual([]);
    // The first second or two there is no row; then a batch or a flush is a second, and the rest is this machine's.
    expect(Math.max(...lags.slice(6))).toBeLessThan(MAX_LAG_MS);
    expect(await settledBooks(system.devJson, quiet.books, SETTLE_MS, "user_id = 'quiet'")).toEqual(quiet.books);
    expect(await settledBooks(system.devJson, flood.books, SETTLE_MS, "user_id = 'flood'")).toEqual(flood.books);
  });
});

describe("SIGKILL of everything in the middle of EU traffic", () => {
  let tenfold: Tenfold;

  beforeAll(async () => {
    tenfold = await startTenfold();
  });

  afterAll(async () => {
    await tenfold?.stop();
    rmSync(tenfold.dataDir, { recursive: true, force: true });
  });

  it("three times: nothing acknowledged is lost, nothing is doubled", async () => {
    const eu = orgOf(tenfold.devJson, "eu");
    const { url, dataDir } = tenfold;
    const stop = new AbortController();
    const seen = nothingSeen();
    const running = [1, 2, 3, 4].map((seed) => {
      const options = { url: () => url, orgId: eu.org_id, key: eu.ingest_key, random: seededRandom(seed) };
      return runAgent({ ...options, batch: 50, rate: 20, twice: 0.1, cut: 0.05 }, seen, stop.signal);
    });
    const finished = Promise.all(running);
    for (let kill = 0; kill < 3; kill++) {
      const before = seen.statuses[202] ?? 0;
      await until(() => (seen.statuses[202] ?? 0) > before + 40);
      await tenfold.kill();
      tenfold = await startTenfold({ dataDir, port: Number(new URL(url).port) });
    }
    stop.abort();
    await finished;
    expect(seen.unexpected).toEqual([]);
    expect(seen.statuses[0]).toBeGreaterThan(3);
    expect(await settledBooks(tenfold.devJson, seen.books, SETTLE_MS)).toEqual(seen.books);
    // A buffer delivers in order: once this one is there, whatever was to come a second time has come.
    const last = { [`${eu.org_id}/custom.last`]: 1 };
    await post(url, eu.ingest_key, [makeEvent({ event_type: "custom.last" })]);
    expect(await settledBooks(tenfold.devJson, last, SETTLE_MS, "event_type = 'custom.last'")).toEqual(last);
    expect(await storedBooks(tenfold.devJson)).toEqual({ ...seen.books, ...last });
  });
});

async function until(condition: () => boolean, timeoutMs = 30_000): Promise<void> {
  for (const deadline = Date.now() + timeoutMs; !condition(); await delay(20)) {
    if (Date.now() > deadline) throw new Error("it did not happen in time");
  }
}
