import { spawnSync } from "node:child_process";
import { readFileSync, rmSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { ROOT } from "../../dev/paths.ts";
import { query, settledBooks } from "../support/ledger.ts";
import { alive, startTenfold, type Tenfold } from "../support/tenfold.ts";

const SETTLE_MS = 30_000;

/** Descendants of a process, by /proc; what Ctrl-C must not leave behind. */
function descendants(pid: number): number[] {
  const { stdout } = spawnSync("ps", ["-eo", "pid=,ppid="], { encoding: "utf8" });
  const parents = stdout
    .trim()
    .split("\n")
    .map((line) => line.trim().split(/\s+/).map(Number));
  const below = (parent: number): number[] =>
    parents.filter(([, p]) => p === parent).flatMap(([child = 0]) => [child, ...below(child)]);
  return below(pid);
}

describe("npm start", () => {
  let tenfold: Tenfold;
  /** Tokens, cookies and texts of this run that no log may hold. */
  const confidential: string[] = [];

  beforeAll(async () => {
    tenfold = await startTenfold();
  });

  afterAll(async () => {
    await tenfold.stop();
    rmSync(tenfold.dataDir, { recursive: true, force: true });
  });

  const org = (residency: string) => {
    const found = tenfold.devJson.orgs.find((candidate) => candidate.residency === residency);
    if (found === undefined) throw new Error(`no ${residency} org`);
    return found;
  };
  const post = (key: string, body: unknown, headers: Record<string, string> = {}) =>
    fetch(`${tenfold.url}/v1/events`, {
      method: "POST",
      body: JSON.stringify(body),
      headers: { authorization: `Bearer ${key}`, ...headers },
    });

  it("seeds a us, an eu and a global tenant with keys and log-ins, and says so in dev.json", () => {
    expect(tenfold.devJson.orgs.map(({ residency }) => residency).sort()).toEqual(["eu", "global", "us"]);
    for (const { ingest_key, users, residency } of tenfold.devJson.orgs) {
      expect(ingest_key).toMatch(residency === "global" ? /^tf_gl-us_/ : new RegExp(`^tf_${residency}_`));
      expect(users.map(({ role }) => role).sort()).toEqual(["admin", "manager", "user", "viewer"]);
    }
    expect(tenfold.output()).toContain(`ready ${tenfold.url}`);
  });

  it("runs the curl line that it prints", async () => {
    const line = /curl [\s\S]*?\}'/.exec(tenfold.output())?.[0] ?? "";
    const { stdout } = spawnSync("sh", ["-c", `${line} -s`], { encoding: "utf8" });
    expect(JSON.parse(stdout)).toEqual({ accepted: 1, duplicates: 0, rejected: [] });
    const expected = { "org_acme/session_start": 1 };
    expect(await settledBooks(tenfold.devJson, expected, SETTLE_MS, "user_id = 'me'")).toEqual(expected);
  });

  it("brings every boundary value back from ClickHouse as it was sent, for each tenant", async () => {
    const timestamp = new Date(Date.now() - 1_000).toISOString();
    const base = { user_id: "edge", session_id: "edge-🚀", timestamp };
    const tokens = 2 ** 40 - 1;
    const events = [
      {
        ...base,
        event_id: crypto.randomUUID(),
        event_type: "cost_incurred",
        seq: 2 ** 32 - 1,
        metadata: {
          input_tokens: tokens,
          output_tokens: tokens,
          cache_read_tokens: tokens,
          cache_write_tokens: tokens,
          reasoning_tokens: tokens,
          cost_usd: 1_000_000,
          model: "m",
        },
      },
      {
        ...base,
        event_id: crypto.randomUUID(),
        event_type: "cost_incurred",
        seq: 0,
        metadata: { input_tokens: 0, cost_usd: 0 },
      },
      { ...base, event_id: crypto.randomUUID(), event_type: "cost_incurred", metadata: { cost_usd: 0.000000001 } },
      { ...base, event_id: crypto.randomUUID(), event_type: "session_end", metadata: { duration_ms: tokens } },
      { ...base, event_id: crypto.randomUUID(), event_type: "session_end", metadata: { duration_ms: 0 } },
      {
        ...base,
        event_id: crypto.randomUUID(),
        event_type: "code_generated",
        metadata: { lines_added: 2 ** 31 - 1, lines_removed: 2 ** 31 - 1, accepted: false },
      },
      { ...base, event_id: crypto.randomUUID(), event_type: "pr_created", metadata: { number: 2 ** 32 - 1 } },
      {
        ...base,
        event_id: crypto.randomUUID(),
        event_type: "error",
        metadata: { status_code: 999, fatal: true, message: "日本語 \u0000 \\ \" 'quoted'" },
      },
      {
        ...base,
        event_id: crypto.randomUUID().toUpperCase(),
        event_type: "custom.edge",
        environment: "staging",
        metadata: { "a.b": 1, a: { b: 2 }, big: 1e300, "": null },
      },
    ];
    for (const [residency, region] of [
      ["us", "us"],
      ["eu", "eu"],
    ] as const) {
      const answer = await post(org(residency).ingest_key, events);
      expect(await answer.json()).toEqual({ accepted: events.length, duplicates: 0, rejected: [] });
      const { org_id } = org(residency);
      const types = ["cost_incurred", "session_end", "code_generated", "pr_created", "error", "custom.edge"];
      const counts = [3, 2, 1, 1, 1, 1];
      const expected = Object.fromEntries(types.map((type, i) => [`${org_id}/${type}`, counts[i] ?? 0]));
      expect(
        await settledBooks(tenfold.devJson, expected, SETTLE_MS, `user_id = 'edge' AND org_id = '${org_id}'`),
      ).toEqual(expected);
      for (const event of events) {
        const sql = `SELECT toUnixTimestamp64Milli(timestamp) AS at, * FROM events FINAL WHERE org_id = '${org_id}' AND event_id = '${event.event_id}'
          SETTINGS output_format_json_quote_64bit_integers = 1`;
        const [row] = z.array(z.looseObject({ metadata: z.string() })).parse(await query(tenfold.devJson, region, sql));
        expect(row).toMatchObject({
          at: String(Date.parse(timestamp)),
          session_id: "edge-🚀",
          environment: "environment" in event ? "staging" : "production",
        });
        expect(JSON.parse(row?.metadata ?? "")).toEqual(event.metadata);
        const columns = columnsOf(event);
        for (const [name, value] of Object.entries(columns)) expect([name, row?.[name]]).toEqual([name, value]);
      }
    }
  });

  it("answers the API from what was sent, to the people of the org", async () => {
    const admin = org("us").users.find(({ role }) => role === "admin");
    const signIn = await fetch(`${tenfold.url}/api/auth/sign-in/email`, {
      method: "POST",
      headers: { "content-type": "application/json", origin: tenfold.url },
      body: JSON.stringify({ email: admin?.email, password: admin?.password }),
    });
    expect(signIn.status).toBe(200);
    const cookie = signIn.headers
      .getSetCookie()
      .map((value) => value.split(";")[0])
      .join("; ");
    const { access_token } = z.looseObject({ access_token: z.string() }).parse(await signIn.json());
    confidential.push(cookie.split("=")[1] ?? "", access_token);
    const summary = await fetch(`${tenfold.url}/api/v1/metrics/summary`, { headers: { cookie } });
    expect(summary.status).toBe(200);
    expect(
      z
        .looseObject({ totals: z.looseObject({ events: z.looseObject({ value: z.number() }) }) })
        .parse(await summary.json()).totals.events.value,
    ).toBeGreaterThan(0);
    expect((await fetch(`${tenfold.url}/api/v1/metrics/summary`)).status).toBe(401);
    expect((await fetch(`${tenfold.url}/api/openapi.json`)).status).toBe(200);
  });

  it("keeps the data and the keys over a restart, and Ctrl-C leaves no process behind", async () => {
    const key = org("eu").ingest_key;
    const event = last();
    await post(key, [event]);
    await post(org("us").ingest_key, [event]);
    const before = [tenfold.devJson.processes.main, ...descendants(tenfold.devJson.processes.main)];
    expect(before.length).toBeGreaterThan(2);
    await tenfold.stop();
    expect(tenfold.output()).toMatch(/^stopped$/m);
    expect(before.filter(alive)).toEqual([]);
    tenfold = await startTenfold({ dataDir: tenfold.dataDir });
    expect(org("eu").ingest_key).toBe(key);
    const expected = { "org_nordwind/custom.last": 1, "org_acme/custom.last": 1 };
    expect(await settledBooks(tenfold.devJson, expected, SETTLE_MS, "user_id = 'last'")).toEqual(expected);
    expect((await post(key, [{ ...event, event_type: "custom.later" }])).status).toBe(202);
  });

  it("refuses a second run on the same data, and says where the first one is", () => {
    const env = { ...process.env, TENFOLD_DATA: tenfold.dataDir, PORT: "0", TENFOLD_DEMO: "0" };
    const second = spawnSync("npm", ["start"], { cwd: ROOT, env, encoding: "utf8" });
    expect(second.status).toBe(1);
    expect(second.stderr).toContain(`already runs on this data (${tenfold.dataDir}) at ${tenfold.url}`);
  });

  it("writes no key, token, cookie, e-mail, password or payload to its log, whatever fails", async () => {
    await provoke();
    const text =
      readFileSync(`${tenfold.dataDir}/logs/worker.log`, "utf8") +
      readFileSync(`${tenfold.dataDir}/logs/worker.previous.log`, "utf8");
    const secrets = tenfold.devJson.orgs.flatMap(({ ingest_key, users }) => [
      ingest_key,
      ...users.flatMap(({ email, password }) => [email, password]),
    ]);
    expect(confidential.length).toBeGreaterThan(2);
    for (const secret of [...secrets, ...confidential, tenfold.devJson.operator_token, "edge-🚀", "日本語"])
      expect(text).not.toContain(secret);
    for (const [what, pattern] of Object.entries(SHAPES)) expect([what, text.match(pattern)]).toEqual([what, null]);
    // A log without a failure in it would prove nothing.
    expect(text).toContain("request_failed");
  });

  /** Requests that are refused, each with something that is nobody's business in another place. */
  async function provoke(): Promise<void> {
    const marker = () => {
      const text = `marker-${crypto.randomUUID()}`;
      confidential.push(text);
      return text;
    };
    const { ingest_key: key, users } = org("us");
    const json = { "content-type": "application/json", origin: tenfold.url };
    const ask = (path: string, init: RequestInit = {}) => fetch(`${tenfold.url}${path}`, init);
    const signIn = (email: string | undefined, password: string) =>
      ask("/api/auth/sign-in/email", { method: "POST", headers: json, body: JSON.stringify({ email, password }) });
    await signIn(users[0]?.email, marker());
    await signIn(`${marker()}@acme.example`, marker());
    await post(key, [{ event_type: marker(), metadata: { message: marker() } }]);
    await post(`${key.slice(0, -1)}x`, [{ event_type: marker() }]);
    await ask(`/i/${key}/v1/events`, { method: "POST", body: marker() });
    await ask(`/i/${marker()}/v1/events`, { method: "POST", body: "[]" });
    await ask("/v1/events", { method: "POST", headers: { "x-api-key": marker() }, body: "[]" });
    await ask(`/api/v1/me?token=${marker()}`, { headers: { authorization: `Bearer ${marker()}` } });
    await ask("/api/v1/me", { headers: { cookie: `tenfold-local=${marker()}` } });
    await ask(`/api/v1/live?ticket=${marker()}`);
    await ask("/operator/replay", { method: "POST", headers: { authorization: `Bearer ${marker()}` }, body: marker() });
    const admin = await signIn(users.find(({ role }) => role === "admin")?.email, users[0]?.password ?? "");
    const { access_token } = z.looseObject({ access_token: z.string() }).parse(await admin.json());
    confidential.push(access_token);
    const headers = { authorization: `Bearer ${access_token}` };
    const reads = async (): Promise<number[]> => {
      const statuses: number[] = [];
      for (const path of ["metrics/summary?agent=", "sessions?repo=", "sessions/", "metrics/timeseries?metric="]) {
        statuses.push((await ask(`/api/v1/${path}${marker()}`, { headers })).status);
      }
      return statuses;
    };
    await reads();
    // Faults of ours are what is logged: without ClickHouse reads fail, and inserts of these events are tried again.
    process.kill(tenfold.devJson.processes.clickhouse, "SIGKILL");
    await post(key, [{ ...last(), user_id: marker(), metadata: { note: marker() } }]);
    expect(await reads()).toContain(503);
  }
});

/** A small event of now. */
const last = () => ({
  event_type: "custom.last",
  user_id: "last",
  session_id: "s",
  timestamp: new Date().toISOString(),
});

/** What secrets and people look like, wherever they come from. */
const SHAPES = {
  "an ingest key or a program's token": /\btf[pt]?_(us|eu|gl-us|gl-eu)_\w+/,
  "a signed token": /\beyJ[\w-]{10,}\.[\w-]{10,}/,
  "an e-mail address": /[\w.+-]+@[\w-]+\.\w{2,}/,
  "a cookie or a credential header": /tenfold(-local)?=|set-cookie|\bbearer\b/i,
  "a password's hash": /scrypt\$/,
  "a private key": /"d"\s*:|PRIVATE KEY-----/,
};

/** The columns that must hold exactly what the metadata said. */
function columnsOf(event: {
  event_type: string;
  seq?: number;
  metadata: Record<string, unknown>;
}): Record<string, unknown> {
  const { metadata } = event;
  const quoted = (value: unknown) => (typeof value === "number" ? String(value) : value);
  switch (event.event_type) {
    case "cost_incurred":
      return {
        input_tokens: String(metadata.input_tokens ?? 0),
        reasoning_tokens: String(metadata.reasoning_tokens ?? 0),
        cost_nano_usd: String(Math.round(Number(metadata.cost_usd) * 1e9)),
        seq: event.seq ?? null,
      };
    case "session_end":
      return { duration_ms: quoted(metadata.duration_ms) };
    case "code_generated":
      return { lines_added: metadata.lines_added, lines_removed: metadata.lines_removed, accepted: metadata.accepted };
    case "pr_created":
      return { pr_number: metadata.number };
    case "error":
      return { status_code: metadata.status_code, fatal: metadata.fatal };
    default:
      return {};
  }
}
