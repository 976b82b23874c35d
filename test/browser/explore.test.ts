/** The command palette, keyboard shortcuts, the shared link, the first steps of a new organisation and Explore in real Chromium against a fake server. */
import { beforeEach, describe, expect, it } from "vitest";
import { z } from "zod";
import type { CustomMetric } from "../../schema/api/custom-metrics.ts";
import { METRICS } from "../../schema/api/metrics.ts";
import { type QueryAnswer, QuerySchema } from "../../schema/api/query.ts";
import {
  COLUMN_NAMES,
  COMPARISONS_OF,
  FUNCTIONS_OF,
  QUERY_COLUMNS,
  type QueryUnit,
} from "../../schema/api/query-catalogue.ts";
import { dimensionName, measureName } from "../../schema/api/query-parts.ts";
import type { FakeAnswer } from "../support/fake-tenfold.ts";
import { violationsOf } from "./axe.ts";
import { context, DESKTOP, fake, meIn, open, PHONE, page, problems, sidewaysOverflow, withPage } from "./fake-page.ts";
import { shoot } from "./shots.ts";

withPage();

type Asked = z.output<typeof QuerySchema>;

/** What the fake knows; tests change it while the page runs. */
let world: { asked: Asked[]; refuse: FakeAnswer | null; saved: CustomMetric[]; refuseSaved: FakeAnswer | null };

beforeEach(() => {
  world = { asked: [], refuse: null, saved: [], refuseSaved: null };
  fake.script.me = (org) => ({
    ...meIn(org),
    permissions: [
      { permission: "metrics:read", scope: "org" },
      { permission: "custom_metrics:write", scope: "org" },
    ],
  });
  fake.script.api = (url, method, body) => {
    if (url.pathname === "/api/v1/query/catalogue") return { body: catalogue };
    if (url.pathname === "/api/v1/query") {
      const question = QuerySchema.parse(JSON.parse(body));
      world.asked.push(question);
      return world.refuse ?? { body: answerTo(question) };
    }
    if (url.pathname === "/api/v1/metrics/timeseries") return { body: timeseries(url.searchParams) };
    if (url.pathname.startsWith("/api/v1/custom-metrics")) {
      return world.refuseSaved ?? saved(method, url.pathname.split("/")[4], body);
    }
    return null;
  };
});

const catalogue = {
  columns: COLUMN_NAMES.map((name) => {
    const column: { kind: keyof typeof FUNCTIONS_OF; on?: string } = QUERY_COLUMNS[name];
    const { kind, on = null } = column;
    return {
      ...QUERY_COLUMNS[name],
      name,
      on,
      functions: ["count", ...FUNCTIONS_OF[kind]],
      comparisons: COMPARISONS_OF[kind],
    };
  }),
  event_types: ["error", "custom.tool_call"],
  metadata_paths: [{ path: ["timing", "wait_ms"], kinds: ["number"], event_types: ["error"] }],
};

const HOUR = 3_600_000;
const hoursOf = (from: string, to: string): string[] => {
  const first = Math.floor(Date.parse(from) / HOUR) * HOUR;
  const count = Math.ceil((Date.parse(to) - first) / HOUR);
  return Array.from({ length: count }, (_, i) => new Date(first + i * HOUR).toISOString());
};

/** Two groups, at every third hour where time is asked for; values that say which measure they are of. */
function answerTo({ from = "", to = "", measures, dimensions, timezone }: Asked): QueryAnswer {
  const hours = dimensions.includes("time") ? hoursOf(from, to).filter((_, i) => i % 3 === 0) : [""];
  const rows = hours.flatMap((hour, h) =>
    ["claude-code", "وكيل 🚀"].map((name, n) => ({
      dimensions: dimensions.map((dimension) => (dimension === "time" ? hour : name)),
      values: measures.map((_, i) => 1_234 * (n + 1) + 10 * i + h),
      previous: null,
    })),
  );
  const unit: QueryUnit = "events";
  return {
    org_id: "acme",
    scope: "org",
    from,
    to,
    previous_from: null,
    interval: dimensions.includes("time") ? "1h" : null,
    timezone,
    dimensions: dimensions.map((one) => ({ name: dimensionName(one), kind: one === "time" ? "time" : "text" })),
    measures: measures.map((one) => ({ name: measureName(one), fn: one.fn, unit })),
    rows: dimensions.length === 0 ? rows.slice(0, 1) : rows,
    next_cursor: null,
    sources: [],
    stale_hours: [],
    complete_until: to,
  };
}

function timeseries(query: URLSearchParams): unknown {
  const [from, to] = [query.get("from") ?? "", query.get("to") ?? ""];
  const times = hoursOf(from, to);
  return {
    org_id: "acme",
    scope: "org",
    from,
    to,
    previous_from: null,
    metric: query.get("metric"),
    unit: "count",
    group_by: query.get("group_by"),
    interval: "1h",
    timezone: "UTC",
    times,
    series: [{ group: null, other: false, values: times.map(() => 1), total: times.length }],
    sources: [],
    stale_hours: [],
    complete_until: to,
  };
}

function summaryOf(events: number, query: URLSearchParams): unknown {
  const figure = { value: 0, previous: 0, change: null };
  const money = { value: "0", previous: "0", change: null };
  const totals = Object.fromEntries(METRICS.map((name) => [name, name === "cost_nano_usd" ? money : figure]));
  return {
    org_id: "acme",
    scope: "org",
    from: query.get("from"),
    to: query.get("to"),
    previous_from: query.get("from"),
    totals: { ...totals, events: { ...figure, value: events } },
    duration_ms: { p50: { ...figure, value: null }, p95: { ...figure, value: null } },
    events_by_type: [],
    sources: [],
    stale_hours: [],
    complete_until: query.get("to"),
  };
}

const BodySchema = z.object({ name: z.string(), description: z.string(), query: z.custom<CustomMetric["query"]>() });

function saved(method: string, id: string | undefined, body: string): FakeAnswer {
  const now = "2026-11-22T10:00:00.000Z";
  if (method === "GET") return { body: { custom_metrics: world.saved, next_cursor: null } };
  const before = world.saved.find(({ metric_id }) => metric_id === id) ?? null;
  if (method === "DELETE") {
    world.saved = world.saved.filter((one) => one !== before);
    return { body: { before, after: null } };
  }
  const change = BodySchema.partial().parse(JSON.parse(body));
  const blank = { metric_id: "m1", name: "", description: "", query: null, created_by: "u1", created_at: now };
  const after: CustomMetric = { ...blank, ...before, ...change, updated_at: now };
  world.saved = [...world.saved.filter((one) => one !== before), after];
  return { body: { before, after } };
}

const rows = () => page.getByRole("region", { name: "Rows of the answer" }).locator("[data-row]");
const palette = () => page.getByRole("combobox", { name: "Find a view or an action" });
const options = () => page.getByRole("dialog").getByRole("option");
const focused = (): Promise<string | null> => page.evaluate(() => document.activeElement?.tagName ?? null);

describe("the keyboard", () => {
  it("finds and opens views, switches the theme and the organisation, and never takes letters from a field", async () => {
    await open("/explore?team=core");
    await page.getByText("Start from nothing").waitFor();
    await page.keyboard.press("Control+k");
    await palette().waitFor();
    await page.keyboard.type("dark");
    await expect.poll(() => options().count()).toBe(1);
    await page.keyboard.press("Enter");
    await expect.poll(() => page.evaluate(() => document.documentElement.dataset.theme)).toBe("dark");
    expect(await palette().count()).toBe(0);

    await page.keyboard.press("Control+k");
    await palette().waitFor();
    await page.keyboard.press("ArrowUp");
    await expect.poll(() => options().and(page.locator("[aria-selected=true]")).textContent()).toContain("Sign out");
    await page.keyboard.press("Escape");
    await expect.poll(() => palette().count()).toBe(0);

    await page.keyboard.press("g");
    await page.keyboard.press("o");
    await page.waitForURL(/\/overview\?team=core/);
    await page.keyboard.press("g");
    await page.keyboard.press("x");
    await page.waitForURL(/\/explore\?team=core/);
    await page.keyboard.press("/");
    await expect.poll(focused).toBe("BUTTON");
    await page.keyboard.press("Enter");
    await page.getByRole("combobox", { name: "Search Team" }).fill("");
    await page.keyboard.type("g?o/");
    expect(await page.getByRole("combobox", { name: "Search Team" }).inputValue()).toBe("g?o/");
    await page.keyboard.press("Escape");

    await page.keyboard.press("?");
    const help = page.getByRole("dialog", { name: "Keyboard shortcuts" });
    await help.waitFor();
    expect(await violationsOf(page)).toEqual([]);
    await help.getByRole("checkbox").uncheck();
    await page.keyboard.press("Escape");
    await page.keyboard.press("g");
    await page.keyboard.press("o");
    await page.keyboard.press("Control+k");
    await palette().waitFor();
    expect(page.url()).toContain("/explore");
    await page.keyboard.type("globex");
    await page.keyboard.press("Enter");
    await page.waitForURL(/org=globex/);
    expect(problems).toEqual([]);
  });
});

describe("sharing", () => {
  it("copies a link with fixed ends and the organisation, and says so", async () => {
    await open("/explore?range=7d&team=core");
    await context.grantPermissions(["clipboard-read", "clipboard-write"]);
    await page.getByText("Start from nothing").waitFor();
    await page.getByRole("button", { name: "Share: copy a link to this page" }).click();
    await page.getByText("Link copied").waitFor();
    const link = new URL(await page.evaluate(() => navigator.clipboard.readText()));
    const search = Object.fromEntries(link.searchParams);
    expect(search).toEqual({ org: "acme", team: "core", from: expect.any(String), to: expect.any(String) });
    expect(Date.parse(search.to ?? "") - Date.parse(search.from ?? "")).toBe(7 * 24 * HOUR);
    expect(problems).toEqual([]);
  });
});

describe("the first steps of a new organisation", () => {
  /** Overview of an organisation with so many events; what else Overview asks is not there. */
  const overview = (events: () => number): void => {
    const api = fake.script.api;
    fake.script.me = (org) => ({
      ...meIn(org),
      permissions: [
        { permission: "keys:write", scope: "org" },
        { permission: "members:write", scope: "org" },
      ],
    });
    fake.script.api = (url, method, body) => {
      if (url.pathname === "/api/v1/metrics/summary") return { body: summaryOf(events(), url.searchParams) };
      if (url.pathname === "/api/v1/keys") {
        return { body: { keys: [], next_cursor: null, regions: ["us"], proposed_region: "us" } };
      }
      if (url.pathname === "/api/v1/members") {
        return {
          body: {
            members: [{ user_id: "u1", email: "a@b.c", name: "Ada", role: "admin", team_id: null }],
            next_cursor: null,
          },
        };
      }
      return api?.(url, method, body) ?? null;
    };
  };

  it("are shown while nothing came for 30 days, lead where they are done, and stay away once dismissed", async () => {
    overview(() => 0);
    await open("/overview");
    const list = page.getByRole("list", { name: "Get started" });
    await list.waitFor();
    expect(await list.getByText("To do:").count()).toBe(4);
    expect(await violationsOf(page)).toEqual([]);
    await shoot(page, "onboarding-light-1280");
    await list.getByRole("link", { name: "Make a key" }).click();
    await page.waitForURL(/\/settings\/keys/);
    await page.goBack();
    await list.waitFor();
    await page.getByRole("button", { name: "Dismiss" }).click();
    await expect.poll(() => list.count()).toBe(0);
    await page.reload();
    await page.getByRole("heading", { name: "Overview" }).waitFor();
    await page.waitForLoadState("networkidle");
    expect(await list.count()).toBe(0);
    expect(problems).toEqual([]);
  });

  it("are not shown where events came", async () => {
    overview(() => 3);
    await open("/overview");
    await page.getByRole("heading", { name: "Overview" }).waitFor();
    await page.waitForLoadState("networkidle");
    expect(await page.getByRole("list", { name: "Get started" }).count()).toBe(0);
  });
});

describe("Explore", () => {
  it("builds a question, shows a table and a chart, and comes back from its address", async () => {
    await open("/explore?range=24h");
    await page.getByText("Start from nothing").click();
    await expect.poll(() => rows().count()).toBe(1);
    await page.getByLabel("Add a dimension").selectOption("agent");
    await expect.poll(() => rows().count()).toBe(2);
    await page.getByLabel("Measure 1: column").selectOption("tokens");
    await page.getByLabel("Measure 1: function").selectOption("p95");
    await page.getByRole("button", { name: "Add a condition" }).click();
    await page.getByLabel("Column", { exact: true }).selectOption("cost_nano_usd");
    await page.getByLabel("Comparison").selectOption("gt");
    await page.getByLabel("Value").fill("a lot");
    await page.keyboard.press("Enter");
    await page.getByText("Type an amount in USD").waitFor();
    await page.getByLabel("Value").fill("0.05");
    await page.keyboard.press("Enter");
    await page.getByText("Cost is more than $0.05").waitFor();
    await expect
      .poll(() => world.asked.at(-1))
      .toMatchObject({
        measures: [{ fn: "p95", of: "tokens" }],
        dimensions: ["agent"],
        filters: { op: "gt", of: "cost_nano_usd", value: "50000000" },
      });
    await page.getByLabel("Add a dimension").selectOption("time");
    await page.getByRole("heading", { name: "Over time" }).waitFor();
    await expect.poll(() => rows().count()).toBeGreaterThan(10);
    await page.reload();
    await page.getByText("Cost is more than $0.05").waitFor();
    await page.getByRole("heading", { name: "Over time" }).waitFor();
    await expect.poll(() => rows().count()).toBeGreaterThan(10);
    expect(await page.getByText("وكيل 🚀").count()).toBeGreaterThan(0);
    expect(problems).toEqual([]);
  });

  it("says beside the builder why there is no answer, what to do, and goes on when there is one", async () => {
    world.refuse = { status: 429, code: "rate_limited", message: "too many questions at once", retryAfter: 7 };
    await open("/explore?range=24h");
    await page.getByText("Start from nothing").click();
    await page.getByText("Wait 7 s and try again.").waitFor();
    await expect.poll(() => page.getByLabel("Measure 1: column").count()).toBe(1);
    expect(await violationsOf(page)).toEqual([]);
    await shoot(page, "explore-refused-light-1280");

    world.refuse = { status: 504, code: "query_timeout", message: "the query took too long" };
    const before = world.asked.length;
    await page.getByRole("button", { name: "Try again" }).click();
    await page.getByText("It was given up so that others get their answers.", { exact: false }).waitFor();
    expect(world.asked.length).toBe(before + 1);

    world.refuse = null;
    await page.getByLabel("Add a dimension").selectOption("agent");
    await expect.poll(() => rows().count()).toBe(2);
    expect(problems).toEqual([]);
  });

  it("saves a question, opens it from the palette, and deletes it once its name is typed", async () => {
    await open("/explore");
    await page.getByText("Which agents are used").click();
    await page.getByRole("button", { name: "Save as…" }).click();
    await page.getByRole("dialog").getByLabel("Name").fill("Agents");
    await page.getByRole("dialog").getByRole("button", { name: "Save" }).click();
    await page.waitForURL(/metric=m1/);
    expect(world.saved).toMatchObject([
      { name: "Agents", query: { dimensions: ["agent"], timezone: "Europe/Berlin" } },
    ]);

    await page.keyboard.press("g");
    await page.keyboard.press("x");
    await page.getByText("Start from nothing").waitFor();
    await page.keyboard.press("Control+k");
    await palette().waitFor();
    await page.keyboard.type("agents");
    await options().filter({ hasText: "Agents" }).waitFor();
    await page.keyboard.press("Enter");
    await page.waitForURL(/metric=m1/);
    await expect.poll(() => rows().count()).toBe(2);

    await page.getByRole("button", { name: "Agents: more" }).click();
    await page.getByText("Delete…").click();
    const confirm = page.getByRole("dialog").getByRole("button", { name: "Delete" });
    expect(await confirm.isDisabled()).toBe(true);
    await page.getByRole("dialog").getByRole("textbox").fill("Agents");
    await confirm.click();
    await page.getByText("Nothing is saved yet").waitFor();
    expect(world.saved).toEqual([]);

    world.refuseSaved = {
      status: 403,
      code: "forbidden",
      message: "the starter plan does not have custom_metrics_enabled",
    };
    await page.reload();
    await page.getByText("The starter plan does not include saved metrics.", { exact: false }).waitFor();
    expect(await page.getByRole("button", { name: "Save as…" }).count()).toBe(0);
    expect(problems).toEqual([]);
  });

  for (const [colorScheme, viewport] of [
    ["light", DESKTOP],
    ["dark", PHONE],
  ] as const) {
    it(`has no violation of accessibility and nothing beside the screen, ${colorScheme}`, async () => {
      await open("/explore?range=24h", { colorScheme, viewport });
      await page.getByText("What happens when?").waitFor();
      expect(await violationsOf(page)).toEqual([]);
      await page.getByText("What happens when?").click();
      await expect.poll(() => rows().count()).toBeGreaterThan(5);
      await page.getByRole("button", { name: "Add a condition" }).click();
      expect(await violationsOf(page)).toEqual([]);
      expect(await sidewaysOverflow()).toBe(0);
      await shoot(page, `explore-${colorScheme}-${viewport.width}`);
      await page.keyboard.press("Control+k");
      await palette().waitFor();
      expect(await violationsOf(page)).toEqual([]);
      await shoot(page, `palette-${colorScheme}-${viewport.width}`);
      expect(problems).toEqual([]);
    });
  }
});
