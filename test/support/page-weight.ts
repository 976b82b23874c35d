/**
 * What a first view of a page loads, measured in a real browser: every JavaScript file that is asked for until the page has its data and asks
 * for nothing more, as gzip. Used by the test of the page's weight and by the bench of its speed.
 */
import { gzipSync } from "node:zlib";
import type { Browser } from "playwright-core";
import type { PAGES } from "./page-world.ts";

/** gzip bytes of JavaScript that a first view may need. */
export const MAX_FIRST_VIEW_BYTES = 200_000;

export interface PageWeight {
  name: string;
  bytes: number;
  files: { file: string; bytes: number }[];
}

/** Opens a page of a fake Tenfold with nothing in the cache. */
export async function weighPage(browser: Browser, url: string, spec: (typeof PAGES)[number]): Promise<PageWeight> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
  if (spec.signedOut !== true) await context.addCookies([{ name: "fake-session", value: "1", url, httpOnly: true }]);
  const page = await context.newPage();
  const scripts: Promise<{ file: string; bytes: number }>[] = [];
  page.on("response", (response) => {
    const { pathname } = new URL(response.url());
    if (!pathname.endsWith(".js")) return;
    scripts.push(response.body().then((body) => ({ file: pathname, bytes: gzipSync(body).length })));
  });
  await page.goto(`${url}${spec.path}`);
  await page.locator(spec.shown).first().waitFor();
  await page.locator(".skeleton, [aria-busy=true]").first().waitFor({ state: "detached" });
  await page.waitForLoadState("networkidle");
  // A view that failed would weigh less than it does.
  const failures = await page.locator("[role=alert] .text-bad").count();
  if (failures > 0) throw new Error(`${spec.name} shows ${failures} failures instead of data`);
  const files = await Promise.all(scripts);
  await context.close();
  return { name: spec.name, bytes: files.reduce((sum, { bytes }) => sum + bytes, 0), files };
}
