/** What each view of the whole system shows with data and without, and how a test looks at one. Used by whole-system.test.ts. */
import type { Locator, Page } from "playwright-core";
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

/** Waits for text of the view that can be seen. */
export const sees = (page: Page, text: string): Promise<void> =>
  page.locator("#main").getByText(text).filter({ visible: true }).first().waitFor({ timeout: WAIT_MS });
/** For file names. */
export const nameOf = (path: string): string => path.replace(/^\//, "").replace(/\?.*/, "").replaceAll("/", "-");
/** Buttons of the view, not of the frame around it. */
export const button = (page: Page, name: string): Locator => page.locator("#main").getByRole("button", { name });

/** The status of a change with an empty body: 403 is a refusal of the person, 400 one of the body. */
export const refusal = (page: Page, method: string, path: string): Promise<number> =>
  page.evaluate(
    async ({ method, path }) => {
      const headers = { "content-type": "application/json" };
      return (await fetch(path, { method, headers, body: "{}" })).status;
    },
    { method, path },
  );
