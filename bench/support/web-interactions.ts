/**
 * What a person does with the dashboard, one act after the other with real keys and pointer: the script behind the bench's interaction
 * figure. An act counts as its slowest interaction, from the key or press to the next paint (Event Timing).
 */
import type { Page } from "playwright-core";
import { z } from "zod";
import type { Dashboard, OpenPage } from "./throttled-page.ts";

/** Event Timing reports nothing shorter. */
export const SHORTEST_MS = 16;
/** After an act the page has so long to come to rest before the next. */
const QUIET_MS = 400;

export interface Act {
  name: string;
  /** ms; 0: shorter than SHORTEST_MS. */
  longest: number;
}

type Step = readonly [name: string, act: (page: Page) => Promise<void>];

const onOverview: readonly Step[] = [
  ["open the ranges", (page) => page.getByRole("button", { name: /^Range:/ }).click()],
  ["change the range", (page) => page.getByRole("button", { name: "Last 7 days" }).click()],
  ["open a filter", (page) => page.getByRole("button", { name: "Agent" }).first().click()],
  ["type in a filter", (page) => page.keyboard.type("name-3")],
  ["choose a filter", (page) => page.keyboard.press("Enter")],
  ["isolate in a legend", (page) => page.locator(".legend button, button.legend-item").nth(2).click()],
  ["show all again", (page) => page.locator(".legend button, button.legend-item").nth(2).click()],
  ["point along a chart", async (page) => hover(page)],
  ["move along a chart by keys", async (page) => keys(page)],
  ["zoom", async (page) => zoom(page)],
  ["show a table", (page) => page.getByRole("radio", { name: "Table" }).first().click()],
  ["switch the theme", (page) => page.locator("button[title^=Theme]").click()],
  ["open the palette", (page) => page.keyboard.press("Control+k")],
  ["type in the palette", (page) => page.keyboard.type("sess")],
  ["go to sessions", (page) => page.keyboard.press("Enter")],
];
const onSessions: readonly Step[] = [
  ["sort by cost", (page) => page.getByRole("columnheader", { name: "Cost" }).getByRole("button").click()],
  ["sort by user", (page) => page.getByRole("columnheader", { name: "User" }).getByRole("button").click()],
  ["page down a list", async (page) => pageDown(page)],
  ["search", async (page) => search(page)],
  ["open a session", (page) => page.locator("[data-row]").nth(3).click()],
  ["go back", async (page) => void (await page.goBack())],
];
const onLive: readonly Step[] = [
  ["isolate a type", (page) => page.locator(".legend button").first().click()],
  ["show all types", (page) => page.locator(".legend button").first().click()],
  ["open a live filter", (page) => page.getByRole("button", { name: "Team" }).first().click()],
  ["close it", (page) => page.keyboard.press("Escape")],
  ["live as a table", (page) => page.getByRole("radio", { name: "Table" }).first().click()],
  ["live as a chart", (page) => page.getByRole("radio", { name: "Chart" }).first().click()],
  ["go to cost", (page) => page.getByRole("link", { name: "Cost" }).click()],
];

/** Every act once, each page opened anew. */
export async function actOnce(dashboard: Dashboard): Promise<Act[]> {
  const acts: Act[] = [];
  for (const [path, steps] of [
    ["/overview?range=24h", onOverview],
    ["/sessions?range=24h", onSessions],
    ["/live", onLive],
  ] as const) {
    const opened = await dashboard.open(path);
    await opened.page.waitForLoadState("networkidle");
    await longest(opened);
    for (const [name, act] of steps) {
      await act(opened.page);
      await opened.page.waitForTimeout(QUIET_MS);
      acts.push({ name, longest: await longest(opened) });
    }
    await opened.close();
  }
  return acts;
}

const longest = (opened: OpenPage): Promise<number> => opened.read("tenfoldProbe.longest()", z.number());

async function chartBox(page: Page): Promise<{ x: number; y: number; width: number; height: number }> {
  const over = page.locator(".chart .u-over").first();
  await over.scrollIntoViewIfNeeded();
  return (await over.boundingBox()) ?? { x: 300, y: 300, width: 400, height: 100 };
}

async function hover(page: Page): Promise<void> {
  const { x, y, width, height } = await chartBox(page);
  for (let i = 1; i <= 10; i++) await page.mouse.move(x + (width * i) / 12, y + height / 2);
}

async function keys(page: Page): Promise<void> {
  await page.locator(".chart-canvas").first().focus();
  for (let i = 0; i < 5; i++) await page.keyboard.press("ArrowLeft");
}

async function zoom(page: Page): Promise<void> {
  const { x, y, width, height } = await chartBox(page);
  await page.mouse.move(x + width * 0.3, y + height / 2);
  await page.mouse.down();
  await page.mouse.move(x + width * 0.6, y + height / 2, { steps: 5 });
  await page.mouse.up();
}

async function pageDown(page: Page): Promise<void> {
  await page.getByRole("region", { name: "List of sessions" }).focus();
  for (let i = 0; i < 3; i++) await page.keyboard.press("PageDown");
}

async function search(page: Page): Promise<void> {
  await page.getByRole("searchbox").first().focus();
  await page.keyboard.type("user");
}
