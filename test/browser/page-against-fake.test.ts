/**
 * The page in real Chromium against a fake server (test/support/fake-tenfold.ts): what people see in each state, with the
 * real content security policy. The whole system is driven by live.test.ts.
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser, BrowserContext, BrowserContextOptions, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { WINDOW_MS } from "../../schema/live.ts";
import { launchBrowser } from "../support/browser.ts";
import {
  FAKE_LOGIN,
  type FakeConnection,
  type FakeMe,
  type FakeTenfold,
  startFakeTenfold,
} from "../support/fake-tenfold.ts";
import { busyWindows, noticesOf, sessionsOf, snapshotOf, updateOf, windowStart } from "../support/live-script.ts";
import { shoot } from "./shots.ts";

const ROOT = join(import.meta.dirname, "../..");
const DESKTOP = { width: 1280, height: 900 };
const PHONE = { width: 390, height: 844 };

const ORGS: FakeMe["orgs"] = [
  { org_id: "acme", name: "Acme", role: "admin", residency: "us" },
  { org_id: "globex", name: "Globex Europe", role: "viewer", residency: "eu" },
];
const meIn = (org: string | null, orgs = ORGS): FakeMe => {
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
const busy = (connection: FakeConnection): void => {
  const at = Date.now();
  const scene = { seq: 10, at, windows: busyWindows(at), sessions: sessionsOf(at), notices: noticesOf(at) };
  connection.send(snapshotOf(scene));
};
const empty = (connection: FakeConnection): void => connection.send(snapshotOf({ seq: 1, at: Date.now() }));

let browser: Browser;
let fake: FakeTenfold;
let context: BrowserContext;
let page: Page;
/** Errors and policy violations of the page; each test ends with none but those it expects. */
let problems: string[];

/** Built into a folder of its own: web/dist may be in use by a system that runs. */
const dist = mkdtempSync(join(tmpdir(), "tenfold-page-"));

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

async function open(path: string, options: BrowserContextOptions & { signedIn?: boolean } = {}): Promise<void> {
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

const stat = (key: string) => page.locator(`[data-stat="${key}"] .tile-value`);
const phase = () => page.locator(".pill");
const sidewaysOverflow = (): Promise<number> => page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
const ready = (): Promise<void> => stat("rate").waitFor();

describe("signing in", () => {
  it("sends whoever is not signed in to the form and brings them back to the link they came with", async () => {
    await open("/live?team=core", { signedIn: false });
    await page.waitForURL(/\/sign-in\?next=/);
    await shoot(page, "sign-in-light-1280");
    await page.keyboard.type(FAKE_LOGIN.email);
    await page.keyboard.press("Tab");
    await page.keyboard.type("wrong");
    await page.keyboard.press("Enter");
    const alert = page.getByRole("alert");
    await alert.getByText("Email or password is not right").waitFor();
    await shoot(page, "sign-in-wrong-light-1280");
    expect(await page.locator("#password").evaluate((input) => input === document.activeElement)).toBe(true);
    await page.keyboard.type(FAKE_LOGIN.password);
    await page.keyboard.press("Enter");
    await page.waitForURL(/\/live\?team=core/);
    await ready();
    expect(problems).toEqual([]);
  });

  it("says when there were too many attempts, and how long to wait", async () => {
    fake.script.signIn = { status: 429, code: "rate_limited", message: "slow down", retryAfter: 30 };
    await open("/sign-in", { signedIn: false, viewport: PHONE, colorScheme: "dark" });
    await page.getByLabel("Email").fill(FAKE_LOGIN.email);
    await page.locator("#password").fill("x");
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.getByText("Try again in 30 s").waitFor();
    await shoot(page, "sign-in-limited-dark-390");
  });

  it("does not return to another site", async () => {
    await open("/sign-in?next=//evil.example/x", { signedIn: false });
    await page.getByLabel("Email").fill(FAKE_LOGIN.email);
    await page.locator("#password").fill(FAKE_LOGIN.password);
    await page.keyboard.press("Enter");
    await page.waitForURL(`${fake.url}/live`);
  });

  it("as someone else shows nothing of the person before", async () => {
    await open("/live");
    await ready();
    await page.getByRole("button", { name: "Sign out" }).click();
    await page.waitForURL(/\/sign-in/);
    const asked: (string | null)[] = [];
    fake.script.live = (connection) => {
      asked.push(connection.url.searchParams.get("org"));
      empty(connection);
    };
    fake.script.me = () => ({ ...meIn("globex", ORGS.slice(1)), email: "bob@globex.test" });
    await page.getByLabel("Email").fill(FAKE_LOGIN.email);
    await page.locator("#password").fill(FAKE_LOGIN.password);
    await page.keyboard.press("Enter");
    await page.getByText("bob@globex.test").waitFor();
    await page.getByText("No events in the last 15 minutes").waitFor();
    expect(new Set(asked)).toEqual(new Set(["globex"]));
  });

  it("signs out", async () => {
    await open("/live");
    await ready();
    await page.getByRole("button", { name: "Sign out" }).click();
    await page.waitForURL(/\/sign-in/);
    await page.goto(`${fake.url}/live`);
    await page.waitForURL(/\/sign-in\?next=/);
  });
});

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
    expect(await page.locator(".window-table tbody tr").count()).toBe(90);
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

describe("organisations", () => {
  it("are switched in the header, and nothing of the one before stays", async () => {
    fake.script.live = (connection) =>
      connection.url.searchParams.get("org") === "acme" ? busy(connection) : empty(connection);
    await open("/live?team=core");
    await ready();
    await page.getByLabel("Organisation").selectOption("globex");
    await page.waitForURL(/org=globex/);
    await page.getByText("No events in the last 15 minutes").waitFor();
    expect(page.url()).not.toContain("team=");
    expect(await page.locator("[data-session]").count()).toBe(0);
  });

  it("of others are refused with a way back", async () => {
    fake.script.me = (org) =>
      org === "initech"
        ? { status: 403, code: "forbidden", message: "you are not a member of this organisation" }
        : meIn(org);
    await open("/live?org=initech");
    await page.getByText("You cannot see this organisation").waitFor();
    await shoot(page, "error-forbidden-light-1280");
    await page.getByRole("link", { name: "Go to my organisation" }).click();
    await ready();
  });
});

describe("nothing yet", () => {
  it("shows how to send the first event, with a command to copy", async () => {
    fake.script.live = empty;
    fake.script.me = (org) => meIn(org, ORGS.slice(0, 1));
    await open("/live");
    await page.getByText("No events in the last 15 minutes").waitFor();
    await shoot(page, "empty-light-1280");
    await context.grantPermissions(["clipboard-read", "clipboard-write"]);
    await page.getByRole("button", { name: /^Copy/ }).click();
    await page.getByText("Copied").waitFor();
    const copied = await page.evaluate(() => navigator.clipboard.readText());
    expect(copied).toContain(`curl -sS '${fake.url}/v1/events'`);
    await page.setViewportSize(PHONE);
    await shoot(page, "empty-light-390");
    expect(await sidewaysOverflow()).toBeLessThanOrEqual(0);
  });

  it("shows outlines while it waits, in the places of what comes", async () => {
    fake.script.live = () => undefined;
    await open("/live", { colorScheme: "dark" });
    await page.locator(".skeleton-chart").waitFor();
    const place = () => page.locator(".live-columns").evaluate((element) => element.getBoundingClientRect().top);
    const before = await place();
    await shoot(page, "loading-dark-1280");
    await expect.poll(() => fake.connections.length).toBe(1);
    for (const connection of fake.connections) busy(connection);
    await ready();
    expect(await place()).toBe(before);
  });
});

describe("trouble", () => {
  it("shows that the connection is lost, keeps the data, resumes where it was, and catches up", async () => {
    await open("/live");
    await ready();
    await fake.kill();
    await expect.poll(() => phase().textContent(), { timeout: 10_000 }).toBe("Reconnecting");
    expect(await page.locator("[data-session]").count()).toBe(10);
    expect(await stat("tokens").textContent()).toMatch(/M$/);
    await shoot(page, "reconnecting-light-1280");
    await page.setViewportSize(PHONE);
    await shoot(page, "reconnecting-light-390");
    expect(await sidewaysOverflow()).toBeLessThanOrEqual(0);
    fake.script.live = (connection) => {
      const at = Date.now();
      const start = windowStart(at) - WINDOW_MS;
      connection.send(updateOf({ seq: 12, at, windows: [{ start, by_type: { error: [4_000] } }] }));
    };
    await fake.restart();
    await expect.poll(() => phase().textContent(), { timeout: 30_000 }).toBe("Live");
    expect(fake.connections[0]?.url.searchParams.get("since")).toBe("00112233aabbccdd.10");
    await expect.poll(() => stat("errors").getAttribute("title")).toMatch(/^4,\d{3}$/);
  });

  it("asks for a new snapshot when the server's counter started anew", async () => {
    await open("/live");
    await ready();
    fake.connections[0]?.send(updateOf({ seq: 1, at: Date.now(), epoch: "ffffffffffffffff" }));
    await expect.poll(() => fake.connections[0]?.url.searchParams.has("since"), { timeout: 10_000 }).toBe(false);
    await expect.poll(() => phase().textContent()).toBe("Live");
  });

  it("goes to sign-in when the session ended, and comes back to the same filters", async () => {
    await open("/live?team=core");
    await ready();
    fake.signOutEveryone();
    fake.connections[0]?.socket.close(4401, "expired");
    await page.waitForURL(/\/sign-in\?next=/, { timeout: 15_000 });
    await page.getByText("Your session ended").waitFor();
    await page.getByLabel("Email").fill(FAKE_LOGIN.email);
    await page.locator("#password").fill(FAKE_LOGIN.password);
    await page.keyboard.press("Enter");
    await page.waitForURL(/\/live\?team=core/);
    await ready();
  });

  it("stops and says so when rights were taken away", async () => {
    await open("/live");
    await ready();
    fake.script.me = () => ({ status: 403, code: "forbidden", message: "no" });
    fake.connections[0]?.socket.close(4403, "revoked");
    await page.getByText("You no longer have access to this organisation.").waitFor();
    expect(await page.locator("[data-session]").count()).toBe(0);
  });

  it("shows an offline device as offline", async () => {
    await open("/live", { colorScheme: "dark" });
    await ready();
    await context.setOffline(true);
    await expect.poll(() => phase().textContent()).toBe("Offline");
    await shoot(page, "offline-dark-1280");
    await context.setOffline(false);
    await expect.poll(() => phase().textContent(), { timeout: 30_000 }).toBe("Live");
  });

  it("shows a failed request with its id and recovers on retry", async () => {
    fake.script.me = () => ({
      status: 503,
      code: "unavailable",
      message: "the service is not available, please retry",
    });
    await open("/live");
    await page.getByText("This page could not be loaded").waitFor();
    expect(await page.locator(".request-id").textContent()).toBe("7f3c9a52-1d0e-4b7a-9a51-0c2f6f1f8e21");
    await shoot(page, "error-light-1280");
    fake.script.me = (org) => meIn(org);
    await page.getByRole("button", { name: "Try again" }).click();
    await ready();
  });

  it("ignores a frame it does not understand and goes on", async () => {
    await open("/live");
    await ready();
    fake.connections[0]?.socket.send('{"kind":"NEWS"}');
    const at = Date.now();
    fake.connections[0]?.send(
      updateOf({ seq: 11, at, windows: [{ start: windowStart(at), by_type: { error: [7_000] } }] }),
    );
    await expect.poll(() => stat("errors").getAttribute("title")).toMatch(/^7,\d{3}$/);
    expect(problems.join()).toContain("a live frame was not understood");
  });
});
