/** Settings: who may see what, keys and their snippets, waiting for the first event, records by fate, usage, pipeline, members. */
import { describe, expect, it } from "vitest";
import { ROLES } from "../../../schema/access.ts";
import { SNIPPET_AGENTS } from "../../../schema/api/integrations.ts";
import { PLAN_DEFAULTS } from "../../../schema/api/settings.ts";
import { NO_PRICE_POLICY } from "../../../schema/price-policy.ts";
import type { PrivacyPolicy } from "../../../schema/privacy-policy.ts";
import { formatBytes } from "../../../web/src/format/bytes.ts";
import { may } from "../../../web/src/settings/access.ts";
import { completenessOf, fatesOf } from "../../../web/src/settings/integrations.ts";
import { arrivalOf, expiryOf, filledBlocks, isOld, keyState, listOf } from "../../../web/src/settings/keys.ts";
import { matchingMembers } from "../../../web/src/settings/members.ts";
import { hasChanges, patchOf } from "../../../web/src/settings/organisation.ts";
import { healthOf } from "../../../web/src/settings/pipeline.ts";
import { factorWords, matchingPrices, periodWords, withFactor, withPrice } from "../../../web/src/settings/prices.ts";
import {
  changeRule,
  differs,
  draftOf,
  makesKey,
  policyOf,
  problemOf,
  raiseRule,
  removeRule,
  withRule,
} from "../../../web/src/settings/privacy.ts";
import { firstTab } from "../../../web/src/settings/tabs.ts";
import { dayShare, usageData } from "../../../web/src/settings/usage.ts";
import { snippetOf } from "../../../workers/api/snippets.ts";
import type { FakeMe } from "../../support/fake-tenfold.ts";
import { aKey, anAgent, withRole } from "../../support/settings-script.ts";

const NOW = Date.parse("2026-11-22T12:00:00Z");
const DAY = 86_400_000;
const KEY = "tf_us_abc_def";
const iso = (ms: number): string => new Date(ms).toISOString();

const me: FakeMe = {
  user_id: "u1",
  email: "ada@acme.test",
  name: "Ada",
  org_id: "acme",
  org_name: "Acme",
  role: "viewer",
  team_id: null,
  residency: "us",
  permissions: [],
  orgs: [],
};

describe("what a role may see", () => {
  it("follows the permissions of /me and their reach", () => {
    const people = ROLES.map((role) => withRole(me, role));
    expect(people.map((one) => may(one, "keys:read", "org"))).toEqual([false, false, false, true]);
    expect(people.map((one) => may(one, "metrics:read", "team"))).toEqual([false, false, true, true]);
  });
  it("leads everyone to a part of Settings that they may see", () => {
    expect(ROLES.map((role) => firstTab(withRole(me, role)))).toEqual([
      "/settings/members",
      "/settings/members",
      "/settings/members",
      "/settings/keys",
    ]);
  });
});

describe("snippets with a key", () => {
  it.each(SNIPPET_AGENTS)(
    "leave no place for a key open for %s, and put none into an address that may not have it",
    (agent) => {
      const snippet = snippetOf(agent, "https://tenfold.test");
      for (const block of filledBlocks(snippet, KEY, "path")) {
        expect(block.usable).toBe(true);
        expect(block.text).not.toContain("YOUR_INGEST_KEY");
      }
      for (const block of filledBlocks(snippet, KEY, "header")) {
        expect(block.text.includes(`/i/${KEY}`)).toBe(false);
        if (block.usable) expect(block.text).not.toContain("YOUR_INGEST_KEY");
        else expect(block.text).not.toContain(KEY);
      }
      const filled = filledBlocks(snippet, KEY, snippet.key_class).some(
        ({ text, usable }) => usable && text.includes(KEY),
      );
      expect(filled).toBe(true);
    },
  );
});

describe("the first event", () => {
  const key = aKey({ key_id: "new", created_at: iso(NOW) });
  const agents = [
    anAgent({ agent: "codex", last_seen: iso(NOW + 1_000) }),
    anAgent({ agent: "copilot", last_seen: iso(NOW - 1) }),
  ];
  it("has come only when this very key was used, however busy the others are", () => {
    const other = aKey({ key_id: "other", last_used_at: iso(NOW + 1) });
    expect(arrivalOf("new", [other, key], { agents }).arrived).toBe(false);
    expect(arrivalOf("new", [other, { ...key, last_used_at: iso(NOW + 1) }], { agents }).arrived).toBe(true);
  });
  it("names the agents that sent since the key was made", () => {
    expect(arrivalOf("new", [key], { agents }).agents.map(({ agent }) => agent)).toEqual(["codex"]);
    expect(arrivalOf("new", [], { agents })).toEqual({ arrived: false, agents: [] });
  });
});

describe("keys", () => {
  it("say when they need somebody", () => {
    const words = (over: Parameters<typeof aKey>[0]): string => keyState(aKey(over), NOW).word;
    expect(words({})).toBe("active");
    expect(words({ expires_at: iso(NOW + DAY) })).toBe("expires soon");
    expect(words({ expires_at: iso(NOW + DAY), replaced_by: "k2" })).toBe("rotated, still good");
    expect(words({ status: "revoked" })).toBe("revoked");
    expect(isOld(aKey({ created_at: iso(NOW - 91 * DAY) }), NOW)).toBe(true);
    expect(isOld(aKey({ created_at: iso(NOW - 89 * DAY) }), NOW)).toBe(false);
    expect(isOld(aKey({ created_at: iso(NOW - 91 * DAY), status: "expired" }), NOW)).toBe(false);
  });
  it("end with the chosen day, and never in the past", () => {
    expect(expiryOf("", NOW)).toBeNull();
    expect(expiryOf("2026-11-01", NOW)).toBeUndefined();
    expect(expiryOf("soon", NOW)).toBeUndefined();
    const end = expiryOf("2026-12-24", NOW);
    expect(new Date(end ?? "").getTime()).toBe(new Date(2026, 11, 25).getTime());
  });
  it("take addresses by lines, spaces or commas", () => {
    expect(listOf(" 10.0.0.0/8,\n2001:db8::/32  10.0.0.0/8 \n")).toEqual(["10.0.0.0/8", "2001:db8::/32"]);
    expect(listOf(" \n")).toEqual([]);
  });
});

describe("integrations", () => {
  it("divide what was received by its fate, and say that a part of nothing is not known", () => {
    expect(fatesOf(anAgent({}).records).map(({ key, share }) => [key, share])).toEqual([
      ["mapped", 0.7],
      ["kept", 0.2],
      ["ignored", 0.05],
      ["unknown", 0.04],
      ["rejected", 0.01],
    ]);
    const none = { received: 0, mapped: 0, kept: 0, ignored: 0, unknown: 0, rejected: 0 };
    expect(fatesOf(none).every(({ share }) => share === null)).toBe(true);
  });
  it("never round what is missing away, and never show what is not measured as complete", () => {
    const of = (share: number | null, missing: number, ledger: number | null = null) =>
      completenessOf({ sessions: 2, share, missing_records: missing, ledger_difference: ledger });
    expect(of(1, 0)).toMatchObject({ text: "100\u00a0%", warn: false });
    expect(of(0.99999, 1)).toMatchObject({ text: "99.99\u00a0%", warn: true });
    expect(of(1, 0, 0.2)).toMatchObject({ warn: true });
    expect(of(null, 0)).toMatchObject({ text: "—", warn: false });
    expect(completenessOf(null)).toMatchObject({ text: "—", warn: false });
  });
});

describe("usage and pipeline", () => {
  const day = (name: string, events: number) => ({
    day: name,
    requests: 1,
    events,
    bytes: 1,
    rejected: 2,
    rate_limited: 0,
    api_requests: 0,
  });
  it("fill the days without use with nothing, up to today", () => {
    const data = usageData({ today: day("2026-11-22", 5), days: [day("2026-11-22", 5), day("2026-11-20", 9)] }, 4);
    expect(data.starts.map((start) => iso(start).slice(0, 10))).toEqual([
      "2026-11-19",
      "2026-11-20",
      "2026-11-21",
      "2026-11-22",
    ]);
    expect(data.series[0]?.values).toEqual([0, 9, 0, 5]);
    expect(data.end).toBe(Date.parse("2026-11-23T00:00:00Z"));
  });
  it("have no share of a quota that is not there", () => {
    const quotas = { max_events_per_second: 1, max_api_requests_per_minute: 1 };
    expect(dayShare({ today: day("2026-11-22", 5), quotas: { ...quotas, max_events_per_day: 10 } })).toBe(0.5);
    expect(dayShare({ today: day("2026-11-22", 5), quotas: { ...quotas, max_events_per_day: null } })).toBeNull();
  });
  it("say failing before behind before keeping up", () => {
    const region = { failed_count: 0, waiting_hours: 0, waiting_days: 0, lag_seconds: 0, last_run: iso(NOW) };
    expect(healthOf(region).tone).toBe("good");
    expect(healthOf({ ...region, waiting_hours: 1, lag_seconds: 3_600 }).tone).toBe("warn");
    expect(healthOf({ ...region, lag_seconds: 3_600, failed_count: 1 }).tone).toBe("bad");
  });
  it("write sizes in steps of 1,000", () => {
    expect([0, 999, 1_000, 10_500_000, 999_960, null].map(formatBytes)).toEqual([
      "0\u00a0B",
      "999\u00a0B",
      "1\u00a0KB",
      "10.5\u00a0MB",
      "1\u00a0MB",
      "—",
    ]);
  });
});

it("members are found by every word of a search, in the order of their names", () => {
  const member = (name: string, email: string, team_id: string | null) => ({
    user_id: email,
    name,
    email,
    role: "user" as const,
    team_id,
  });
  const all = [member("Zoe", "z@x.test", "core"), member("", "bob@x.test", null), member("ada", "a@x.test", "core")];
  expect(matchingMembers(all, "").map(({ email }) => email)).toEqual(["a@x.test", "bob@x.test", "z@x.test"]);
  expect(matchingMembers(all, "core Z").map(({ name }) => name)).toEqual(["Zoe"]);
});

describe("the privacy policy's draft", () => {
  const stored: PrivacyPolicy = {
    v: 1,
    rules: [{ agent: "*", attribute: "user.email", action: "hash" }],
    unknown: "drop",
  };
  it("says what is stored until something is changed, and the same again when the change is taken back", () => {
    const draft = draftOf(stored);
    expect(policyOf(draft)).toEqual(stored);
    expect(differs(draft, stored)).toBe(false);
    const more = withRule(draft);
    expect(differs(more, stored)).toBe(true);
    expect(differs(removeRule(more, more.rules[0]?.key ?? -1), stored)).toBe(false);
    expect(differs(draftOf(null), null)).toBe(true);
  });
  it("is not to be saved while a rule is unfinished or wrong, and says why it is wrong", () => {
    const unfinished = withRule(draftOf(stored));
    const rule = unfinished.rules[0];
    if (rule === undefined) throw new Error("a rule");
    expect(policyOf(unfinished)).toBeNull();
    expect(problemOf(rule)).toBeNull();
    expect(problemOf({ ...rule, attribute: "a**b" })).toContain("two in a row");
    const finished = changeRule(unfinished, rule.key, { attribute: " Repo ", action: "keep" });
    expect(policyOf(finished)?.rules.map(({ attribute }) => attribute)).toEqual(["repo", "user.email"]);
    expect(policyOf(raiseRule(finished, 0))?.rules.map(({ attribute }) => attribute)).toEqual(["user.email", "repo"]);
    expect(raiseRule(finished, rule.key)).toBe(finished);
  });
  it("tells when saving makes a key", () => {
    expect(makesKey(draftOf(stored), false)).toBe(true);
    expect(makesKey(draftOf(stored), true)).toBe(false);
    expect(makesKey(draftOf(null), false)).toBe(false);
  });
});

describe("the organisation's patch", () => {
  const { features } = PLAN_DEFAULTS.enterprise;
  const billing = { plan: "enterprise" as const, billing_email: "a@x.test", stripe_customer_id: null };
  const stored = { name: "Acme", billing, features };
  it("names only what differs", () => {
    expect(patchOf(stored, {})).toEqual({});
    expect(patchOf(stored, { name: " Acme ", billingEmail: "a@x.test", features: { sso_enabled: true } })).toEqual({});
    expect(patchOf(stored, { name: "Acme 2", billingEmail: " ", features: { sso_enabled: false } })).toEqual({
      name: "Acme 2",
      billing_email: null,
      features: { sso_enabled: false },
    });
  });
  it("is none while something is not valid, which can still be discarded", () => {
    expect(patchOf(stored, { name: "  " })).toBeNull();
    expect(patchOf(stored, { billingEmail: "no address" })).toBeNull();
    expect([null, {}, { name: "x" }].map(hasChanges)).toEqual([true, false, true]);
  });
});

describe("prices", () => {
  const form = {
    models: "A, b",
    provider: " ",
    rates: { input: "1", cache_read: "0", cache_write_5m: "0", cache_write_1h: "0", output: "2.5" },
  };
  it("of one's own come first and keep what there was", () => {
    const first = withPrice(NO_PRICE_POLICY, form);
    if (!("policy" in first)) throw new Error("a policy");
    expect(first.policy.prices).toEqual([{ models: ["a", "b"], usd_per_million: form.rates }]);
    const second = withPrice(first.policy, { ...form, models: "c" });
    expect("policy" in second && second.policy.prices.map(({ models }) => models[0])).toEqual(["c", "a"]);
  });
  it("are not made from half a form, and say which part is wrong", () => {
    expect(withPrice(NO_PRICE_POLICY, { ...form, models: "" })).toEqual({ problem: null });
    expect(withPrice(NO_PRICE_POLICY, { ...form, rates: { ...form.rates, output: "1,5" } })).toMatchObject({
      problem: expect.stringContaining("output"),
    });
  });
  it.each([
    ["15", "0.85", "15\u00a0% off"],
    ["7.25", "0.9275", "7.25\u00a0% off"],
    ["-5", "1.05", "5\u00a0% more"],
    ["0", "1", "list price"],
  ])("a discount of %s %% is a factor of %s", (percent, factor, words) => {
    const made = withFactor(NO_PRICE_POLICY, { percent, provider: "", models: "" });
    expect("policy" in made && made.policy.factors).toEqual([{ factor }]);
    expect(factorWords(factor)).toBe(words);
  });
  it("of all, and more, are no discount", () => {
    for (const percent of ["100", "abc", "1e9"]) {
      expect(withFactor(NO_PRICE_POLICY, { percent, provider: "", models: "" })).toMatchObject({
        problem: expect.any(String),
      });
    }
  });
  it("of the list are found by provider and model", () => {
    const price = (provider: string, models: string[]) => ({
      provider,
      models,
      valid_from: null,
      valid_to: null,
      usd_per_million: { input: null, cache_read: null, cache_write_5m: null, cache_write_1h: null, output: null },
      long_context: null,
      service_tiers: {},
      source: "",
    });
    const list = [price("anthropic", ["claude-x"]), price("openai", ["gpt-x", "gpt-y"])];
    expect(matchingPrices(list, "OPENAI y")).toEqual([list[1]]);
    expect(matchingPrices(list, "")).toEqual(list);
    expect(
      [
        {},
        { valid_from: "2026-01-01" },
        { valid_to: "2026-02-01" },
        { valid_from: "2026-01-01", valid_to: "2026-02-01" },
      ].map(periodWords),
    ).toEqual(["always", "from 2026-01-01", "until 2026-02-01", "2026-01-01 to 2026-02-01"]);
  });
});
