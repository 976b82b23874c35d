/** Signing in, organisations, nothing yet and trouble in real Chromium, against a fake server (see fake-page.ts). */
import { describe, expect, it } from "vitest";
import { WINDOW_MS } from "../../schema/live.ts";
import { FAKE_LOGIN } from "../support/fake-tenfold.ts";
import { updateOf, windowStart } from "../support/live-script.ts";
import {
  busy,
  context,
  empty,
  fake,
  meIn,
  ORGS,
  open,
  PHONE,
  page,
  phase,
  problems,
  ready,
  sidewaysOverflow,
  stat,
  withPage,
} from "./fake-page.ts";
import { shoot } from "./shots.ts";

withPage();

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
