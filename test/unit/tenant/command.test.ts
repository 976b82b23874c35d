import { describe, expect, it } from "vitest";
import { parseCommand, UsageError } from "../../../dev/tenant/command.ts";
import { changeText, createdText, listText, tenantText, usageText } from "../../../dev/tenant/text.ts";
import { PLAN_DEFAULTS } from "../../../schema/api/settings.ts";
import type { Tenant } from "../../../schema/operator-tenants.ts";

const parse = (line: string) => parseCommand(line.split(" ")).command;

describe("npm run tenant", () => {
  it.each([
    [
      "create acme --residency us",
      { kind: "create", body: { name: "acme", slug: "acme", residency: "us", plan: "starter" } },
    ],
    [
      "create nord --name Nord --residency global --region eu --plan enterprise --id org_n --admin a@nord.example",
      {
        kind: "create",
        body: {
          org_id: "org_n",
          name: "Nord",
          slug: "nord",
          residency: "global",
          primary_region: "eu",
          plan: "enterprise",
          admin_email: "a@nord.example",
        },
      },
    ],
    ["list", { kind: "list" }],
    ["show org_acme", { kind: "show", org: "org_acme" }],
    ["suspend org_acme", { kind: "suspend", org: "org_acme" }],
    ["resume org_acme", { kind: "resume", org: "org_acme" }],
    ["usage org_acme --days 30", { kind: "usage", org: "org_acme", days: 30 }],
    [
      "set org_acme max_seats=20 sso_enabled=true plan=professional billing_email=b@acme.example",
      {
        kind: "set",
        org: "org_acme",
        body: { max_seats: 20, sso_enabled: true, plan: "professional", billing_email: "b@acme.example" },
      },
    ],
    [
      "set org_acme max_seats=none max_events_per_day=default sso_enabled=default billing_email=none",
      {
        kind: "set",
        org: "org_acme",
        body: { max_seats: null, max_events_per_day: "default", sso_enabled: "default", billing_email: null },
      },
    ],
  ])("%s", (line, expected) => {
    expect(parse(line)).toEqual(expected);
  });

  it.each([
    "",
    "destroy org_acme",
    "create acme",
    "create acme --residency mars",
    "create Acme --residency us",
    "create acme --residency us --region eu",
    "create acme --residency us extra",
    "list org_acme",
    "show",
    "show ../x",
    "usage org_acme --days 0",
    "set org_acme",
    "set org_acme max_seats",
    "set org_acme max_seats=many",
    "set org_acme max_seats=-1",
    "set org_acme max_seats=0",
    "set org_acme max_seats=1 max_seats=2",
    "set org_acme max_events_per_second=none",
    "set org_acme sso_enabled=yes",
    "set org_acme residency=eu",
    "set org_acme queue_shards=5",
    "list --unknown",
    "list --env production",
  ])("refuses: %s", (line) => {
    expect(() => parse(line)).toThrow(UsageError);
  });

  it("says where: here, or a deployment that is named with its address", () => {
    expect(parseCommand(["list"]).where).toEqual({ url: undefined, token: undefined });
    const words = ["list", "--env", "production", "--url", "https://t.example", "--token", "secret"];
    expect(parseCommand(words).where).toEqual({ url: "https://t.example", token: "secret" });
  });
});

const tenant: Tenant = {
  org_id: "org_acme",
  name: "Acme",
  slug: "acme",
  data_residency: "us",
  primary_region: "us",
  suspended: false,
  quotas: PLAN_DEFAULTS.starter.quotas,
  features: { ...PLAN_DEFAULTS.starter.features, export_enabled: false },
  granted_features: PLAN_DEFAULTS.starter.features,
  billing: { plan: "starter", billing_email: null, stripe_customer_id: null },
  created_at: "2026-11-22T00:00:00.000Z",
  updated_at: "2026-11-22T00:00:00.000Z",
  queue_shards: 1,
  buffer_shards: 1,
  seats_taken: 4,
};

describe("its text", () => {
  it("shows a tenant, and tells what was switched off from what was never granted", () => {
    const text = tenantText(tenant);
    expect(text).toMatch(/seats +4 of 10/);
    expect(text).toMatch(/real_time +on/);
    expect(text).toMatch(/export +off \(switched off by its admins\)/);
    expect(text).toMatch(/sso +off$/m);
  });

  it("shows keys and password once, at creation", () => {
    const admin = { user_id: "u", email: "a@acme.example", password: "p4ss" };
    expect(createdText({ tenant, ingest_keys: ["tf_us_key"], admin })).toMatch(/tf_us_key[\s\S]*a@acme.example.*p4ss/);
  });

  it("says what changed and nothing else", () => {
    const after = { ...tenant, updated_at: "later", quotas: { ...tenant.quotas, max_seats: null } };
    expect(changeText(tenant, after)).toBe("quotas.max_seats: 10 -> null");
    expect(changeText(tenant, { ...tenant, updated_at: "later" })).toBe("org_acme: nothing changed");
  });

  it("aligns the list", () => {
    const lines = listText([tenant, { ...tenant, org_id: "o", suspended: true }]).split("\n");
    expect(new Set(lines.map((line) => line.indexOf("Acme"))).size).toBe(1);
    expect(lines[1]).toContain("suspended");
  });

  it("sets use against its limits", () => {
    const usage = { org_id: "o", max_events_per_day: 1_000_000, seats_taken: 1, max_seats: null, active_keys: 2 };
    expect(usageText({ ...usage, days: [{ day: "2026-11-22", events: 12_345 }] })).toMatch(
      /2026-11-22 +12,345 events\nlimit of a day +1,000,000\nseats +1 of no limit/,
    );
    expect(usageText({ ...usage, days: [] })).toMatch(/^no events/);
  });
});
