/** Sessions in real Chromium against a fake server: the list, a session's page, following one that runs, odd values, accessibility. */
import { beforeEach, describe, expect, it } from "vitest";
import type { z } from "zod";
import type { CompletenessSchema } from "../../schema/api/integrations.ts";
import type { Session, TimelineEvent } from "../../schema/api/sessions.ts";
import type { FakeAnswer } from "../support/fake-tenfold.ts";
import { eventOf, SESSION_START, sessionOf, sessionPage, workOf } from "../support/session-script.ts";
import { violationsOf } from "./axe.ts";
import { context, DESKTOP, fake, open, PHONE, page, problems, sidewaysOverflow, withPage } from "./fake-page.ts";
import { shoot } from "./shots.ts";

withPage();

/** What the fake knows; tests change it while the page runs. */
let world: {
  sessions: Session[];
  events: TimelineEvent[];
  completeness: z.infer<typeof CompletenessSchema> | null;
  refuse: FakeAnswer | null;
  asked: URL[];
};

const refused = (status: number): FakeAnswer => ({
  status,
  code: "internal",
  message: "the service failed, please retry",
});

function manySessions(count: number): Session[] {
  return Array.from({ length: count }, (_, i) =>
    sessionOf({
      session_id: `s${i}`,
      user_id: `user-${i % 40}`,
      errors: i % 3,
      started_at: new Date(SESSION_START - i * 60_000).toISOString(),
    }),
  );
}

beforeEach(() => {
  world = { sessions: manySessions(250), events: workOf(60), completeness: null, refuse: null, asked: [] };
  fake.script.api = (url) => {
    if (!url.pathname.startsWith("/api/v1/sessions")) return null;
    world.asked.push(url);
    if (world.refuse !== null) return world.refuse;
    const id = decodeURIComponent(url.pathname.slice("/api/v1/sessions/".length));
    return id === "" ? { body: listPage(url.searchParams) } : oneSession(id, url.searchParams);
  };
});

function listPage(query: URLSearchParams): unknown {
  const words = query.get("q") ?? "";
  const found = world.sessions.filter(
    ({ session_id, user_id }) => session_id.startsWith(words) || user_id.includes(words),
  );
  const from = Number(query.get("cursor") ?? 0);
  const to = from + Number(query.get("limit"));
  return {
    org_id: "acme",
    scope: "org",
    from: query.get("from"),
    to: query.get("to"),
    sessions: found.slice(from, to),
    next_cursor: to < found.length ? String(to) : null,
  };
}

function oneSession(id: string, query: URLSearchParams): FakeAnswer | null {
  const session = world.sessions.find(({ session_id }) => session_id === id);
  if (session === undefined) return null;
  const answer = sessionPage({ ...session, started_at: world.events[0]?.timestamp ?? "" }, world.events, query);
  return { body: { ...answer, completeness: world.completeness } };
}

const rows = (things: string) => page.getByRole("region", { name: `List of ${things}` }).locator("[data-row]");
const timeline = () => page.getByRole("slider");
const spoken = (): Promise<string | null> => timeline().getAttribute("aria-valuetext");

describe("the list", () => {
  it("loads more as it is scrolled, is searched, opens a session by keyboard, and is as it was on the way back", async () => {
    await open("/sessions?range=7d&team=core");
    await page.getByText("100 loaded, newest first").waitFor();
    const list = page.getByRole("region", { name: "List of sessions" });
    for (const status of ["200 loaded, newest first", "250"]) {
      await list.evaluate((region) => region.scrollTo(0, region.scrollHeight));
      await page.getByText(status, { exact: true }).waitFor();
    }
    // Only what is in sight is in the page.
    expect(await rows("sessions").count()).toBeLessThan(60);
    expect(world.asked.every((url) => url.searchParams.get("team") === "core")).toBe(true);

    await page.getByRole("button", { name: "Errors" }).click();
    await list.evaluate((region) => region.scrollTo(0, 0));
    await expect.poll(() => rows("sessions").first().textContent()).toContain("user-2");

    await page.getByRole("searchbox", { name: "Search sessions" }).fill("user-7");
    await page.waitForURL(/q=user-7/);
    await expect.poll(() => rows("sessions").count()).toBe(7);
    await rows("sessions").first().focus();
    await page.keyboard.press("Enter");
    await page.waitForURL(/\/sessions\/s\d+\?/);

    await timeline().focus();
    for (let i = 0; i < 3; i++) await page.keyboard.press("ArrowRight");
    expect(await spoken()).toMatch(/^Tool call Bash, at \+2.s, 700.ms$/);
    await expect
      .poll(() => rows("events").and(page.locator("[aria-current=true]")).textContent())
      .toContain("Tool call");
    await page.getByText("custom.tool_call", { exact: true }).waitFor();
    await page.keyboard.press("End");
    expect(await spoken()).toContain("+59");
    await page.keyboard.press("+");
    await page.waitForURL(/zoom=\d+-\d+/);
    await page.keyboard.press("Home");
    expect(await spoken()).toContain("Session start");
    await page.keyboard.press("0");
    await page.waitForURL((url) => !url.searchParams.has("zoom"));

    await page.goBack();
    await page.waitForURL(/\/sessions\?/);
    expect(new URL(page.url()).searchParams.toString()).toBe("range=7d&team=core&q=user-7");
    expect(await page.getByRole("searchbox", { name: "Search sessions" }).inputValue()).toBe("user-7");
    await expect.poll(() => rows("sessions").count()).toBe(7);
    expect(problems).toEqual([]);
  });

  it("gives the loaded rows as CSV", async () => {
    await open("/sessions?range=7d");
    await page.getByRole("button", { name: "Sessions: more" }).click();
    const saved = page.waitForEvent("download");
    await page.getByRole("menuitem", { name: "Download CSV (100)" }).click();
    expect((await saved).suggestedFilename()).toBe("tenfold-sessions.csv");
  });

  it("says what to do when there is none, when nothing matches, and when it cannot be had", async () => {
    world.refuse = refused(500);
    await open("/sessions");
    const alert = page.getByRole("alert");
    await alert.getByText("The service failed", { exact: false }).waitFor();
    await alert.getByText("7f3c9a52-1d0e-4b7a-9a51-0c2f6f1f8e21").waitFor();
    await shoot(page, "sessions-error-light-1280");
    world = { ...world, refuse: null, sessions: [] };
    await alert.getByRole("button", { name: "Try again" }).click();
    await page.getByText("No session in this range").waitFor();
    expect(await page.locator(".command pre").textContent()).toContain(`${fake.url}/v1/events`);
    expect(await violationsOf(page)).toEqual([]);
    await shoot(page, "sessions-empty-light-1280");
    for (const viewport of [DESKTOP, PHONE]) {
      await page.setViewportSize(viewport);
      const main = await page.locator("#main").boundingBox();
      const command = await page.locator(".command").boundingBox();
      expect(command?.x).toBeGreaterThanOrEqual(main?.x ?? 0);
      expect(command?.width).toBeLessThan((main?.width ?? 0) - 24);
    }
    await shoot(page, "sessions-empty-light-390");
    await page.getByRole("searchbox", { name: "Search sessions" }).fill("nobody");
    await page.getByText("No session matches").waitFor();
    await page.getByRole("button", { name: "Clear search and filters" }).click();
    await page.waitForURL((url) => !url.searchParams.has("q"));
    expect(await page.getByRole("searchbox", { name: "Search sessions" }).inputValue()).toBe("");
  });

  it("keeps what is loaded when a later page fails, and goes on from there", async () => {
    await open("/sessions");
    await page.getByText("100 loaded, newest first").waitFor();
    world.refuse = refused(500);
    const list = page.getByRole("region", { name: "List of sessions" });
    await list.evaluate((region) => region.scrollTo(0, region.scrollHeight));
    await page.getByText("More could not be loaded").waitFor();
    expect(await rows("sessions").count()).toBeGreaterThan(10);
    world.refuse = null;
    await page.getByRole("button", { name: "Try again" }).click();
    await page.getByText("200 loaded, newest first").waitFor();
  });
});

describe("a session", () => {
  it("that does not exist, or is another organisation's, is not found, with a way on", async () => {
    await open("/sessions/secret?team=core");
    await page.getByText("There is no such session").waitFor();
    expect(await violationsOf(page)).toEqual([]);
    await shoot(page, "session-missing-light-1280");
    await page.getByRole("link", { name: "Show all sessions" }).click();
    await page.waitForURL(/\/sessions\?team=core/);
  });

  it("is zoomed by dragging, tells exact values on hover, and is reset", async () => {
    await open("/sessions/s1");
    await timeline().waitFor();
    const box = await timeline().boundingBox();
    if (box === null) throw new Error("the timeline has a place");
    await page.mouse.move(box.x + 400, box.y + 60);
    await page.mouse.down();
    await page.mouse.move(box.x + 700, box.y + 60, { steps: 4 });
    await page.mouse.up();
    await page.waitForURL(/zoom=2\d{4}-3\d{4}/);
    // The model's lane: calls take most of the time.
    for (let x = 100; x < 900 && (await page.getByText("1,500 ms").count()) === 0; x += 10) {
      await page.mouse.move(box.x + x, box.y + 54);
    }
    expect(await page.getByText("1,500 ms").count()).toBe(1);
    expect(await page.getByText("5,420").count()).toBeGreaterThan(0);
    await page.mouse.move(0, 0);
    await page.getByRole("button", { name: "Reset zoom" }).click();
    await page.waitForURL((url) => !url.searchParams.has("zoom"));
    expect(problems).toEqual([]);
  });

  it("lists one type on demand, opens the event of a link, and copies its metadata and its address", async () => {
    world.events = [eventOf(0, "session_start"), eventOf(1, "error", { code: "E1", deep: { a: { b: { c: 42 } } } })];
    await open("/sessions/s1?event=e1&type=error");
    await expect.poll(() => rows("events").count()).toBe(1);
    expect(await rows("events").first().getAttribute("aria-current")).toBe("true");
    for (const name of [/^a:/, /^b:/]) await page.getByRole("button", { name }).click();
    await page.getByText("42", { exact: true }).waitFor();
    await context.grantPermissions(["clipboard-read", "clipboard-write"]);
    await page.getByRole("button", { name: "Copy as JSON" }).click();
    await page.getByText("Copied").waitFor();
    const copied: unknown = JSON.parse(await page.evaluate(() => navigator.clipboard.readText()));
    expect(copied).toEqual({ code: "E1", deep: { a: { b: { c: 42 } } } });
    await page.getByRole("button", { name: "Copy link to this event" }).click();
    await expect
      .poll(() => page.evaluate(() => navigator.clipboard.readText()))
      .toBe(`${fake.url}/sessions/s1?org=acme&event=e1`);
  });

  it("that runs grows at its end while what is read and chosen stays, until it ends", async () => {
    const running = (): Session =>
      sessionOf({
        session_id: "live",
        ended: false,
        outcome: "",
        last_event_at: new Date().toISOString(),
        events: world.events.length,
      });
    world.events = workOf(150);
    world.sessions = [running()];
    await open("/sessions/live");
    await page.getByText("Running", { exact: true }).waitFor();
    const table = page.getByRole("region", { name: "List of events" });
    await table.evaluate((region) => region.scrollTo(0, 700));
    await rows("events").nth(12).click();
    const chosen = await page.locator("[aria-current=true][data-row]").getAttribute("data-row");
    const top = await table.evaluate((region) => region.scrollTop);
    world.events = workOf(430);
    world.sessions = [running()];
    await page.getByRole("status").getByText("430", { exact: true }).waitFor({ timeout: 20_000 });
    expect(await table.evaluate((region) => region.scrollTop)).toBe(top);
    expect(await page.locator("[aria-current=true][data-row]").getAttribute("data-row")).toBe(chosen);

    // A late event belongs between others, and its page is asked again.
    const late = eventOf(3.5, "error", { message: "came late" });
    world.events = [...world.events.slice(0, 4), late, ...world.events.slice(4)];
    world.sessions = [{ ...running(), ended: true, outcome: "completed" }];
    await page.getByRole("status").getByText("431", { exact: true }).waitFor({ timeout: 20_000 });
    await page.getByText("completed", { exact: true }).waitFor();
    expect(problems).toEqual([]);
  });

  it("of 5,000 events shows the first 2,000 and more on demand", async () => {
    world.events = workOf(5_000);
    world.sessions = [sessionOf({ session_id: "big", events: 5_000 })];
    await open("/sessions/big");
    await page.getByText("The first 2,000 of 5,000 events").waitFor();
    await page.getByRole("button", { name: "Load more" }).click();
    await page.getByText("The first 3,000 of 5,000 events").waitFor();
    expect(await rows("events").count()).toBeLessThan(60);
    // Each page once, and not one more than is shown.
    const cursors = world.asked.flatMap((url) => url.searchParams.get("cursor") ?? []);
    expect(cursors).toEqual(Array.from({ length: 14 }, (_, i) => String((i + 1) * 200)));
  });

  it("of odd names, huge numbers and hostile metadata stays in its place", async () => {
    const id = "odd/1 %2F?#ü";
    const url = "javascript:alert(1)";
    const wide = Object.fromEntries(Array.from({ length: 300 }, (_, i) => [`k${i}`, i]));
    const metadata = { number: 7, title: "<b>🚀</b>", url, wide, long: "z".repeat(9_000), "<img src=x>": "\u202eabc" };
    world.events = [eventOf(0, "pr_created", metadata, { repo: "x".repeat(256) })];
    world.sessions = [
      sessionOf({
        session_id: id,
        user_id: "ليلى 👩‍💻",
        repo: `مستودع/${"x".repeat(300)}`,
        agent: "",
        models: [],
        branch: "",
        events: 1,
        tokens: 9e15,
        cost_nano_usd: "123456789012345678901",
        last_event_at: new Date(SESSION_START).toISOString(),
      }),
    ];
    await open("/sessions", { viewport: PHONE, colorScheme: "dark" });
    await rows("sessions").first().waitFor();
    expect(await sidewaysOverflow()).toBeLessThanOrEqual(0);
    expect(await violationsOf(page)).toEqual([]);
    await shoot(page, "sessions-odd-dark-390");
    await rows("sessions").first().click();
    await page.waitForURL(`${fake.url}/sessions/${encodeURIComponent(id)}`);
    await rows("events").first().click();
    await page.getByText("\\u202eabc").waitFor();
    await page.getByText("200 more").waitFor();
    expect(await page.locator('a[href^="javascript"]').count()).toBe(0);
    expect(await sidewaysOverflow()).toBeLessThanOrEqual(0);
    expect(await violationsOf(page)).toEqual([]);
    await shoot(page, "session-odd-dark-390");
    expect(problems).toEqual([]);
  });
});

it.each(["light", "dark"] as const)("axe finds nothing on the list and a session's page in %s", async (colorScheme) => {
  world.sessions = manySessions(30).map((session, i) =>
    i === 3 ? { ...session, unpriced_tokens: 9, ended: false } : session,
  );
  await open("/sessions?range=7d", { colorScheme });
  await rows("sessions").first().waitFor();
  expect(await violationsOf(page)).toEqual([]);
  await shoot(page, `sessions-${colorScheme}-1280`);
  world.completeness = { sessions: 1, share: 0.97, missing_records: 3, ledger_difference: null };
  await rows("sessions").first().click();
  await page.getByText(/^97.% of the agent's records, 3 missing$/).waitFor();
  await timeline().focus();
  for (let i = 0; i < 4; i++) await page.keyboard.press("ArrowRight");
  expect(await violationsOf(page)).toEqual([]);
  await shoot(page, `session-${colorScheme}-1280`);
  await page.setViewportSize(PHONE);
  expect(await violationsOf(page)).toEqual([]);
  expect(await sidewaysOverflow()).toBeLessThanOrEqual(0);
  await shoot(page, `session-${colorScheme}-390`);
  await page.setViewportSize(DESKTOP);
});
