/**
 * What a fake Tenfold answers to Settings and Security: one organisation's keys, agents, people, usage, rules and receipts. Used by the
 * browser tests of both. Answers are typed as the API's own schemas say; the test changes `world`.
 */
import type { z } from "zod";
import { PERMISSIONS, ROLE_PERMISSIONS, type Role } from "../../schema/access.ts";
import type { IntegrationsAnswerSchema, SnippetAnswerSchema } from "../../schema/api/integrations.ts";
import { type Key, KeyCreateSchema, type KeyShownSchema, type KeysAnswerSchema } from "../../schema/api/keys.ts";
import type { Member, MembersAnswerSchema } from "../../schema/api/members.ts";
import type { PipelineAnswerSchema } from "../../schema/api/pipeline.ts";
import type { PricesAnswerSchema } from "../../schema/api/prices.ts";
import type { PrivacyAnswerSchema } from "../../schema/api/privacy.ts";
import type { DailyReportsAnswerSchema } from "../../schema/api/reports.ts";
import type { ResidencyAnswerSchema } from "../../schema/api/residency.ts";
import type { RulesAnswerSchema } from "../../schema/api/rules.ts";
import { PLAN_DEFAULTS, type TenantConfig } from "../../schema/api/settings.ts";
import type { TeamsAnswerSchema } from "../../schema/api/teams.ts";
import type { UsageAnswerSchema } from "../../schema/api/usage.ts";
import { DEFAULT_PRIVACY_RULES } from "../../schema/privacy-policy.ts";
import { SECURITY_RULES } from "../../schema/security-rules.ts";
import type { FakeAnswer, FakeMe } from "./fake-tenfold.ts";

export interface SettingsWorld {
  keys: Key[];
  agents: z.infer<typeof IntegrationsAnswerSchema>["agents"];
  members: Member[];
  /** Refuses every change with this; null: changes are taken. */
  refusal: { status: number; code: string; message: string } | null;
  /** Bodies of changes, oldest first. */
  changes: { method: string; path: string; body: unknown }[];
}

const DAY_MS = 86_400_000;
const at = (ms: number): string => new Date(ms).toISOString();
const HASH = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";
export const SECRET = "tf_us_newkey_mihanfjiwvk5dsapxnc3pivs3cifucwh3b3e613541ec";

export function settingsWorld(now: number): SettingsWorld {
  return {
    keys: [
      aKey({
        key_id: "old0000000",
        name: "Build servers",
        created_at: at(now - 200 * DAY_MS),
        last_used_at: at(now - 3_600_000),
      }),
    ],
    agents: [anAgent({ last_seen: at(now - DAY_MS), first_seen: at(now - 30 * DAY_MS) })],
    members: [
      { user_id: "u1", email: "ada@acme.test", name: "Ada", role: "admin", team_id: "core" },
      { user_id: "u2", email: "noor@acme.test", name: "نور الدين", role: "user", team_id: null },
    ],
    refusal: null,
    changes: [],
  };
}

export function aKey(over: Partial<Key>): Key {
  return {
    key_id: "k1",
    name: "Laptops",
    class: "header",
    region: "us",
    status: "active",
    allowed_ips: [],
    allowed_origins: [],
    created_at: "2026-11-01T00:00:00.000Z",
    expires_at: null,
    revoked_at: null,
    last_used_at: null,
    replaced_by: null,
    ...over,
  };
}

export function anAgent(over: Partial<SettingsWorld["agents"][number]>): SettingsWorld["agents"][number] {
  return {
    agent: "claude-code",
    mapping_version: 1,
    first_seen: "2026-11-01T00:00:00.000Z",
    last_seen: "2026-11-22T00:00:00.000Z",
    silent: true,
    versions: [{ version: "2.1.4", last_seen: "2026-11-22T00:00:00.000Z" }],
    records: { received: 1_000, mapped: 700, kept: 200, ignored: 50, unknown: 40, rejected: 10 },
    unknown_names: [{ name: "claude_code.brand_new", count: 40 }],
    completeness: { sessions: 12, share: 0.998, missing_records: 2, ledger_difference: 0.001 },
    ...over,
  };
}

/** Somebody of a role, with the permissions that the API gives it. */
export function withRole(me: FakeMe, role: Role): FakeMe {
  const permissions = PERMISSIONS.flatMap((permission) => {
    const scope = ROLE_PERMISSIONS[role][permission];
    return scope === undefined ? [] : [{ permission, scope }];
  });
  return { ...me, role, permissions };
}

/** The answer of Settings' and Security's routes; null: another route. */
export function settingsAnswer(
  world: SettingsWorld,
  url: URL,
  method: string,
  body: string,
  now: number,
): FakeAnswer | null {
  if (method !== "GET" && url.pathname !== "/api/v1/query") {
    world.changes.push({ method, path: url.pathname, body: body === "" ? null : JSON.parse(body) });
    if (world.refusal !== null) return world.refusal;
    if (method === "POST" && url.pathname === "/api/v1/keys") return { body: newKey(world, body, now) };
    const key = world.keys.find(({ key_id }) => url.pathname === `/api/v1/keys/${key_id}`);
    if (method === "DELETE" && key !== undefined) {
      const before = { ...key };
      key.status = "revoked";
      key.revoked_at = at(now);
      return { body: { before, after: key } };
    }
    if (url.pathname === "/api/v1/settings/prices") return { body: { before: null, after: JSON.parse(body) } };
    if (url.pathname === "/api/v1/settings/rules")
      return { body: { before: { v: 1, rules: {} }, after: JSON.parse(body) } };
    return null;
  }
  const answered = read(world, url, now);
  return answered === null ? null : { body: answered };
}

function newKey(world: SettingsWorld, body: string, now: number): z.infer<typeof KeyShownSchema> {
  const asked = KeyCreateSchema.parse(JSON.parse(body));
  const details = aKey({ key_id: "newkey0000", name: asked.name, class: asked.class, created_at: at(now) });
  world.keys.push(details);
  return { key: SECRET, details };
}

function read(world: SettingsWorld, url: URL, now: number): unknown {
  switch (url.pathname) {
    case "/api/v1/keys":
      return {
        keys: world.keys,
        next_cursor: null,
        regions: ["us"],
        proposed_region: "us",
      } satisfies z.infer<typeof KeysAnswerSchema>;
    case "/api/v1/integrations":
      return {
        org_id: "acme",
        agents: world.agents,
        silent_users: [
          {
            user_id: "grace@acme.test",
            agent: "codex",
            last_seen: at(now - 9 * DAY_MS),
            active_days: 20,
            silent_days: 9,
          },
        ],
      } satisfies z.infer<typeof IntegrationsAnswerSchema>;
    case "/api/v1/integrations/claude-code/snippet":
      return snippet("claude-code", 'export OTEL_EXPORTER_OTLP_HEADERS="X-API-Key=YOUR_INGEST_KEY"');
    case "/api/v1/integrations/gemini-cli/snippet":
      return snippet("gemini-cli", '{"otlpEndpoint":"https://tenfold.test/i/YOUR_INGEST_KEY"}');
    case "/api/v1/members":
      return { members: world.members, next_cursor: null } satisfies z.infer<typeof MembersAnswerSchema>;
    case "/api/v1/teams":
      return { teams: [{ team_id: "core", name: "Core", members: 1 }], next_cursor: null } satisfies z.infer<
        typeof TeamsAnswerSchema
      >;
    case "/api/v1/identity-claims":
      return { claims: [{ user_id: "u2", event_user_id: "noor", claimed_at: at(now) }], next_cursor: null };
    case "/api/v1/settings/usage":
      return usage(now);
    case "/api/v1/settings/pipeline":
      return pipeline(now);
    case "/api/v1/settings/privacy":
      return {
        policy: { v: 1, rules: [{ agent: "*", attribute: "user.email", action: "hash" }], unknown: "identifiers" },
        defaults: [...DEFAULT_PRIVACY_RULES],
        pseudonym_key: { created_at: at(now) },
      } satisfies z.infer<typeof PrivacyAnswerSchema>;
    case "/api/v1/settings/prices":
      return prices();
    case "/api/v1/settings":
      return organisation(now);
    case "/api/v1/settings/rules":
      return {
        rules: SECURITY_RULES.map(({ id, title, description, severity }) => ({
          id,
          title,
          description,
          agents: ["claude-code"],
          default_severity: severity,
          enabled: true,
          severity,
        })),
      } satisfies z.infer<typeof RulesAnswerSchema>;
    case "/api/v1/settings/residency":
      return residency(now);
    case "/api/v1/reports/daily":
      return reports();
    default:
      return null;
  }
}

function snippet(agent: "claude-code" | "gemini-cli", text: string): z.infer<typeof SnippetAnswerSchema> {
  return {
    agent,
    title: agent,
    blocks: [{ label: "In a shell", file: null, language: "shell", text }],
    notes: ["Start it anew after a change."],
    key_class: agent === "gemini-cli" ? "path" : "header",
  };
}

function usage(now: number): z.infer<typeof UsageAnswerSchema> {
  const day = at(now).slice(0, 10);
  const today = {
    day,
    requests: 700,
    events: 950_000,
    bytes: 10_500_000,
    rejected: 3,
    rate_limited: 0,
    api_requests: 95,
  };
  return {
    org_id: "acme",
    quotas: { max_events_per_second: 10_000, max_events_per_day: 1_000_000, max_api_requests_per_minute: 6_000 },
    today,
    days: [today],
    notices: [
      { quota: "max_events_per_day", used: 950_000, limit: 1_000_000, share: 0.95, resets_at: `${day}T23:59:59.000Z` },
    ],
  };
}

function pipeline(now: number): z.infer<typeof PipelineAnswerSchema> {
  return {
    org_id: "acme",
    regions: [
      {
        region: "us",
        last_run: at(now - 60_000),
        waiting_hours: 1,
        oldest_waiting_hour: at(now - 7_200_000),
        running_hours: 0,
        waiting_days: 0,
        lag_seconds: 40,
        failed_count: 1,
        failed: [
          { kind: "hour", start: at(now - 7_200_000), reason: "timeout", attempts: 2, next_try: at(now + 60_000) },
        ],
      },
    ],
    live_stale: false,
  };
}

function residency(now: number): z.infer<typeof ResidencyAnswerSchema> {
  const day = at(now - DAY_MS).slice(0, 10);
  return {
    org_id: "acme",
    residency: "us",
    primary_region: "us",
    places: [
      {
        data: "requests",
        stored: "not stored",
        processed: "the nearest location",
        guarantee: "none",
        guaranteed_by: "nobody",
      },
      {
        data: "events",
        stored: "ClickHouse US",
        processed: "ClickHouse US",
        guarantee: "operator",
        guaranteed_by: "whoever runs Tenfold",
      },
    ],
    receipts: [
      {
        v: 2,
        subject: "acme",
        place: "packs",
        day,
        objects: 12,
        packs: 30,
        bytes: 1_234_567,
        redacted: { dropped: 40, hashed: 0, secrets: 2 },
        listing_sha256: HASH,
        previous: null,
        sealed_at: at(now),
        sha256: HASH,
      },
    ],
  };
}

function reports(): z.infer<typeof DailyReportsAnswerSchema> {
  const report = (day: string, score: number): z.infer<typeof DailyReportsAnswerSchema>["reports"][number] => ({
    day,
    created_at: `${day}T23:59:59.000Z`,
    events: 100,
    sessions: 40,
    users: 3,
    errors: 1,
    security_alerts: 2,
    pull_requests: 1,
    cost_nano_usd: "1000",
    tokens: 1,
    unpriced_tokens: 0,
    lines_added: 1,
    lines_removed: 1,
    accepted: 1,
    rejected: 1,
    compliance: {
      score,
      alerts: { open: 2, points: 10 },
      violations: { count: 1, sessions: 40, per_100_sessions: 2.5, points: 5 },
      keys: { active: 1, old: 1, share: 1, points: 20 },
      telemetry: { completeness: 1, points: 0 },
    },
  });
  return {
    org_id: "acme",
    from: "2026-10-23",
    to: "2026-11-22",
    reports: [report("2026-11-20", 80), report("2026-11-21", 65)],
  };
}

function organisation(now: number): TenantConfig {
  const { quotas, features } = PLAN_DEFAULTS.starter;
  return {
    org_id: "acme",
    name: "Acme",
    slug: "acme",
    data_residency: "us",
    primary_region: "us",
    suspended: false,
    quotas,
    features,
    granted_features: features,
    billing: { plan: "starter", billing_email: "bills@acme.test", stripe_customer_id: null },
    created_at: at(now),
    updated_at: at(now),
  };
}

function prices(): z.infer<typeof PricesAnswerSchema> {
  const rates = { input: "3", cache_read: "0.3", cache_write_5m: "3.75", cache_write_1h: null, output: "15" };
  return {
    version: "2026-11-22.1",
    policy: { v: 1, prices: [], factors: [{ factor: "0.85", provider: "anthropic" }] },
    list_prices: ["anthropic", "openai"].map((provider) => ({
      provider,
      models: [`${provider}-model`, "another"],
      valid_from: null,
      valid_to: "2026-12-01",
      usd_per_million: rates,
      long_context: null,
      service_tiers: {},
      source: "the price page",
    })),
  };
}
