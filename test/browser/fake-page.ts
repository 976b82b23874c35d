/**
 * The page in real Chromium against a fake server (test/support/fake-tenfold.ts), with the real content security policy:
 * what the two test files beside this share. The whole system is driven by live.test.ts.
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser, BrowserContext, BrowserContextOptions, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach } from "vitest";
import { launchBrowser } from "../support/browser.ts";
import {
  FAKE_LOGIN,
  type FakeConnection,
  type FakeMe,
  type FakeTenfold,
  startFakeTenfold,
} from "../support/fake-tenfold.ts";
import { busyWindows, noticesOf, sessionsOf, snapshotOf } from "../support/live-script.ts";

const ROOT = join(import.meta.dirname, "../..");
export const DESKTOP = { width: 1280, height: 900 };
export const PHONE = { width: 390, height: 844 };

export const ORGS: FakeMe["orgs"] = [
  { org_id: "acme", name: "Acme", role: "admin", residency: "us" },
  { org_id: "globex", name: "Globex Europe", role: "viewer", residency: "eu" },
];
export const meIn = (org: string | null, orgs = ORGS): FakeMe => {
  const here = orgs.find((one) => one.org_id === (org ?? "acme")) ?? ORGS[0];
  if (here === undefined) throw new Error("an org");
  return {
    user_id: "u1",
    email: FAKE_LOGIN.email,
    name: "Ada",
    org_id: here.org_id,
    org_name: here.name,
    role: here.role,
    team_id: null,
    residency: here.residency,
    permissions: [],
    orgs,
  };
};
export const busy = (connection: FakeConnection): void => {
  const at = Date.now();
  const scene = { seq: 10, at, windows: busyWindows(at), sessions: sessionsOf(at), notices: noticesOf(at) };
  connection.send(snapshotOf(scene));
};
export const empty = (connection: FakeConnection): void => connection.send(snapshotOf({ seq: 1, at: Date.now() }));

let browser: Browser;
export let fake: FakeTenfold;
export let context: BrowserContext;
export let page: Page;
/** Errors and policy violations of the page; each test ends with none but those it expects. */
export let problems: string[];

/** Built into a folder of its own: web/dist may be in use by a system that runs. */
const dist = mkdtempSync(join(tmpdir(), "tenfold-page-"));

/** Builds the page once, and gives every test a fake and an open browser. Call it first in a test file. */
export function withPage(): void {
  beforeAll(async () => {
    const build = ["build", "--logLevel", "error", "--emptyOutDir", "--outDir", dist];
    execFileSync(process.execPath, [join(ROOT, "node_modules/vite/bin/vite.js"), ...build], { cwd: ROOT });
    browser = await launchBrowser();
  });
  afterAll(async () => {
    await browser?.close();
    rmSync(dist, { recursive: true, force: true });
  });
  beforeEach(async () => {
    fake = await startFakeTenfold(dist, { me: (org) => meIn(org), live: busy });
  });
  afterEach(async () => {
    await context?.close();
    await fake.kill();
  });
}

export async function open(path: string, options: BrowserContextOptions & { signedIn?: boolean } = {}): Promise<void> {
  const { signedIn = true, ...rest } = options;
  context = await browser.newContext({
    viewport: DESKTOP,
    timezoneId: "Europe/Berlin",
    colorScheme: "light",
    reducedMotion: "reduce",
    ...rest,
  });
  if (signedIn) await context.addCookies([{ name: "fake-session", value: "1", url: fake.url, httpOnly: true }]);
  page = await context.newPage();
  problems = [];
  page.on("pageerror", (error) => problems.push(String(error)));
  page.on("console", (message) => {
    const text = message.text();
    const expected = /Failed to load resource|WebSocket connection/.test(text);
    if (["error", "warning"].includes(message.type()) && !expected) problems.push(text);
  });
  await page.goto(`${fake.url}${path}`);
}

export const stat = (key: string) => page.locator(`[data-stat="${key}"] .tile-value`);
export const phase = () => page.locator(".pill");
export const sidewaysOverflow = (): Promise<number> =>
  page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
export const ready = (): Promise<void> => stat("rate").waitFor();
