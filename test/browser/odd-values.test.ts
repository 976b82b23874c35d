/**
 * What charts, legends, tooltips, rankings and tables do with days of 25 hours, names from right to left, emoji, names of 300 characters,
 * nothing, and numbers no human counts to; in real Chromium against a fake server (see fake-page.ts).
 */
import { beforeEach, describe, expect, it } from "vitest";
import {
  activeUsers,
  errorGroups,
  funnel,
  questionRows,
  summary,
  timeseries,
  topByCost,
  unitCosts,
} from "../support/insight-script.ts";
import { DESKTOP, fake, open, PHONE, page, problems, sidewaysOverflow, stat, withPage } from "./fake-page.ts";
import { shoot } from "./shots.ts";

withPage();

const HOUR = 3_600_000;
const LONG = `acme/${"very-long-".repeat(29)}name!`;
const TURNED = "مستودع-العملاء (2)";
/** A control character that would turn what follows, and a family of four in one glyph. */
const TRICKY = "\u202eevil 👩‍👩‍👧‍👦";
const NAMES = [LONG, TURNED, TRICKY];
const HUGE = 1e15;
const EXACT = "1,000,000,000,000,000";

/** Of three buckets one is huge, one zero and one unknown. */
function odd(metric: string, _group: string, start: number): number | string | null {
  const which = Math.floor(start / HOUR) % 3;
  if (metric.startsWith("duration")) return which === 0 ? 2 ** 40 - 1 : null;
  const value = which === 0 ? HUGE : 0;
  return metric === "cost_nano_usd" ? `${value}000000001` : value;
}

beforeEach(() => {
  fake.script.api = (url, _method, body) => {
    const answer = answerTo(url, body);
    return answer === null ? null : { body: answer };
  };
});

function answerTo(url: URL, body: string): unknown {
  switch (url.pathname) {
    case "/api/v1/metrics/timeseries":
      return timeseries(url, odd, NAMES);
    case "/api/v1/metrics/summary":
      return summary(url, {
        events: HUGE,
        sessions: 0,
        tokens: Number.MAX_SAFE_INTEGER,
        cost_nano_usd: HUGE,
        p50: 2 ** 40,
      });
    case "/api/v1/metrics/unit-costs":
      return unitCosts(url, {
        ...{ cost: "123456789012345678901", unpriced: HUGE, unpriced_share: 1 },
        units: { session: { count: 0, cost: null }, pull_request: { count: HUGE, cost: "0" } },
      });
    case "/api/v1/metrics/top":
      return topByCost(url, [...NAMES.map((name) => [name, `${HUGE}000000001`] as const), ["", "1"]]);
    case "/api/v1/metrics/active-users":
      return activeUsers(url, HUGE, NAMES);
    case "/api/v1/metrics/funnel":
      return funnel(url, [HUGE, 1, 0]);
    case "/api/v1/errors":
      return errorGroups(
        url,
        NAMES.map((name, i) => ({
          ...{ fingerprint: `f${i}`, code: name, tool: name, shape: name, example: name },
          ...{ count: HUGE, first_seen: "2026-10-25T00:30:00.000Z", last_seen: "2026-10-25T01:30:00.000Z" },
          ...{ users: 0, sessions: HUGE },
        })),
      );
    case "/api/v1/query":
      if (body.includes('"time"')) return questionRows([]);
      if (body.includes("cost_source")) return questionRows([]);
      if (body.includes("unpriced_tokens")) return questionRows(NAMES.map((name) => [[name], [HUGE, HUGE]]));
      return questionRows(NAMES.map((name) => [[name], [HUGE, 0, 0]]));
    default:
      return null;
  }
}

const panel = (title: string) => page.getByRole("region", { name: title, exact: true });
const settled = async (): Promise<void> => {
  await page.locator("#main .panel").first().waitFor();
  await expect.poll(() => page.locator("#main .skeleton").count()).toBe(0);
};
/** What reaches beyond the screen and is not in a part that scrolls by itself. */
const beyondScreen = (): Promise<string[]> =>
  page.evaluate(() => {
    const clips = (element: Element): boolean =>
      element !== document.documentElement && (getComputedStyle(element).overflowX !== "visible" || clipped(element));
    const clipped = (element: Element): boolean => element.parentElement !== null && clips(element.parentElement);
    return [...document.querySelectorAll("#main *")]
      .filter((element) => element.getBoundingClientRect().right > innerWidth + 1 && !clipped(element))
      .map((element) => element.outerHTML.slice(0, 160));
  });
/** Names from right to left that could turn what stands beside them. */
const unisolated = (): Promise<string[]> =>
  page.evaluate(() => {
    const found: string[] = [];
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let node = texts.nextNode(); node !== null; node = texts.nextNode()) {
      const text = node.textContent ?? "";
      if (/[\u0590-\u08ff\u202e]/.test(text) && node.parentElement?.closest("bdi") === null) found.push(text);
    }
    return found;
  });

describe.each(["/overview", "/cost?by=repo&top=repo", "/quality"])("%s with odd names and numbers", (path) => {
  it("keeps its place, isolates each name, and says the whole of what is cut", async () => {
    await open(path);
    await settled();
    for (const [name, viewport] of [
      ["1280", DESKTOP],
      ["390", PHONE],
    ] as const) {
      await page.setViewportSize(viewport);
      // Charts follow a turn of the screen with its next frame.
      await expect.poll(async () => [name, await sidewaysOverflow(), await beyondScreen()]).toEqual([name, 0, []]);
      expect(await unisolated()).toEqual([]);
      expect(await page.getByTitle(LONG).count()).toBeGreaterThan(0);
      await shoot(page, `odd-${path.slice(1).replace(/\W.*/, "")}-light-${name}`);
    }
    expect(problems).toEqual([]);
  });
});

it("gives huge amounts short in sight and exact on hover, in figures, legend, tooltip and table", async () => {
  await open("/cost?range=24h&by=repo", { colorScheme: "dark" });
  await settled();
  expect(await stat("cost").getAttribute("title")).toBe("$123,456,789,012.345678901");
  expect(await stat("session").textContent()).toBe("—");
  expect(await stat("pull_request").textContent()).toBe("$0.00");
  expect(await panel("Unpriced models").getByTitle(EXACT).first().textContent()).toBe("1000\u00a0T");
  const chart = panel("Cost over time");
  expect(await chart.locator(".legend-item").first().locator("bdi").getAttribute("title")).toBe(LONG);
  await chart.getByRole("slider").focus();
  await page.keyboard.press("Home");
  const nextAmount = async (): Promise<string | null> => {
    await page.keyboard.press("ArrowRight");
    return await chart.locator(".tooltip dd").first().textContent();
  };
  await expect.poll(nextAmount).toMatch(/^\$1,000,000,000,000,000\.00/);
  const tip = await chart.locator(".tooltip").evaluate((tooltip) => {
    const { left, right } = tooltip.getBoundingClientRect();
    const parts = [...tooltip.querySelectorAll("*")].map((part) => part.getBoundingClientRect());
    return { out: parts.filter((part) => part.left < left || part.right > right).length };
  });
  expect(tip.out).toBe(0);
  await shoot(page, "odd-tooltip-dark-1280");
  await chart.getByRole("radio", { name: "Table" }).check();
  expect(await chart.locator("thead bdi").first().getAttribute("title")).toBe(LONG);
  await chart
    .locator("tbody")
    .getByText(/^\$1,000,000,000,000,000/)
    .first()
    .waitFor();
  await shoot(page, "odd-table-dark-1280");
});

describe.each([
  {
    timezoneId: "Europe/Berlin",
    ...{ from: "2026-10-24T22:00:00.000Z", to: "2026-10-25T23:00:00.000Z", day: "25 Oct 2026" },
    twice: ["25 Oct, 02:00 CEST – 02:00 CET", "25 Oct, 02:00 CET – 03:00 CET"],
    utc: "24 Oct, 22:00 – 23:00",
  },
  {
    timezoneId: "America/New_York",
    ...{ from: "2026-11-01T04:00:00.000Z", to: "2026-11-02T05:00:00.000Z", day: "1 Nov 2026" },
    twice: ["1 Nov, 01:00 GMT-4 – 01:00 GMT-5", "1 Nov, 01:00 GMT-5 – 02:00 GMT-5"],
    utc: "1 Nov, 04:00 – 05:00",
  },
])("a day of 25 hours in $timezoneId", ({ timezoneId, from, to, day, twice, utc }) => {
  it("has 25 buckets that are told apart, and is in UTC as long", async () => {
    await open(`/overview?from=${from}&to=${to}`, { timezoneId });
    await settled();
    await page.getByRole("button", { name: `Range: ${day}` }).waitFor();
    const chart = panel("Sessions");
    await chart.getByRole("slider").focus();
    await page.keyboard.press("Home");
    const titles = new Set<string | null>();
    for (let i = 0; i < 25; i++) {
      titles.add(await chart.locator(".tooltip-title").textContent());
      await page.keyboard.press("ArrowRight");
    }
    expect(titles.size).toBe(25);
    expect([...titles]).toEqual(expect.arrayContaining(twice));
    await shoot(page, `odd-${timezoneId.replace("/", "-")}-light-1280`);
    await chart.getByRole("radio", { name: "Table" }).check();
    const rows = chart.locator("tbody th");
    expect(new Set(await rows.allTextContents()).size).toBe(25);
    await page.getByRole("radio", { name: "UTC" }).check();
    await expect.poll(() => rows.last().textContent()).toBe(utc);
    expect(new Set(await rows.allTextContents()).size).toBe(25);
    expect(problems).toEqual([]);
  });
});
