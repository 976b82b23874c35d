/** What each view of the whole system shows with data and without, and how a test looks at one. Used by whole-system.test.ts. */
import type { Locator, Page } from "playwright-core";
import type { Role } from "../../schema/access.ts";
import { ACME, MARKS, WAIT_MS } from "./whole-system-world.ts";

export const MARK = MARKS[ACME] ?? "";
/** "How many events of each repository?" */
export const QUESTION = btoa(JSON.stringify({ measures: [{ fn: "count" }], dimensions: ["repo"] })).replaceAll("=", "");

interface ViewCase {
  path: string;
  /** Text that only data brings. */
  data: string;
  /** What stands there for a tenant that never sent anything. */
  empty: string;
}
export const VIEWS: readonly ViewCase[] = [
  { path: "/live", data: `${MARK}/web`, empty: "No events in the last 15 minutes" },
  { path: "/overview", data: `${MARK}/web`, empty: "Get started" },
  { path: "/sessions", data: `${MARK}/web`, empty: "No session in this range" },
  { path: "/cost", data: `${MARK}-unpriced`, empty: "No cost in this range" },
  { path: "/quality", data: `E_${MARK}`, empty: "No errors in this range" },
  { path: "/security", data: `${MARK}-rule`, empty: "No alerts in this range" },
  { path: "/dashboards", data: "No dashboard yet", empty: "No dashboard yet" },
  { path: `/explore?q=${QUESTION}`, data: `${MARK}/web`, empty: "No event fits" },
  { path: "/settings/keys", data: "Demo agents (us)", empty: "Demo agents (gl-us)" },
  { path: "/settings/integrations", data: "No agent has sent telemetry yet", empty: "No agent has sent telemetry yet" },
  { path: "/settings/members", data: "manager@acme.example", empty: "manager@globex.example" },
  { path: "/settings/usage", data: "Events today", empty: "Events today" },
  { path: "/settings/pipeline", data: "History in", empty: "History in" },
  { path: "/settings/privacy", data: "Prompt", empty: "Prompt" },
  { path: "/settings/prices", data: "claude-opus", empty: "claude-opus" },
  { path: "/settings/organisation", data: "Residency", empty: "Residency" },
];

/** Width and theme of the screens that views are looked at on. */
export const LOOKS = [
  [390, "light"],
  [1280, "dark"],
  [1280, "light"],
] as const;

/** Waits for text of the view that can be seen. */
export const sees = (page: Page, text: string): Promise<void> =>
  page.locator("#main").getByText(text).filter({ visible: true }).first().waitFor({ timeout: WAIT_MS });
/** For file names. */
export const nameOf = (path: string): string => path.replace(/^\//, "").replace(/\?.*/, "").replaceAll("/", "-");
/** Buttons of the view, not of the frame around it. */
export const button = (page: Page, name: string): Locator => page.locator("#main").getByRole("button", { name });

/** Changes that the view has controls for, and whom the API lets make them. */
export const CHANGES: readonly { method: string; path: string; roles: readonly Role[] }[] = [
  { method: "POST", path: "/api/v1/keys", roles: ["admin"] },
  { method: "POST", path: "/api/v1/members", roles: ["admin"] },
  { method: "POST", path: "/api/v1/teams", roles: ["admin"] },
  { method: "PUT", path: "/api/v1/settings/rules", roles: ["admin"] },
  { method: "POST", path: "/api/v1/custom-metrics", roles: ["admin", "manager"] },
];

/** Path and status of each change with a body that nothing takes, sent as the page itself would. */
export const answersToChanges = (page: Page): Promise<[path: string, status: number][]> =>
  page.evaluate(async (changes) => {
    const headers = { "content-type": "application/json" };
    const answers: [string, number][] = [];
    for (const { method, path } of changes) {
      answers.push([path, (await fetch(path, { method, headers, body: "[]" })).status]);
    }
    return answers;
  }, CHANGES);

const ALL_BUT_ME = /\/api\/v1\/(?!me\b)/;
const FAILURE = { error: { code: "internal", message: "the service failed", request_id: "r-1" } };

/** Every request but who-am-I fails with 500, until the result is called, which also asks again wherever the page offers it. */
export async function failEverything(page: Page): Promise<() => Promise<void>> {
  await page.route(ALL_BUT_ME, (route) => route.fulfill({ status: 500, json: FAILURE }));
  return async () => {
    await page.unroute(ALL_BUT_ME);
    await button(page, "Try again").evaluateAll((all) => {
      for (const one of all) if (one instanceof HTMLElement) one.click();
    });
  };
}

/** Zooms into the last part of a chart. */
export async function dragOver(page: Page, chart: Locator): Promise<void> {
  const box = await chart.boundingBox();
  if (box === null) throw new Error("a chart has a place");
  const right = box.x + box.width - 20;
  await page.mouse.move(right - 160, box.y + 80);
  await page.mouse.down();
  await page.mouse.move(right, box.y + 80, { steps: 4 });
  await page.mouse.up();
}
