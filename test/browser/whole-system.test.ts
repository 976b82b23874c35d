/**
 * The whole system in real Chromium, as its people meet it: each role signs in, sees its rows and may do what the API lets it; every view
 * with data, without, failing and offline; links, zoom and keyboard; and never a glimpse of another tenant in what reached the browser.
 */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ROLES } from "../../schema/access.ts";
import { shoot } from "./shots.ts";
import {
  answersToChanges,
  button,
  CHANGES,
  dragOver,
  failEverything,
  LOOKS,
  MARK,
  nameOf,
  QUESTION,
  sees,
  VIEWS,
} from "./whole-system-views.ts";
import {
  ACME,
  developers,
  fails,
  GLOBEX,
  glimpsesOf,
  LONG_REPO,
  MARKS,
  NORDWIND,
  sessionOf,
  startWorld,
  stopWorld,
  tenfold,
  type Visit,
  visibleTo,
  visit,
  WAIT_MS,
} from "./whole-system-world.ts";

beforeAll(startWorld);
afterAll(stopWorld);

describe.each(ROLES)("%s", (role) => {
  let here: Visit;
  const admin = role === "admin";
  const saves = admin || role === "manager";
  afterAll(() => here?.context.close());

  it("signs in by keyboard and sees the sessions of their rows, and no others", async () => {
    here = await visit(ACME, role, "/sessions");
    const { page } = here;
    const rows = page.getByRole("table", { name: "List of sessions" }).locator("[data-row]");
    await rows.first().waitFor({ timeout: WAIT_MS });
    const shown = await rows.evaluateAll((all) => all.map((row) => row.getAttribute("data-row") ?? ""));
    expect(shown.sort()).toEqual(visibleTo(ACME, role));
    // A session of somebody whose rows they do not see is one that is not there.
    const hidden = visibleTo(ACME, "admin").find((id) => !shown.includes(id));
    if (hidden !== undefined) {
      await page.goto(`${tenfold.url}/sessions/${encodeURIComponent(hidden)}`);
      await sees(page, "There is no such session");
    }
  });

  it("finds controls where the API takes the change, and only there", async () => {
    const { page } = here;
    await page.goto(`${tenfold.url}/settings/members`);
    await sees(page, `${role}@acme.example`);
    expect(await button(page, "Add a member").count()).toBe(admin ? 1 : 0);
    await page.goto(`${tenfold.url}/settings/keys`);
    await sees(page, admin ? "Demo agents (us)" : "Ingest keys are for admins");
    expect(await button(page, "New key").count()).toBe(admin ? 1 : 0);
    await page.goto(`${tenfold.url}/security`);
    await sees(page, admin ? "Save rules" : "Security rules and residency are for admins");
    await page.goto(`${tenfold.url}/explore?q=${QUESTION}`);
    await sees(page, MARK);
    expect(await button(page, "Save as…").count()).toBe(saves ? 1 : 0);

    // A body that is refused, 400, changes nothing; whoever may not change it is refused themselves.
    const answers = CHANGES.map(({ path, roles }) => [path, roles.includes(role) ? 400 : 403]);
    expect(await answersToChanges(page)).toEqual(answers);
    expect(here.problems).toEqual([]);
  });

  it("receives nothing of another tenant", async () => {
    const { page } = here;
    for (const name of ["Live", "Overview", "Sessions", "Cost", "Quality", "Security", "Explore"]) {
      await page.getByRole("navigation", { name: "Views" }).getByRole("link", { name }).click();
      await page.getByRole("heading", { level: 1, name }).waitFor();
      await expect.poll(() => page.locator("#main .skeleton").count(), { timeout: WAIT_MS }).toBe(0);
      expect(await glimpsesOf(NORDWIND, here)).toEqual([]);
    }
    // What looks for glimpses does find them.
    expect((await glimpsesOf(ACME, here)).length).toBeGreaterThan(5);
    for (const [path, answer] of [
      ["/live?org=org_nordwind", "You cannot see this organisation"],
      [`/sessions/${encodeURIComponent(visibleTo(NORDWIND, "admin")[0] ?? "")}`, "There is no such session"],
    ] as const) {
      await page.goto(`${tenfold.url}${path}`);
      await page.getByText(answer).waitFor({ timeout: WAIT_MS });
      await here.settled();
      expect(here.received.join("\n")).not.toContain(MARKS[NORDWIND]);
    }
  });
});

describe("every view", () => {
  let here: Visit;
  beforeAll(async () => {
    here = await visit(ACME, "admin");
  });
  afterAll(() => here?.context.close());

  it("shows data, keeps its place at 1280 and 390 pixels, and says the whole of what is cut", async () => {
    const { page } = here;
    for (const { path, data } of VIEWS) {
      await page.goto(`${tenfold.url}${path}`);
      await sees(page, data);
      for (const [width, colorScheme] of LOOKS) {
        await page.setViewportSize({ width, height: 900 });
        await page.emulateMedia({ colorScheme });
        // Charts follow a turn of the screen with its next frame.
        const overflow = () => page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
        await expect.poll(async () => [path, width, await overflow()]).toEqual([path, width, 0]);
        await shoot(page, `system-${nameOf(path)}-${colorScheme}-${width}`);
      }
      if (["/live", "/overview", "/sessions"].includes(path)) {
        expect([path, await page.getByTitle(LONG_REPO).count()]).not.toEqual([path, 0]);
      }
    }
    expect(here.problems).toEqual([]);
  });

  it("says that it could not be loaded, part by part, and comes back without a reload", async () => {
    const { page } = here;
    for (const { path, data } of VIEWS.slice(1)) {
      const recover = await failEverything(page);
      await page.goto(`${tenfold.url}${path}`);
      await button(page, "Try again").first().waitFor();
      expect([path, await page.locator("#main .skeleton").count()]).toEqual([path, 0]);
      await recover();
      await sees(page, data);
      await expect.poll(() => button(page, "Try again").count()).toBe(0);
    }
    expect(here.problems).toEqual([]);
  });

  it("of a tenant that never sent anything says so, and what to do", async () => {
    const empty = await visit(GLOBEX, "admin");
    for (const { path, empty: text } of VIEWS) {
      await empty.page.goto(`${tenfold.url}${path}`);
      await sees(empty.page, text);
      expect([path, await button(empty.page, "Try again").count()]).toEqual([path, 0]);
    }
    expect(await glimpsesOf(ACME, empty)).toEqual([]);
    expect(await glimpsesOf(NORDWIND, empty)).toEqual([]);
    expect(empty.problems).toEqual([]);
    await empty.context.close();
  });

  it("of a tenant in the EU is its own", async () => {
    const eu = await visit(NORDWIND, "admin", "/sessions");
    await sees(eu.page, `${MARKS[NORDWIND]}/web`);
    expect(await glimpsesOf(ACME, eu)).toEqual([]);
    await eu.context.close();
  });
});

describe("moving around", () => {
  let here: Visit;
  const query = (): URLSearchParams => new URL(here.page.url()).searchParams;
  beforeAll(async () => {
    here = await visit(ACME, "admin");
  });
  afterAll(() => here?.context.close());

  it("keeps filters and zoom in the address over a reload, to another view, back and forward", async () => {
    const { page } = here;
    const repo = `${MARK}/web`;
    await page.goto(`${tenfold.url}/cost?range=24h&by=user&repo=${encodeURIComponent(repo)}`);
    const chart = page.getByRole("region", { name: "Cost over time", exact: true });
    const slider = chart.getByRole("slider");
    await dragOver(page, slider);
    await page.waitForURL(/from=.*to=/);
    const zoomed = page.url();
    expect([query().get("repo"), query().get("by"), query().has("range")]).toEqual([repo, "user", false]);

    await page.reload();
    expect(page.url()).toBe(zoomed);
    await chart.locator(".legend-item").first().waitFor({ timeout: WAIT_MS });
    expect(await page.getByLabel("Cost over time: split by").inputValue()).toBe("user");
    await page.getByRole("link", { name: "Quality" }).click();
    await page.waitForURL(/\/quality/);
    expect([query().get("repo"), query().get("from"), query().has("by")]).toEqual([
      repo,
      new URL(zoomed).searchParams.get("from"),
      false,
    ]);
    await page.goBack();
    await page.waitForURL(zoomed);
    await chart.locator(".legend-item").first().waitFor();
    await page.goForward();
    await page.waitForURL(/\/quality/);
    await sees(page, `E_${MARK}`);
  });

  it("leads by keys alone from the list to a session, its events and another view", async () => {
    const { page } = here;
    await page.goto(`${tenfold.url}/live`);
    await sees(page, `${MARK}/web`);
    await page.keyboard.press("g");
    await page.keyboard.press("s");
    await page.waitForURL(/\/sessions/);
    await page.locator("[data-row]").first().waitFor();
    const onRow = () => page.evaluate(() => document.activeElement?.hasAttribute("data-row") === true);
    for (let tabs = 0; !(await onRow()) && tabs < 60; tabs++) await page.keyboard.press("Tab");
    const id = await page.evaluate(() => document.activeElement?.getAttribute("data-row") ?? "");
    expect(visibleTo(ACME, "admin")).toContain(id);
    await page.keyboard.press("Enter");
    await page.waitForURL(`${tenfold.url}/sessions/${encodeURIComponent(id)}`);
    await sees(page, MARK);
    await page.keyboard.press("g");
    await page.keyboard.press("c");
    await page.waitForURL(/\/cost/);
    expect(here.problems).toEqual([]);
  });

  it("follows a session, says when the device is offline, and catches up, all without a reload", async () => {
    const { page, context } = here;
    const [, developer] = developers(ACME);
    if (developer === undefined) throw new Error("a developer");
    await page.goto(`${tenfold.url}/sessions/${encodeURIComponent(sessionOf(ACME, developer))}`);
    await sees(page, `E_${MARK}`);
    await page.evaluate(() => document.documentElement.setAttribute("data-not-reloaded", "yes"));
    await fails(ACME, developer, "E_ONLINE");
    await sees(page, "E_ONLINE");

    const note = page.getByRole("status").getByText("Offline.");
    await context.setOffline(true);
    await note.waitFor();
    await fails(ACME, developer, "E_MEANWHILE");
    await sees(page, "E_ONLINE");
    await shoot(page, "system-offline-light-1280");
    await context.setOffline(false);
    await sees(page, "E_MEANWHILE");
    expect(await note.count()).toBe(0);
    expect(await page.locator("html[data-not-reloaded]").count()).toBe(1);
    expect(here.problems).toEqual([]);
  });
});
