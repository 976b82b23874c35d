/**
 * Pages of the built dashboard in real Chromium on a processor slowed down four times, against a fake Tenfold with seeded data. Used by bench/web.
 * The parts in bench/page are put into each page; what they answer is parsed, because it comes from another process.
 */
import { rmSync } from "node:fs";
import { build } from "esbuild";
import type { Browser, CDPSession, Page } from "playwright-core";
import type { z } from "zod";
import { inRoot } from "../../dev/paths.ts";
import { launchBrowser } from "../../test/support/browser.ts";
import { buildPage } from "../../test/support/built-page.ts";
import {
  type FakeConnection,
  type FakeMe,
  type FakeTenfold,
  startFakeTenfold,
} from "../../test/support/fake-tenfold.ts";
import { busyWindows, noticesOf, sessionsOf, snapshotOf } from "../../test/support/live-script.ts";
import { type PageWorld, pageScript } from "../../test/support/page-world.ts";

/** A laptop of today slowed down to a cheap phone, as browsers' own tools do it. */
export const SLOW_DOWN = 4;
const VIEWPORT = { width: 1280, height: 900 };
const ORGS: FakeMe["orgs"] = [{ org_id: "acme", name: "Acme", role: "admin", residency: "us" }];
const ME: FakeMe = {
  user_id: "u1",
  email: "ada@acme.test",
  name: "Ada",
  org_id: "acme",
  org_name: "Acme",
  role: "admin",
  team_id: null,
  residency: "us",
  permissions: [],
  orgs: ORGS,
};

export interface Dashboard {
  browser: Browser;
  fake: FakeTenfold;
  /** Opens a path in a context of its own, with nothing in its cache. */
  open(path: string, options?: { slow?: boolean }): Promise<OpenPage>;
  close(): Promise<void>;
}

export interface OpenPage {
  page: Page;
  cdp: CDPSession;
  /** Evaluates an expression in the page. */
  read<T>(expression: string, schema: z.ZodType<T>): Promise<T>;
  close(): Promise<void>;
}

/** A snapshot of a busy quarter of an hour, for whoever connects. */
export function busy(connection: FakeConnection): void {
  const at = Date.now();
  const scene = { seq: 10, at, windows: busyWindows(at), sessions: sessionsOf(at), notices: noticesOf(at) };
  connection.send(snapshotOf(scene));
}

export async function startDashboard(world: PageWorld): Promise<Dashboard> {
  const dist = await buildPage();
  const fake = await startFakeTenfold(
    dist,
    pageScript(
      world,
      () => ME,
      (connection, message) => {
        if (message === null || message.kind === "FILTER") busy(connection);
      },
    ),
  );
  const browser = await launchBrowser();
  const parts = await Promise.all(["probe", "redraw"].map(bundle));
  return {
    browser,
    fake,
    open: (path, { slow = true } = {}) => open(browser, `${fake.url}${path}`, parts, slow),
    close: async () => {
      await browser.close();
      await fake.kill();
      rmSync(dist, { recursive: true, force: true });
    },
  };
}

async function open(browser: Browser, url: string, parts: readonly string[], slow: boolean): Promise<OpenPage> {
  const context = await browser.newContext({ viewport: VIEWPORT, colorScheme: "light" });
  await context.addCookies([{ name: "fake-session", value: "1", url: new URL(url).origin, httpOnly: true }]);
  const page = await context.newPage();
  for (const content of parts) await page.addInitScript({ content });
  const cdp = await context.newCDPSession(page);
  if (slow) await cdp.send("Emulation.setCPUThrottlingRate", { rate: SLOW_DOWN });
  await page.goto(url);
  return {
    page,
    cdp,
    read: async (expression, schema) => schema.parse(await page.evaluate(expression)),
    close: () => context.close(),
  };
}

async function bundle(name: string): Promise<string> {
  const built = await build({
    entryPoints: [inRoot("bench/page", `${name}.ts`)],
    bundle: true,
    minify: true,
    format: "iife",
    target: "es2023",
    write: false,
    define: { "process.env.NODE_ENV": '"production"' },
  });
  return built.outputFiles[0]?.text ?? "";
}
