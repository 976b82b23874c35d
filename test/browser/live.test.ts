/**
 * The whole system in real Chromium: sign in, see a posted event arrive without a reload, lose the server and find it again.
 */
import { rmSync } from "node:fs";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { launchBrowser } from "../support/browser.ts";
import { startTenfold } from "../support/tenfold.ts";
import { shoot } from "./shots.ts";

type Tenfold = Awaited<ReturnType<typeof startTenfold>>;

/** The promise is two seconds under load; a busy test machine gets more. */
const ARRIVAL_MS = 15_000;
const NOTICE_MS = 15_000;
/** A restart of the whole system, and the longest delay between two attempts to connect. */
const RECOVERY_MS = 60_000;

let tenfold: Tenfold;
let browser: Browser;
let page: Page;
const problems: string[] = [];

beforeAll(async () => {
  tenfold = await startTenfold();
  browser = await launchBrowser();
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, colorScheme: "light" });
  page = await context.newPage();
  page.on("pageerror", (error) => problems.push(String(error)));
  page.on("console", (message) => {
    if (/Content Security Policy|live frame was not understood/.test(message.text())) problems.push(message.text());
  });
});
afterAll(async () => {
  await browser?.close();
  await tenfold?.stop();
  if (tenfold !== undefined) rmSync(tenfold.dataDir, { recursive: true, force: true });
});

const org = () => {
  const us = tenfold.devJson.orgs.find((one) => one.residency === "us");
  const admin = us?.users.find((user) => user.role === "admin");
  if (us === undefined || admin === undefined) throw new Error("the seed has a us tenant with an admin");
  return { ...us, admin };
};
const exact = (key: string): Promise<number> =>
  page
    .locator(`[data-stat="${key}"] .tile-value`)
    .getAttribute("title")
    .then((title) => Number((title ?? "").replaceAll(",", "")));
const phase = (): Promise<string | null> => page.locator(".pill").textContent();

async function post(events: readonly Record<string, unknown>[]): Promise<void> {
  const timestamp = new Date().toISOString();
  const response = await fetch(`${tenfold.url}/v1/events`, {
    method: "POST",
    headers: { authorization: `Bearer ${org().ingest_key}`, "content-type": "application/json" },
    body: JSON.stringify(
      events.map((event) => ({ user_id: "browser-test", session_id: "live-1", timestamp, ...event })),
    ),
  });
  expect(response.status).toBe(202);
}

describe("live, in a browser", () => {
  it("opens the live view after signing in with the keyboard alone", async () => {
    await page.goto(`${tenfold.url}/live`);
    await page.waitForURL(/\/sign-in/);
    await page.getByLabel("Email").waitFor();
    await page.keyboard.type(org().admin.email);
    await page.keyboard.press("Tab");
    await page.keyboard.type(org().admin.password);
    await page.keyboard.press("Enter");
    await page.waitForURL(`${tenfold.url}/live`);
    await expect.poll(phase, { timeout: ARRIVAL_MS }).toBe("Live");
    await page.getByText("No events in the last 15 minutes").waitFor();
  });

  it("shows a posted event without a reload: number, session and notice", async () => {
    await page.evaluate(() => document.documentElement.setAttribute("data-not-reloaded", "yes"));
    await post([
      { event_type: "session_start", agent: "claude-code", repo: "acme/browser-test", branch: "main" },
      { event_type: "code_generated", metadata: { lines_added: 42, lines_removed: 2, accepted: true } },
      { event_type: "error", metadata: { code: "E_BROWSER", message: "the tool failed on purpose" } },
    ]);
    await expect.poll(() => exact("errors"), { timeout: ARRIVAL_MS }).toBe(1);
    await expect.poll(() => exact("lines"), { timeout: ARRIVAL_MS }).toBe(42);
    await expect.poll(() => exact("sessions"), { timeout: ARRIVAL_MS }).toBe(1);
    await page.locator('[data-session="live-1"]').getByText("acme/browser-test").waitFor({ timeout: ARRIVAL_MS });
    await page.locator('.notice[data-kind="error"]').first().waitFor({ timeout: NOTICE_MS });
    expect(await page.locator("html[data-not-reloaded]").count()).toBe(1);
    await shoot(page, "system-live-light-1280");
  });

  it("applies a filter of the address over the open connection", async () => {
    await page
      .locator(".legend")
      .getByRole("button", { name: /^Error/ })
      .click();
    await page.waitForURL(/type=error/);
    await expect.poll(() => exact("lines"), { timeout: ARRIVAL_MS }).toBe(0);
    expect(await exact("errors")).toBe(1);
    await page.getByRole("button", { name: /^Clear \(1\)/ }).click();
    await expect.poll(() => exact("lines"), { timeout: ARRIVAL_MS }).toBe(42);
  });

  it("says so when the server is killed, keeps what it showed, and recovers when it is back", async () => {
    const { dataDir, url } = tenfold;
    await tenfold.kill();
    await expect.poll(phase, { timeout: ARRIVAL_MS }).toBe("Reconnecting");
    expect(await exact("lines")).toBe(42);
    await shoot(page, "system-killed-light-1280");

    tenfold = await startTenfold({ dataDir, port: Number(new URL(url).port) });
    await expect.poll(phase, { timeout: RECOVERY_MS }).toBe("Live");
    await expect.poll(() => exact("lines"), { timeout: ARRIVAL_MS }).toBe(42);
    await post([{ event_type: "code_generated", metadata: { lines_added: 8, accepted: true } }]);
    await expect.poll(() => exact("lines"), { timeout: ARRIVAL_MS }).toBe(50);
    expect(await page.locator("html[data-not-reloaded]").count()).toBe(1);
  });

  it("met no error and broke no content security policy", () => {
    expect(problems).toEqual([]);
  });
});
