import { beforeAll, describe, expect, it } from "vitest";
import type { Principal } from "../../../schema/access.ts";
import { IntegrationsAnswerSchema, SNIPPET_AGENTS, SnippetAnswerSchema } from "../../../schema/api/integrations.ts";
import {
  type AgentReport,
  INTEGRATIONS_VERSION,
  type IntegrationStatsRpc,
  MAX_AGENTS,
  MAX_UNKNOWN_NAMES,
  NO_RECORDS,
} from "../../../schema/integrations.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS } from "../../../schema/limits.ts";
import { World } from "./world.ts";

let world: World;
beforeAll(async () => {
  world = await World.create();
});

const NOW = Date.now();

async function admin(orgId: string, residency: "us" | "eu" | "global" = "us"): Promise<Principal> {
  return await world.person(await world.org(orgId, residency), `${orgId}-ada`, "admin");
}

const object = (name: string) => world.env.INTEGRATION_STATS.getByName(name) as unknown as IntegrationStatsRpc;
const report = (over: Partial<AgentReport> = {}): AgentReport => ({
  agent: "claude-code",
  mapping: 1,
  versions: ["2.1.330"],
  seen_at: NOW,
  counts: { ...NO_RECORDS, records: 10, mapped: 6, kept: 3, ignored: 1 },
  unknown_names: {},
  ...over,
});
const tell = (name: string, ...agents: AgentReport[]): Promise<void> =>
  object(name).add({ v: INTEGRATIONS_VERSION, org_id: name.replace("eu/", ""), agents });

async function integrations(principal: Principal) {
  const response = await world.get("/api/v1/integrations", principal);
  expect(response.status).toBe(200);
  return IntegrationsAnswerSchema.parse(await response.json());
}

/** Numbered records of a session, a second apart. */
async function numbered(orgId: string, session: string, seqs: readonly number[], region: "us" | "eu" = "us") {
  const rows = seqs.map((seq, i) => ({
    org_id: orgId,
    event_type: i === 0 && seq === 0 ? "session_start" : "custom.claude_code.tool_result",
    timestamp: new Date(NOW - HOUR_MS + i * 1_000).toISOString(),
    session_id: session,
    agent: "claude-code",
    seq,
  }));
  await world.insert(region, rows);
}

describe("GET /api/v1/integrations", () => {
  it("is empty for who has sent nothing", async () => {
    expect(await integrations(await admin("int-none"))).toEqual({ org_id: "int-none", agents: [], silent_users: [] });
  });

  it("adds up what isolates tell: counts, versions latest first, names most frequent first", async () => {
    const principal = await admin("int-sum");
    await tell(
      "int-sum",
      report({ seen_at: NOW - MINUTE_MS, versions: ["2.1.197"], unknown_names: { rare: 1, often: 2 } }),
    );
    await tell(
      "int-sum",
      report({ unknown_names: { often: 5 } }),
      report({ agent: "codex", versions: [], seen_at: NOW - HOUR_MS }),
    );
    const { agents } = await integrations(principal);
    expect(agents.map(({ agent }) => agent)).toEqual(["claude-code", "codex"]);
    expect(agents[0]).toMatchObject({
      records: { received: 20, mapped: 12, kept: 6, ignored: 2, unknown: 0, rejected: 0 },
      unknown_names: [
        { name: "often", count: 7 },
        { name: "rare", count: 1 },
      ],
      silent: false,
    });
    expect(agents[0]?.versions.map(({ version }) => version)).toEqual(["2.1.330", "2.1.197"]);
  });

  it("keeps every list bounded, whatever clients call themselves", async () => {
    const principal = await admin("int-bounds");
    const names = Object.fromEntries(Array.from({ length: MAX_UNKNOWN_NAMES + 50 }, (_, i) => [`n${i}`, 1]));
    await tell("int-bounds", report({ unknown_names: names, versions: Array.from({ length: 60 }, (_, i) => `v${i}`) }));
    for (let n = 0; n < MAX_AGENTS + 5; n++) await tell("int-bounds", report({ agent: `agent-${n}` }));
    const { agents } = await integrations(principal);
    expect(agents).toHaveLength(MAX_AGENTS + 1);
    expect(agents.find(({ agent }) => agent === "other")?.records.received).toBe(60);
    const claude = agents.find(({ agent }) => agent === "claude-code");
    expect(claude?.unknown_names).toHaveLength(MAX_UNKNOWN_NAMES);
    expect(claude?.versions).toHaveLength(20);
  });

  it("says how completely numbered records arrived: gaps, two processes, another order, one record as two events", async () => {
    const principal = await admin("int-gaps");
    await tell("int-gaps", report());
    await numbered("int-gaps", "whole", [0, 1, 2, 3, 4, 4, 5]);
    await numbered("int-gaps", "gap", [0, 1, 2, 5, 6]);
    await numbered("int-gaps", "lost-start", [3, 4, 5]);
    await numbered("int-gaps", "swapped", [0, 2, 1, 3]);
    await numbered("int-gaps", "restarted", [...Array.from({ length: 30 }, (_, i) => i), 0, 1, 2]);
    const { agents } = await integrations(principal);
    // Expected: 6 + 7 + 3 + 4 + 33; two of "gap" are missing. A start that was never seen is no loss that numbers could tell.
    expect(agents[0]?.completeness).toEqual({ sessions: 5, share: 0.962, missing_records: 2, ledger_difference: null });
  });

  it("says how far an agent's own token metric is from its events", async () => {
    const principal = await admin("int-ledger");
    await tell("int-ledger", report());
    const at = new Date(NOW - HOUR_MS).toISOString();
    const row = { org_id: "int-ledger", timestamp: at, session_id: "s", agent: "claude-code" };
    await world.insert("us", [
      { ...row, event_type: "cost_incurred", input_tokens: 60, output_tokens: 10 },
      { ...row, event_type: "custom.claude_code.token_usage", metadata: '{"check":true,"tokens":80,"type":"input"}' },
      { ...row, event_type: "custom.claude_code.token_usage", metadata: '{"check":true,"tokens":20,"type":"output"}' },
    ]);
    const { agents } = await integrations(principal);
    expect(agents[0]?.completeness?.ledger_difference).toBeCloseTo(0.3);
  });

  it("names agents that used to send every day and stopped", async () => {
    const principal = await admin("int-silent");
    for (let ago = 20; ago >= 6; ago--) await tell("int-silent", report({ seen_at: NOW - ago * DAY_MS }));
    const { agents } = await integrations(principal);
    expect(agents[0]).toMatchObject({ agent: "claude-code", silent: true });
  });

  it("reads an eu tenant's object in the EU (emulated), and no other tenant's", async () => {
    const principal = await admin("int-eu", "eu");
    await tell("eu/int-eu", report());
    await tell("int-eu", report({ agent: "codex" }));
    expect((await integrations(principal)).agents.map(({ agent }) => agent)).toEqual(["claude-code"]);
    expect((await integrations(await admin("int-other"))).agents).toEqual([]);
  });

  it("is for admins", async () => {
    const org = await world.org("int-roles", "us");
    for (const role of ["viewer", "user", "manager"] as const) {
      const person = await world.person(org, `int-${role}`, role);
      expect((await world.get("/api/v1/integrations", person)).status).toBe(403);
    }
  });
});

describe("GET /api/v1/integrations/:agent/snippet", () => {
  it.each(SNIPPET_AGENTS)("tells everyone how %s is set up to send here", async (agent) => {
    const org = await world.org(`snippet-${agent}`, "us");
    const person = await world.person(org, `snippet-${agent}-v`, "viewer");
    const answer = SnippetAnswerSchema.parse(
      await (await world.get(`/api/v1/integrations/${agent}/snippet`, person)).json(),
    );
    expect(answer.agent).toBe(agent);
    expect(answer.blocks.some(({ text }) => text.includes("http://127.0.0.1:8787"))).toBe(true);
    expect(JSON.stringify(answer)).not.toMatch(/tfp?_(us|eu|gl)/);
  });

  it("knows no other agent", async () => {
    const principal = await admin("snippet-none");
    expect((await world.get("/api/v1/integrations/clippy/snippet", principal)).status).toBe(400);
  });
});
