/** The live view and its filters in real Chromium, against a fake server (see fake-page.ts). */
import { describe, expect, it } from "vitest";
import { WINDOW_MS } from "../../schema/live.ts";
import { busyWindows, sessionsOf, snapshotOf, updateOf, windowStart } from "../support/live-script.ts";
import {
  busy,
  DESKTOP,
  empty,
  fake,
  open,
  PHONE,
  page,
  problems,
  ready,
  sidewaysOverflow,
  stat,
  withPage,
} from "./fake-page.ts";
import { shoot } from "./shots.ts";

withPage();

describe("the live view", () => {
  it.each([
    ["light", 1280, DESKTOP],
    ["dark", 1280, DESKTOP],
    ["light", 390, PHONE],
    ["dark", 390, PHONE],
  ] as const)("shows a busy team in %s at %i px without sideways scrolling", async (colorScheme, width, viewport) => {
    await open("/live", { colorScheme, viewport });
    await ready();
    await page.locator(".chart canvas").waitFor();
    await shoot(page, `live-${colorScheme}-${width}`);
    expect(await sidewaysOverflow()).toBeLessThanOrEqual(0);
    expect(problems).toEqual([]);
  });

  it("shows what arrives without a reload, with one chart and nothing moving", async () => {
    await open("/live");
    await ready();
    await page.evaluate(() => document.querySelector(".chart canvas")?.setAttribute("data-same", "yes"));
    const place = () => page.locator(".live-columns").evaluate((element) => element.getBoundingClientRect().top);
    const before = await place();
    const at = Date.now();
    const burst = { start: windowStart(at), by_type: { error: [5_000] } };
    fake.connections[0]?.send(updateOf({ seq: 11, at, windows: [burst], sessions: sessionsOf(at) }));
    await expect.poll(() => stat("errors").getAttribute("title"), { timeout: 5_000 }).toMatch(/^5,\d{3}$/);
    expect(await page.locator('.chart canvas[data-same="yes"]').count()).toBe(1);
    expect(await place()).toBe(before);
  });

  it("hatches the time that nobody knows about", async () => {
    fake.script.live = (connection) => {
      const at = Date.now();
      const from = windowStart(at) - 40 * WINDOW_MS;
      const windows = busyWindows(at).filter((window) => window.start >= from);
      connection.send(snapshotOf({ seq: 1, at, windows, from }));
    };
    await open("/live?view=table", { colorScheme: "dark" });
    await ready();
    expect(await page.locator(".window-gap").count()).toBeGreaterThanOrEqual(48);
    await page.getByRole("radio", { name: "Chart" }).check();
    await page.locator(".chart canvas").waitFor();
    await shoot(page, "live-gap-dark-1280");
  });

  it("gives exact values of the window under the pointer", async () => {
    await open("/live");
    await ready();
    const box = await page.locator(".chart .u-over").boundingBox();
    if (box === null) throw new Error("the chart has no place");
    await page.mouse.move(box.x + box.width * 0.75, box.y + box.height / 2);
    await page.locator(".tooltip-total").waitFor();
    const rows = await page.locator(".tooltip-rows > div:not(.tooltip-total) dd").allTextContents();
    const total = await page.locator(".tooltip-total dd").textContent();
    expect(rows.map(Number).reduce((sum, count) => sum + count, 0)).toBe(Number(total));
    await shoot(page, "live-hover-light-1280");
    await page.mouse.move(5, 5);
    await page.locator(".tooltip").waitFor({ state: "detached" });
    await page.locator(".chart-canvas").focus();
    await page.keyboard.press("ArrowLeft");
    await page.locator(".tooltip-total").waitFor();
  });

  it("has the same numbers as a table, and remembers that in the address", async () => {
    await open("/live");
    await ready();
    await page.getByRole("radio", { name: "Table" }).check();
    await page.waitForURL(/view=table/);
    await expect.poll(() => page.locator(".window-table tbody tr").count()).toBe(90);
    await shoot(page, "live-table-light-1280");
    await page.reload();
    await page.locator(".window-table").waitFor();
  });

  it("shows the hours of the viewer's zone or of UTC, and remembers which", async () => {
    await open("/live?view=table");
    await ready();
    const first = () => page.locator(".window-table tbody th").first().textContent();
    const hour = async (): Promise<number> => Number((await first())?.slice(0, 2));
    const local = await hour();
    await page.getByRole("radio", { name: "UTC" }).check();
    expect((local - (await hour()) + 24) % 24).toBeGreaterThan(0);
    await page.reload();
    await ready();
    expect(await page.getByRole("radio", { name: "UTC" }).isChecked()).toBe(true);
  });

  it("keeps the chosen theme over a reload", async () => {
    await open("/live");
    await ready();
    await page.getByRole("button", { name: /^Theme: system/ }).click();
    await page.getByRole("button", { name: /^Theme: light/ }).click();
    await page.reload();
    await ready();
    expect(await page.evaluate(() => document.documentElement.dataset.theme)).toBe("dark");
  });
});

describe("filters", () => {
  it("go to the address and over the open connection, by keyboard alone", async () => {
    const asked: unknown[] = [];
    fake.script.live = (connection, message) => {
      if (message !== null) asked.push(message);
      if (message === null) busy(connection);
      else empty(connection);
    };
    await open("/live");
    await ready();
    await page.getByRole("button", { name: "Repo", exact: true }).focus();
    await page.keyboard.press("Enter");
    await page.keyboard.type("payme");
    await shoot(page, "live-filter-menu-light-1280");
    await page.keyboard.press("Enter");
    await page.waitForURL(/repo=acme%2Fpayments/);
    await page.getByText("No events match these filters").waitFor();
    expect(asked).toEqual([{ kind: "FILTER", filter: { repo: "acme/payments" } }]);
    await shoot(page, "live-no-match-light-1280");
    await page.locator(".window-empty").getByRole("button", { name: "Clear filters" }).click();
    await page.waitForURL(`${fake.url}/live`);
    expect(fake.connections).toHaveLength(1);
  });

  it("of a link are in the first connection", async () => {
    await open("/live?team=core&type=error&nonsense=1&repo=");
    await ready();
    const asked = fake.connections[0]?.url.searchParams;
    expect(Object.fromEntries(asked ?? [])).toEqual({ org: "acme", type: "error", team: "core" });
  });

  it("offer a value that was typed and never seen", async () => {
    await open("/live", { viewport: PHONE, colorScheme: "dark" });
    await ready();
    await page.getByRole("button", { name: "Model", exact: true }).click();
    await page.getByRole("combobox", { name: "Search Model" }).fill("o9-giga");
    await shoot(page, "live-filter-menu-dark-390");
    await page.getByRole("option", { name: "Use “o9-giga”" }).click();
    await page.waitForURL(/model=o9-giga/);
  });

  it("by type also work from the legend", async () => {
    await open("/live");
    await ready();
    const item = page.locator(".legend").getByRole("button", { name: /Error/ });
    await item.click();
    await page.waitForURL(/type=error/);
    await item.click();
    await page.waitForURL(`${fake.url}/live`);
  });
});
