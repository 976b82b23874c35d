/** Dashboards in real Chromium against a fake server: making one, pinning, dragging, resizing, keys, two people at once, and every state. */
import { beforeEach, describe, expect, it } from "vitest";
import { BOARD, DashboardWorld, dashboardOf, METRICS, tile } from "../support/dashboard-script.ts";
import { violationsOf } from "./axe.ts";
import { DESKTOP, fake, meIn, open, PHONE, page, problems, sidewaysOverflow, withPage } from "./fake-page.ts";
import { shoot } from "./shots.ts";

withPage();

let world: DashboardWorld;
/** How far the person's dashboards:write reaches; null: no saved metrics either. */
const as = (scope: "own" | "org"): void => {
  fake.script.me = (org) => ({
    ...meIn(org),
    permissions: [
      { permission: "metrics:read", scope: "org" },
      { permission: "dashboards:write", scope },
      ...(scope === "org" ? [{ permission: "custom_metrics:write", scope: "org" } as const] : []),
    ],
  });
};

beforeEach(() => {
  world = new DashboardWorld();
  as("org");
  fake.script.api = (url, method, body) => world.answer(url, method, body);
});

const ADDRESS = "/dashboards/board?range=24h";
const tileOf = (id: string) => page.locator(`[data-tile="${id}"]`);
const drawn = async (...ids: string[]): Promise<void> => {
  for (const id of ids) await tileOf(id).locator("canvas, .tile-value, [data-row]").first().waitFor();
};
const place = (id: string, at = 0) => {
  const found = world.dashboards[at]?.items.find(({ metric_id }) => metric_id === id);
  return found === undefined ? undefined : [found.x, found.y, found.w, found.h];
};
const version = (): number | undefined => world.dashboards[0]?.version;
/** Press at a point of an element, move by so many CSS pixels, and let go unless told otherwise. */
async function drag(selector: string, by: { x: number; y: number }, letGo = true): Promise<void> {
  const box = await page.locator(selector).boundingBox();
  if (box === null) throw new Error(`nothing to drag: ${selector}`);
  const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
  await page.mouse.move(x, y);
  await page.mouse.down();
  for (let step = 1; step <= 8; step++) await page.mouse.move(x + (by.x * step) / 8, y + (by.y * step) / 8);
  if (letGo) await page.mouse.up();
}

describe("a dashboard", () => {
  it("begins empty, takes a saved metric, and says what to do before", async () => {
    await open("/dashboards");
    await page.getByText("No dashboard yet").waitFor();
    expect(await violationsOf(page)).toEqual([]);
    await shoot(page, "dashboards-empty-light-1280");
    await page.getByRole("button", { name: "New dashboard" }).first().click();
    await page.getByRole("dialog").getByLabel("Name").fill("Mine");
    expect(await violationsOf(page)).toEqual([]);
    await page.keyboard.press("Enter");
    await page.waitForURL(/\/dashboards\/d1/);
    await page.getByText("Put saved metrics side by side").waitFor();
    expect(world.dashboards).toMatchObject([{ name: "Mine", shared: false }]);
    await page.getByRole("button", { name: "Add a metric" }).first().click();
    await page.getByRole("dialog").getByLabel("Saved metric").selectOption("total");
    await page.getByRole("dialog").getByRole("button", { name: "Add" }).click();
    await drawn("total");
    await expect.poll(() => place("total")).toEqual([0, 0, 3, 3]);
    expect(problems).toEqual([]);
  });

  it("gets a metric from Explore: on a new one, then on one that exists, and once only", async () => {
    await open("/explore");
    await page.getByRole("button", { name: "Agents: more" }).click();
    await page.getByText("Pin to a dashboard…").click();
    await page.getByRole("dialog").getByLabel("Name of the dashboard").fill("From Explore");
    await page.getByRole("radio", { name: "Everyone" }).check();
    expect(await violationsOf(page)).toEqual([]);
    await shoot(page, "dashboards-pin-light-1280");
    await page.getByRole("dialog").getByRole("button", { name: "Pin" }).click();
    await page.getByText("It is on From Explore now.").waitFor();
    await page.getByRole("button", { name: "Stay here" }).click();
    await page.getByRole("link", { name: "Events", exact: true }).click();
    await page.getByRole("button", { name: "Pin…" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Pin" }).click();
    await page.getByRole("link", { name: "Open the dashboard" }).click();
    await page.waitForURL(/\/dashboards\/d1/);
    await drawn("agents", "total");
    expect(world.dashboards).toMatchObject([{ name: "From Explore", shared: true, version: 2 }]);
    expect([place("agents"), place("total")]).toEqual([
      [0, 0, 6, 6],
      [6, 0, 3, 3],
    ]);
    await page.goBack();
    await page.getByRole("button", { name: "Pin…" }).click();
    const choice = page.getByRole("dialog").locator("option", { hasText: "has it already" });
    expect(await choice.isDisabled()).toBe(true);
    expect(problems).toEqual([]);
  });

  it("is dragged and resized with the pointer, which a reload keeps; Escape leaves all as it was", async () => {
    world.dashboards = [BOARD];
    await open(ADDRESS);
    await drawn("hourly", "total", "hebrew", "agents");
    const column = ((await page.locator(".tile-grid").boundingBox())?.width ?? 0) / 12;

    await drag('[data-tile="agents"] .panel-head', { x: 0, y: -6 * 56 }, false);
    await expect.poll(() => tileOf("agents").getAttribute("data-dragged")).toBe("move");
    await shoot(page, "dashboards-drag-light-1280");
    await page.keyboard.press("Escape");
    await page.mouse.up();
    expect(await tileOf("agents").getAttribute("data-dragged")).toBeNull();
    expect(version()).toBe(1);

    await drag('[data-tile="agents"] .panel-head', { x: 0, y: -6 * 56 });
    await expect.poll(() => place("agents")).toEqual([0, 0, 6, 5]);
    expect(place("hourly")).toEqual([0, 5, 9, 6]);
    await drag('[data-tile="agents"] .tile-corner', { x: -2 * column, y: 56 });
    await expect.poll(() => place("agents")).toEqual([0, 0, 4, 6]);
    const before = await tileOf("agents").boundingBox();
    await page.reload();
    await drawn("agents", "hourly");
    expect(await tileOf("agents").boundingBox()).toEqual(before);
    expect(version()).toBe(3);
    expect(problems).toEqual([]);
  });

  it("is arranged by keys alone, says where a tile went, and keeps the focus on it", async () => {
    world.dashboards = [BOARD];
    await open(ADDRESS);
    await drawn("hourly", "total", "hebrew", "agents");
    await page.getByRole("button", { name: "Move or resize Agents" }).focus();
    const said = page.getByRole("status").filter({ hasText: "Agents" });
    await page.keyboard.press("ArrowUp");
    await said.getByText("Agents: column 1 of 12, row 1; 6 wide, 5 high").waitFor();
    await page.keyboard.press("ArrowRight");
    await page.keyboard.press("Shift+ArrowRight");
    await page.keyboard.press("Shift+ArrowDown");
    await said.getByText("Agents: column 2 of 12, row 1; 7 wide, 6 high").waitFor();
    await page.keyboard.press("ArrowUp");
    await said.getByText("Agents cannot go further").waitFor();
    await expect.poll(() => place("agents")).toEqual([1, 0, 7, 6]);
    expect(await page.evaluate(() => document.activeElement?.getAttribute("aria-label"))).toBe("Move or resize Agents");

    await page.getByRole("button", { name: "Agents: more" }).click();
    await page.getByRole("menuitem", { name: "Move and resize…" }).click();
    await page.getByRole("dialog").getByLabel("Column").fill("7");
    await page.getByRole("dialog").getByLabel("Width").fill("6");
    expect(await violationsOf(page)).toEqual([]);
    await page.keyboard.press("Enter");
    await expect.poll(() => place("agents")?.filter((_, i) => i !== 1)).toEqual([6, 6, 6]);
    expect(problems).toEqual([]);
  });

  it("follows the range and filters of the page, and opens its question in Explore", async () => {
    world.dashboards = [BOARD];
    await open(`${ADDRESS}&team=core`);
    await drawn("hourly", "total", "hebrew", "agents");
    expect(world.asked.length).toBeGreaterThanOrEqual(4);
    for (const filters of world.asked) expect(filters).toEqual({ op: "eq", of: "team", value: "core" });
    await page.getByRole("button", { name: "Events by agent: more" }).click();
    await page.getByRole("menuitem", { name: "Show as table" }).click();
    await tileOf("hourly").getByRole("table").waitFor();
    await page.getByRole("button", { name: "Events by agent: more" }).click();
    await page.getByRole("menuitem", { name: "Open in Explore" }).click();
    await page.waitForURL(/\/explore\?.*team=core.*metric=hourly|\/explore\?.*metric=hourly.*team=core/);
    expect(problems).toEqual([]);
  });

  it("is found by the palette and the keys", async () => {
    world.dashboards = [BOARD];
    await open("/explore");
    await page.getByText("Start from nothing").waitFor();
    await page.keyboard.press("g");
    await page.keyboard.press("d");
    await page.waitForURL(/\/dashboards/);
    await page.keyboard.press("Control+k");
    await page.getByRole("combobox", { name: "Find a view or an action" }).waitFor();
    await page.keyboard.type("at work");
    await page.getByRole("option", { name: "Agents at work" }).waitFor();
    await page.keyboard.press("Enter");
    await page.waitForURL(/\/dashboards\/board/);
    expect(problems).toEqual([]);
  });
});

describe("two people", () => {
  it("do not overwrite each other: the later one is told, and sees what is newer", async () => {
    world.dashboards = [BOARD];
    await open(ADDRESS);
    await drawn("hourly", "total", "hebrew", "agents");
    world.dashboards = [{ ...BOARD, version: 7, items: [tile("agents", 0, 0), tile("total", 6, 0, 3, 3)] }];
    await drag('[data-tile="agents"] .panel-head', { x: 0, y: -6 * 56 });
    await page.getByText("Somebody else changed this dashboard meanwhile.", { exact: false }).waitFor();
    expect(version()).toBe(7);
    expect(await violationsOf(page)).toEqual([]);
    await shoot(page, "dashboards-conflict-light-1280");
    await page.getByRole("button", { name: "Show the newer one" }).click();
    await expect.poll(() => page.locator("[data-tile]").count()).toBe(2);
    await page.getByRole("button", { name: "Move or resize Events", exact: true }).focus();
    await page.keyboard.press("ArrowRight");
    await expect.poll(() => place("total")).toEqual([7, 0, 3, 3]);
    expect(version()).toBe(8);
    expect(problems).toEqual([]);
  });

  it("see a shared one, which those who may not change it can only look at; their own they change", async () => {
    as("own");
    world.dashboards = [BOARD, dashboardOf("own", { name: "Mine", items: [tile("total", 0, 0, 3, 3)] })];
    await open(ADDRESS);
    await drawn("hourly", "total", "hebrew", "agents");
    expect(await page.locator("[data-handle], .tile-corner").count()).toBe(0);
    expect(await page.getByRole("button", { name: "Add a metric" }).count()).toBe(0);
    await drag('[data-tile="agents"] .panel-head', { x: 0, y: -6 * 56 });
    expect(await tileOf("agents").getAttribute("data-dragged")).toBeNull();
    await page.getByRole("link", { name: "Dashboards" }).first().click();
    await page.getByRole("list", { name: "Dashboards" }).waitFor();
    expect(await page.getByRole("button", { name: "Agents at work: more" }).count()).toBe(0);
    await page.getByRole("link", { name: "Mine" }).click();
    await drawn("total");
    await page.getByRole("button", { name: "Move or resize Events" }).focus();
    await page.keyboard.press("ArrowRight");
    await expect.poll(() => place("total", 1)).toEqual([1, 0, 3, 3]);
    expect(problems).toEqual([]);
  });
});

describe("what goes wrong", () => {
  it("stays in its tile: a question that is refused, a metric that was deleted", async () => {
    world.dashboards = [BOARD];
    world.metrics = METRICS.filter(({ metric_id }) => metric_id !== "hebrew");
    world.refuseQuestions = { status: 504, code: "query_timeout", message: "the query took too long" };
    await open(ADDRESS);
    await tileOf("total").getByRole("button", { name: "Try again" }).waitFor();
    expect(await violationsOf(page)).toEqual([]);
    await shoot(page, "dashboards-errors-light-1280");
    world.refuseQuestions = null;
    await tileOf("total").getByRole("button", { name: "Try again" }).click();
    await drawn("total");
    await tileOf("hebrew").getByText("This metric was deleted in Explore.").waitFor();
    await tileOf("hebrew").getByRole("button", { name: "Remove the tile" }).click();
    await expect.poll(() => place("hebrew")).toBeUndefined();
    expect(problems).toEqual([]);
  });

  it("is said for the whole page: no such dashboard, a plan without them, a save that did not arrive", async () => {
    await open("/dashboards/gone");
    await page.getByText("There is no such dashboard").or(page.getByText("there is no such dashboard")).waitFor();
    world.refuse = { status: 403, code: "forbidden", message: "the starter plan does not have custom_metrics_enabled" };
    await page.getByRole("link", { name: "Dashboards" }).last().click();
    await page.getByText("The starter plan does not include saved metrics.", { exact: false }).waitFor();
    world.refuse = null;
    world.dashboards = [BOARD];
    await page.goto(`${fake.url}${ADDRESS}`);
    await drawn("hourly", "total", "hebrew", "agents");
    world.refuse = { status: 503, code: "unavailable", message: "please retry" };
    await page.getByRole("button", { name: "Move or resize Agents" }).focus();
    await page.keyboard.press("ArrowRight");
    await page.getByRole("button", { name: "Save again" }).waitFor();
    world.refuse = null;
    await page.getByRole("button", { name: "Save again" }).click();
    await expect.poll(() => place("agents")).toEqual([1, 6, 6, 5]);
    expect(problems).toEqual([]);
  });
});

describe("every screen and theme", () => {
  for (const colorScheme of ["light", "dark"] as const) {
    for (const viewport of [DESKTOP, PHONE]) {
      it(`has no violation and nothing beside the screen, ${colorScheme} ${viewport.width}`, async () => {
        world.dashboards = [BOARD, dashboardOf("own", { name: "Mine" })];
        await open("/dashboards", { colorScheme, viewport });
        await page.getByRole("link", { name: "Mine" }).waitFor();
        expect(await violationsOf(page)).toEqual([]);
        await shoot(page, `dashboards-list-${colorScheme}-${viewport.width}`);
        await page.getByRole("link", { name: "Agents at work" }).click();
        await drawn("hourly", "total", "hebrew", "agents");
        expect(await violationsOf(page)).toEqual([]);
        expect(await sidewaysOverflow()).toBe(0);
        await shoot(page, `dashboards-board-${colorScheme}-${viewport.width}`);
        if (viewport === PHONE) {
          const boxes = await Promise.all(
            ["hourly", "total", "hebrew", "agents"].map((id) => tileOf(id).boundingBox()),
          );
          expect(new Set(boxes.map((box) => `${box?.x} ${box?.width}`)).size).toBe(1);
          expect(await page.locator(".tile-handle:visible").count()).toBe(0);
        }
        expect(problems).toEqual([]);
      });
    }
  }
});
