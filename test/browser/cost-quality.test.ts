/** Cost and Quality in real Chromium against a fake server: figures, filters, zoom, files, nothing yet, failures, accessibility. */
import { readFile } from "node:fs/promises";
import { beforeEach, describe, expect, it } from "vitest";
import type { FakeAnswer } from "../support/fake-tenfold.ts";
import {
  type ErrorGroups,
  errorGroups,
  funnel,
  questionRows,
  type RowScript,
  summary,
  timeseries,
  topByCost,
  unitCosts,
} from "../support/insight-script.ts";
import { violationsOf } from "./axe.ts";
import { fake, open, PHONE, page, problems, sidewaysOverflow, stat, withPage } from "./fake-page.ts";
import { shoot } from "./shots.ts";

withPage();

const DAY = 86_400_000;
const USD = 1_000_000_000;
const LONG_REPO = `acme/${"very-long-".repeat(29)}name`;

/** What the page asked, with the body of a question. */
interface Asked {
  url: URL;
  body: string;
}
let world: { empty: boolean; refuse: ((url: URL) => boolean) | null; refusal: FakeAnswer; asked: Asked[] };

beforeEach(() => {
  world = { empty: false, refuse: null, refusal: refused, asked: [] };
  fake.script.api = (url, _method, body) => {
    world.asked.push({ url, body });
    if (world.refuse?.(url) === true) return world.refusal;
    const answered = world.empty ? nothing(url) : something(url, body);
    return answered === null ? null : { body: answered };
  };
});

const refused: FakeAnswer = { status: 500, code: "internal", message: "the service failed, please retry" };
const askedFor = (path: string, with_: Record<string, string> = {}): Asked[] =>
  world.asked.filter(
    ({ url }) =>
      url.pathname === path && Object.entries(with_).every(([name, value]) => url.searchParams.get(name) === value),
  );

const GROUPS: ErrorGroups = Array.from({ length: 70 }, (_, i) => ({
  fingerprint: `f${i}`,
  code: i === 0 ? "exit_code" : `error_${i}`,
  tool: i === 0 ? "Bash" : "",
  shape: "Command exited with code <n>",
  example: i === 0 ? "Command exited with code 127: تعذر العثور" : "",
  count: 900 - i,
  first_seen: "2026-11-01T10:00:00.000Z",
  last_seen: "2026-11-22T10:00:00.000Z",
  users: 3,
  sessions: 5,
}));

function something(url: URL, body: string): unknown {
  switch (url.pathname) {
    case "/api/v1/metrics/timeseries":
      return timeseries(url, scripted, namesOf(url.searchParams.get("group_by")));
    case "/api/v1/metrics/summary":
      return summary(url, {
        ...{ events: 1_000, errors: 25, sessions: 40, pull_requests: 6, accepted: 90, rejected: 10 },
        ...{ input_tokens: 100, cache_read_tokens: 800, cache_write_tokens: 100, p50: 192_000, p95: 4_000_000 },
      });
    case "/api/v1/metrics/unit-costs":
      return unitCosts(url, {
        cost: "9007199254740993001",
        unpriced: 1_500_000,
        unpriced_share: 0.04,
        units: {
          session: { count: 40, cost: "4200000" },
          pull_request: { count: 0, cost: null },
          accepted_suggestion: { count: 90, cost: "110000000" },
          line_added: { count: 900, cost: "11000000" },
        },
      });
    case "/api/v1/metrics/top":
      return topByCost(
        url,
        namesOf(url.searchParams.get("dimension")).map((name, i) => [name, String((3 - i) * USD)]),
      );
    case "/api/v1/metrics/funnel":
      return funnel(url, [40, 30, 6]);
    case "/api/v1/errors":
      return errorGroups(url, GROUPS);
    case "/api/v1/query":
      return questionRows(rowsOf(body));
    default:
      return null;
  }
}

function nothing(url: URL): unknown {
  switch (url.pathname) {
    case "/api/v1/metrics/timeseries":
      return timeseries(
        url,
        (metric) => (metric === "cost_nano_usd" ? "0" : metric.startsWith("duration") ? null : 0),
        [],
      );
    case "/api/v1/metrics/summary":
      return summary(url, {});
    case "/api/v1/metrics/unit-costs":
      return unitCosts(url, { cost: "0", unpriced: 0, unpriced_share: null, units: {} });
    case "/api/v1/metrics/top":
      return topByCost(url, []);
    case "/api/v1/metrics/funnel":
      return funnel(url, [0, 0, 0]);
    case "/api/v1/errors":
      return errorGroups(url, []);
    case "/api/v1/query":
      return questionRows([]);
    default:
      return null;
  }
}

function namesOf(dimension: string | null): string[] {
  if (dimension === "repo") return [LONG_REPO, "acme/web"];
  if (dimension === "user") return ["ليلى.hansen", "🦊fox", "ada"];
  return dimension === "team" ? ["core", "platform"] : ["opus", "codex"];
}

/** Ten dollars a day since long ago; a tenth of what happens fails, but for hours in which nothing happens. */
function scripted(metric: string, group: string, start: number): number | string | null {
  if (start > Date.now()) return metric === "cost_nano_usd" ? "0" : 0;
  if (metric === "cost_nano_usd") return String(10 * USD);
  const quiet = new Date(start).getUTCHours() < 4;
  if (metric.startsWith("duration")) return quiet ? null : metric.endsWith("50") ? 60_000 : 600_000;
  return quiet ? 0 : metric === "errors" ? 10 : group === "" ? 100 : 50;
}

function rowsOf(body: string): RowScript[] {
  if (body.includes('"time"')) {
    const hour = Math.floor(Date.now() / 3_600_000) * 3_600_000;
    return [[[new Date(hour - 3_600_000).toISOString()], [1_000, 200, 5_000_000, 300, 50]]];
  }
  if (body.includes("cost_source")) {
    return [
      [
        ["reported", "opus"],
        [30, 5_000, String(12 * USD), 20, String(10 * USD), 8 * USD],
      ],
      [
        ["computed", "codex"],
        [10, 1_000, String(4 * USD), 0, "0", 0],
      ],
      [
        ["unpriced", "gpt-next"],
        [5, 1_500_000, "0", 0, "0", 0],
      ],
    ];
  }
  if (body.includes("unpriced_tokens"))
    return [
      [["gpt-next"], [1_500_000, 2_000_000]],
      [["opus"], [0, 5_000]],
    ];
  if (body.includes('"session"'))
    return [
      [
        ["s-1", "ليلى"],
        [4, "2026-11-22T10:00:00.000Z"],
      ],
    ];
  return body.includes('"dimensions":["language"]')
    ? [
        [["typescript"], [50, 45, 900]],
        [["go"], [10, 4, 80]],
        [[null], [5, 5, 10]],
      ]
    : [[["opus"], [60, 50, 900]]];
}

const panel = (title: string) => page.getByRole("region", { name: title, exact: true });
const settled = async (title: string): Promise<void> => {
  await page.getByRole("heading", { name: title, level: 1 }).waitFor();
  await expect.poll(() => page.locator(".skeleton").count()).toBe(0);
};

describe("Cost", () => {
  it("shows what was spent, on what, and where the month is going", async () => {
    await open("/cost?range=24h");
    await settled("Cost");
    expect(await stat("cost").textContent()).toBe("$9\u00a0B");
    expect(await stat("cost").getAttribute("title")).toBe("$9,007,199,254.740993001");
    expect(await stat("session").textContent()).toBe("$0.0042");
    expect(await stat("pull_request").textContent()).toBe("—");
    expect(await stat("cache").textContent()).toBe("80\u00a0%");
    expect(await panel("Cost over time").locator(".legend-item").allTextContents()).toHaveLength(2);
    expect(await panel("Tokens by kind").locator(".legend-item").allTextContents()).toContain("Cache read5\u00a0M");

    // Ten dollars a day: the month costs ten times its days, and nothing says otherwise.
    const [year = 0, month = 0] = new Intl.DateTimeFormat("en-CA", { timeZone: "Europe/Berlin" })
      .format()
      .split("-")
      .map(Number);
    const days = new Date(Date.UTC(year, month, 0)).getUTCDate();
    const forecast = panel("Month-end forecast");
    expect(await forecast.locator(".tile-value").getAttribute("title")).toBe(`$${days * 10}.00`);
    expect(await forecast.textContent()).toContain("last 28 whole days");

    expect(await panel("Where costs come from").locator("tbody tr").allTextContents()).toEqual(
      ["Reported305 K$12.0075 %", "Computed101 K$4.0025 %", "Unpriced51.5 M——"].map((text) =>
        text.replace(/ (?=[KM%])/g, "\u00a0"),
      ),
    );
    const variance = panel("Reported against computed").locator("tbody tr").first();
    expect(await variance.textContent()).toContain("$2.00 (+25\u00a0%)");
    const unpriced = panel("Unpriced models").locator("tbody tr");
    expect(await unpriced.allTextContents()).toEqual(["gpt-next1.5\u00a0M75\u00a0%100\u00a0%"]);
    expect(await panel("Unpriced models").getByRole("link").getAttribute("href")).toContain("/settings/prices");
    expect(problems).toEqual([]);
  });

  it("keeps split, ranking and filters in the URL, and asks for nothing else", async () => {
    await open("/cost?range=24h&model=opus");
    await settled("Cost");
    await page.getByLabel("Cost over time: split by").selectOption("team");
    await page.waitForURL(/by=team/);
    await panel("Cost over time").getByText("platform").waitFor();
    // A user is no filter of the URL; a team is.
    expect(await panel("Top by cost").getByRole("button", { name: "ada" }).count()).toBe(0);
    await panel("Top by cost").getByRole("radio", { name: "Team" }).check();
    await page.waitForURL(/top=team/);
    await panel("Top by cost").getByRole("button", { name: /core/ }).click();
    await page.waitForURL(/team=core/);
    await expect.poll(() => askedFor("/api/v1/metrics/unit-costs", { team: "core", model: "opus" }).length).toBe(1);
    const questions = (): string[] => askedFor("/api/v1/query").map(({ body }) => body);
    const filtered = '"filters":[{"op":"eq","of":"team","value":"core"},{"op":"eq","of":"model","value":"opus"}';
    await expect.poll(() => questions().filter((body) => body.includes(filtered)).length).toBe(3);
    await page.reload();
    await settled("Cost");
    expect(await page.getByLabel("Cost over time: split by").inputValue()).toBe("team");
    expect(await panel("Top by cost").getByRole("radio", { name: "Team" }).isChecked()).toBe(true);
  });

  it("zooms into the range that is dragged over, and gives exact amounts as a file", async () => {
    await open("/cost?range=24h");
    await settled("Cost");
    const box = await panel("Cost over time").getByRole("slider").boundingBox();
    if (box === null) throw new Error("a chart");
    await page.mouse.move(box.x + box.width / 2, box.y + 80);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width / 2 + 160, box.y + 80, { steps: 4 });
    await page.mouse.up();
    await page.waitForURL(/from=.*to=/);
    const query = new URL(page.url()).searchParams;
    const span = Date.parse(query.get("to") ?? "") - Date.parse(query.get("from") ?? "");
    expect(span).toBeGreaterThan(DAY / 24);
    expect(span).toBeLessThan(DAY / 3);
    await settled("Cost");
    await panel("Top by cost").getByRole("radio", { name: "Repo" }).check();
    await panel("Top by cost").getByText("acme/web").waitFor();
    await page.getByRole("button", { name: "Cost by repo: more" }).click();
    const [file] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("menuitem", { name: "Download CSV" }).click(),
    ]);
    expect(file.suggestedFilename()).toBe("tenfold-cost-by-repo.csv");
    const lines = (await readFile(await file.path(), "utf8")).trimEnd().split("\n");
    expect(lines[0]).toBe("\uFEFFname,cost_nano_usd,share,previous_nano_usd,change");
    expect(lines[1]).toBe(`${LONG_REPO},3000000000,0.6,3000000000,0`);
  });

  it("says what is missing when there is nothing yet", async () => {
    world.empty = true;
    await open("/cost?range=7d");
    await settled("Cost");
    await panel("Month-end forecast").getByText("Too little data for a forecast").waitFor();
    await panel("Month-end forecast").getByText("there are 0 so far").waitFor();
    await panel("Unpriced models").getByText("Nothing in this range").waitFor();
    expect(await stat("session").textContent()).toBe("—");
    expect(await violationsOf(page)).toEqual([]);
    await shoot(page, "cost-empty-light-1280");
    const wayOn = panel("Cost over time");
    expect(await wayOn.getByRole("link", { name: "Connect an agent" }).getAttribute("href")).toContain(
      "/settings/keys",
    );
    await wayOn.getByRole("button", { name: "Last 30 days" }).click();
    await page.waitForURL(/range=30d/);
    expect(problems).toEqual([]);
  });

  it("fails part by part, and comes back when asked again", async () => {
    world.refuse = (url) => ["/api/v1/query", "/api/v1/metrics/unit-costs"].includes(url.pathname);
    await open("/cost?range=24h");
    await panel("Cost over time").locator(".legend-item").first().waitFor();
    await expect.poll(() => page.getByText("The service failed, please retry", { exact: false }).count()).toBe(5);
    await shoot(page, "cost-failed-light-1280");
    expect(await violationsOf(page)).toEqual([]);
    world.refuse = null;
    await panel("Unpriced models").getByRole("button", { name: "Try again" }).click();
    await panel("Unpriced models").getByText("gpt-next").waitFor();
    expect(await panel("Where costs come from").getByRole("alert").count()).toBe(1);
  });
});

it("asks again by itself, when it is told to wait", async () => {
  world.refuse = ({ pathname }) => pathname === "/api/v1/metrics/top";
  world.refusal = { status: 429, code: "rate_limited", message: "asked for too much in a minute", retryAfter: 1 };
  await open("/cost?range=24h");
  await panel("Top by cost").getByText("asked for again by itself").waitFor();
  world.refuse = null;
  await panel("Top by cost").getByText("🦊fox").waitFor();
  expect(problems).toEqual([]);
});

describe("Quality", () => {
  it("shows what fails, how long sessions take, and what becomes of the code", async () => {
    await open("/quality?range=24h");
    await settled("Quality");
    expect(await stat("error-rate").textContent()).toBe("2.5\u00a0%");
    expect(await stat("p50").textContent()).toBe("3\u00a0m\u00a012\u00a0s");
    expect(await stat("acceptance").textContent()).toBe("90\u00a0%");
    await panel("Error rate").getByRole("radio", { name: "Table" }).check();
    const cells = await panel("Error rate").locator("tbody td:first-of-type").allTextContents();
    // Hours without events have no rate, which is not 0.
    expect(new Set(cells)).toEqual(new Set(["10 %", "—"]));
    const steps = panel("From session to pull request").locator("tbody tr");
    expect(await steps.last().locator("td").allTextContents()).toEqual(["6", "15\u00a0%", "20\u00a0%"]);
    const languages = panel("Acceptance").locator("tbody tr");
    expect(await languages.nth(1).textContent()).toContain("40\u00a0%");
    await panel("Acceptance").getByRole("radio", { name: "Model" }).check();
    await page.waitForURL(/accepted=model/);
    await panel("Acceptance").getByText("opus").waitFor();
    expect(problems).toEqual([]);
  });

  it("lists errors page by page, and leads by keyboard to the sessions of one", async () => {
    await open("/quality?range=24h&team=core");
    await settled("Quality");
    const list = page.getByRole("region", { name: "Errors; press to see the sessions" });
    const size = () => list.getByRole("table").getAttribute("aria-rowcount");
    expect(await size()).toBe("51");
    await list.evaluate((region) => region.scrollTo(0, region.scrollHeight));
    await expect.poll(size).toBe("71");
    await list.evaluate((region) => region.scrollTo(0, 0));
    await list.locator('[data-row="f0"]').focus();
    await page.keyboard.press("Enter");
    await page.waitForURL(/error=f0/);
    const sessions = page.getByRole("region", { name: "Sessions with exit_code", exact: true });
    await sessions.getByText("Command exited with code 127").waitFor();
    const asked = askedFor("/api/v1/query").find(({ body }) => body.includes('"session"'));
    expect(asked?.body).toContain('{"op":"eq","of":"error_code","value":"exit_code"}');
    expect(asked?.body).toContain('{"op":"eq","of":"team","value":"core"}');
    expect(await violationsOf(page)).toEqual([]);
    await sessions.getByRole("link", { name: "s-1" }).click();
    await page.waitForURL(/\/sessions\/s-1\?.*type=error/);
    await page.goBack();
    await sessions.waitFor();
  });

  it("says what is missing when there is nothing yet", async () => {
    world.empty = true;
    await open("/quality?range=7d", { colorScheme: "dark" });
    await settled("Quality");
    await panel("Errors").getByText("No errors in this range").waitFor();
    await panel("Acceptance").getByText("No suggestion in this range").waitFor();
    expect(await stat("error-rate").textContent()).toBe("—");
    expect(await violationsOf(page)).toEqual([]);
    await shoot(page, "quality-empty-dark-1280");
    expect(problems).toEqual([]);
  });

  it("fails part by part, and comes back when asked again", async () => {
    world.refuse = (url) => url.pathname === "/api/v1/errors" || url.searchParams.get("metric") === "errors";
    await open("/quality?range=24h");
    await panel("Errors").getByRole("button", { name: "Try again" }).waitFor();
    await panel("Error rate").getByRole("button", { name: "Try again" }).waitFor();
    expect(await panel("Session length").getByRole("alert").count()).toBe(0);
    world.refuse = null;
    await panel("Errors").getByRole("button", { name: "Try again" }).click();
    await panel("Errors").getByText("exit_code").waitFor();
    await panel("Error rate").getByRole("button", { name: "Try again" }).click();
    await panel("Error rate").locator(".legend-item").first().waitFor();
  });
});

describe.each(["light", "dark"] as const)("in %s", (colorScheme) => {
  it.each([
    ["cost", "Cost"],
    ["quality", "Quality"],
  ])("%s has nothing that axe finds, and fits a phone", async (path, title) => {
    await open(`/${path}?range=24h&top=repo`, { colorScheme });
    await settled(title);
    expect(await violationsOf(page)).toEqual([]);
    await shoot(page, `${path}-${colorScheme}-1280`);
    await page.setViewportSize(PHONE);
    await expect.poll(sidewaysOverflow).toBe(0);
    await shoot(page, `${path}-${colorScheme}-390`);
    expect(await violationsOf(page)).toEqual([]);
    expect(problems).toEqual([]);
  });
});

describe("a menu", () => {
  const more = () => page.getByRole("button", { name: "Cost over time: more" });

  it("is loaded when it is pressed, opens by key on its first item, and gives the focus back", async () => {
    const focused = () => page.evaluate(() => document.activeElement?.ariaLabel ?? document.activeElement?.textContent);
    await open("/cost?range=24h");
    await settled("Cost");
    await more().press("Enter");
    await expect.poll(focused).toBe("Download CSV");
    await page.keyboard.press("Escape");
    await expect.poll(focused).toBe("Cost over time: more");
    expect(problems).toEqual([]);
  });

  it("says so when it could not be loaded", async () => {
    await open("/cost?range=24h");
    await settled("Cost");
    await page.route(/action-menu-open/, (route) => route.abort());
    await more().click();
    await page.getByRole("alert").getByText("could not be loaded").waitFor();
    expect(problems).toEqual([]);
  });
});
