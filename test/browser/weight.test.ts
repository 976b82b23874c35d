/** How much JavaScript the first view of each page loads, counted in real Chromium: bytes, so the same on every machine. */
import { rmSync } from "node:fs";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { launchBrowser } from "../support/browser.ts";
import { buildPage } from "../support/built-page.ts";
import { type FakeTenfold, startFakeTenfold } from "../support/fake-tenfold.ts";
import { MAX_FIRST_VIEW_BYTES, weighPage } from "../support/page-weight.ts";
import { manySessions, PAGES, pageScript } from "../support/page-world.ts";
import { settingsWorld } from "../support/settings-script.ts";
import { busy, meIn } from "./fake-page.ts";

let dist: string;
let browser: Browser;
let fake: FakeTenfold;

beforeAll(async () => {
  dist = await buildPage();
  browser = await launchBrowser();
  const world = { sessions: manySessions(250), settings: settingsWorld(Date.now()), pageOf: null };
  fake = await startFakeTenfold(dist, pageScript(world, meIn, busy));
});
afterAll(async () => {
  await browser?.close();
  await fake?.kill();
  rmSync(dist, { recursive: true, force: true });
});

describe("the first view", () => {
  it.each(PAGES)("of $name needs at most 200 KB of JavaScript, with all its data", async (spec) => {
    const { bytes, files } = await weighPage(browser, fake.url, spec);
    expect(bytes, JSON.stringify(files, null, 1)).toBeLessThanOrEqual(MAX_FIRST_VIEW_BYTES);
    // React, the router and the parser alone: less would mean that not everything was seen.
    expect(bytes).toBeGreaterThan(MAX_FIRST_VIEW_BYTES / 2);
  });

  it("shows the header's beginning before any script has come, in the place where it stays", async () => {
    const context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
    await context.addCookies([{ name: "fake-session", value: "1", url: fake.url, httpOnly: true }]);
    const page = await context.newPage();
    await page.route("**/assets/*.js", (route) => route.abort());
    await page.goto(`${fake.url}/live`);
    const early = await page.locator(".boot .brand").boundingBox();
    expect(early?.width).toBeGreaterThan(50);
    await page.unroute("**/assets/*.js");
    await page.goto(`${fake.url}/live`);
    await page.locator("#root .brand").waitFor();
    expect(await page.locator("#root .brand").boundingBox()).toEqual(early);
    expect(await page.locator(".boot").isVisible()).toBe(false);
    await page.goto(`${fake.url}/sign-in`);
    expect(await page.locator(".boot").isVisible()).toBe(false);
    await context.close();
  });
});
