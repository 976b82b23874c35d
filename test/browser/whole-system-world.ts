/**
 * One whole system with two tenants at work and a third that never sent anything, for tests that look at it through a browser as its
 * people do. Every name that the agents of a tenant send carries the tenant's mark, so that a glimpse of another tenant is found wherever
 * it shows. Used by whole-system.test.ts.
 */
import { rmSync } from "node:fs";
import type { Browser, BrowserContext, BrowserContextOptions, Page, Request } from "playwright-core";
import { expect } from "vitest";
import { type DemoDeveloper, planOrg } from "../../dev/demo/org-plan.ts";
import { DEMO_SEED } from "../../dev/seed.ts";
import type { Role } from "../../schema/access.ts";
import { launchBrowser } from "../support/browser.ts";
import { type Books, settledBooks } from "../support/ledger.ts";
import { startTenfold, type Tenfold } from "../support/tenfold.ts";

/** A tenant at work in the us, one at work in the eu, and a global one without events. */
export const ACME = "org_acme";
export const NORDWIND = "org_nordwind";
export const GLOBEX = "org_globex";
/** Nothing else in the product has these in it. */
export const MARKS: Readonly<Record<string, string>> = { [ACME]: "acmemark7f3", [NORDWIND]: "nordmark9c1" };
/** The longest repository name that ingest takes, right to left with an emoji. */
export const LONG_REPO = `${MARKS[ACME]}/مستودع-🚀-${"x".repeat(256 - 22)}`;

export const WAIT_MS = 30_000;
const DESKTOP = { width: 1280, height: 900 };
/** Agents that play the first developers; enough for every role to see some and miss some. */
const AT_WORK = 6;

export let tenfold: Tenfold;
let browser: Browser;

export const developers = (org: string): DemoDeveloper[] => planOrg(DEMO_SEED, org).developers.slice(0, AT_WORK);
export const sessionOf = (org: string, { user_id }: DemoDeveloper): string => `${MARKS[org]}-${user_id}`;

/** Whose sessions a role of this tenant sees: own is one developer's, team is a team's by the directory, org is everybody's. */
export function visibleTo(org: string, role: Role): string[] {
  const [first, second] = developers(org);
  if (first === undefined || second === undefined) throw new Error("a tenant has developers");
  const own = role === "user" ? [first] : [second];
  const team = developers(org).filter((one) => one.team.team_id === first.team.team_id);
  const seen = role === "admin" ? developers(org) : role === "manager" ? team : own;
  return seen.map((developer) => sessionOf(org, developer)).sort();
}

/** Sends events of one tenant as its agents do. */
async function post(org: string, events: readonly Record<string, unknown>[]): Promise<void> {
  const key = tenfold.devJson.orgs.find(({ org_id }) => org_id === org)?.ingest_key;
  const response = await fetch(`${tenfold.url}/v1/events`, {
    method: "POST",
    headers: { authorization: `Bearer ${key}` },
    body: JSON.stringify(events),
  });
  expect(await response.json()).toMatchObject({ accepted: events.length, rejected: [] });
}

/** One more event of a developer's session: an error that happens now. */
export const fails = (org: string, developer: DemoDeveloper, code: string): Promise<void> =>
  post(org, [
    {
      ...{ event_type: "error", user_id: developer.user_id, session_id: sessionOf(org, developer) },
      ...{ timestamp: new Date().toISOString(), metadata: { code, message: code } },
    },
  ]);

/** A session of each developer that goes on, with something of everything that a view shows. */
async function work(org: string): Promise<Books> {
  const mark = MARKS[org] ?? "";
  const start = Date.now() - 120_000;
  const all = developers(org).flatMap((developer, n) => {
    const about = {
      user_id: developer.user_id,
      session_id: sessionOf(org, developer),
      agent: "claude-code",
      repo: n === 0 && org === ACME ? LONG_REPO : `${mark}/web`,
      branch: `${mark}-main`,
      model: `${mark}-model`,
    };
    const tokens = { input_tokens: 2 ** 40 - 1, output_tokens: 0 };
    return [
      { event_type: "session_start" },
      { event_type: "cost_incurred", metadata: { ...tokens, cost_usd: n === 0 ? 1_000_000 : 0.000_001 } },
      { event_type: "cost_incurred", model: `${mark}-unpriced`, metadata: { ...tokens, model: `${mark}-unpriced` } },
      { event_type: "code_generated", metadata: { language: mark, lines_added: 0, lines_removed: 7, accepted: true } },
      { event_type: "error", metadata: { code: `E_${mark}`, message: `${mark} failed` } },
      { event_type: "security_alert", metadata: { rule: `${mark}-rule`, severity: "high", detail: mark } },
    ].map((event, i) => ({ ...about, timestamp: new Date(start + i * 1_000).toISOString(), ...event }));
  });
  await post(org, all);
  return all.reduce<Books>((books, { event_type }) => {
    const key = `${org}/${event_type}`;
    books[key] = (books[key] ?? 0) + 1;
    return books;
  }, {});
}

/** Starts everything once; resolves when history holds what was sent. */
export async function startWorld(): Promise<void> {
  tenfold = await startTenfold();
  browser = await launchBrowser();
  const expected = { ...(await work(ACME)), ...(await work(NORDWIND)) };
  expect(await settledBooks(tenfold.devJson, expected, WAIT_MS)).toEqual(expected);
}

export async function stopWorld(): Promise<void> {
  await browser?.close();
  await tenfold?.stop();
  if (tenfold !== undefined) rmSync(tenfold.dataDir, { recursive: true, force: true });
}

/** Somebody at the screen, and everything that reached them. */
export interface Visit {
  context: BrowserContext;
  page: Page;
  /** Errors of the page and broken security policies. */
  problems: string[];
  /** Bodies of answers and frames of sockets, as text. */
  received: string[];
  /** Every answer that came has been read. */
  settled(): Promise<void>;
}

/** "" when the page has gone on before it could be read. */
async function bodyOf(request: Request): Promise<string> {
  try {
    return (await (await request.response())?.text()) ?? "";
  } catch {
    return "";
  }
}

/** Opens the form at `path`, signs in by keyboard alone, and waits for the page they came for. */
export async function visit(
  org: string,
  role: Role,
  path = "/live",
  options: BrowserContextOptions = {},
): Promise<Visit> {
  const context = await browser.newContext({
    viewport: DESKTOP,
    reducedMotion: "reduce",
    colorScheme: "light",
    ...options,
  });
  const page = await context.newPage();
  const problems: string[] = [];
  const received: string[] = [];
  const reading: Promise<unknown>[] = [];
  page.on("pageerror", (error) => problems.push(String(error)));
  page.on("console", (message) => {
    if (/Content Security Policy|not understood/.test(message.text())) problems.push(message.text());
  });
  // Not "response": one that the page gives up on would never end.
  page.on("requestfinished", (request) => {
    if (!new URL(request.url()).pathname.startsWith("/api/")) return;
    reading.push(bodyOf(request).then((text) => received.push(text)));
  });
  page.on("websocket", (socket) => socket.on("framereceived", ({ payload }) => received.push(String(payload))));
  await page.goto(`${tenfold.url}${path}`);
  const user = tenfold.devJson.orgs
    .find(({ org_id }) => org_id === org)
    ?.users.find((candidate) => candidate.role === role);
  await page.getByLabel("Email").waitFor();
  await page.keyboard.type(user?.email ?? "");
  await page.keyboard.press("Tab");
  await page.keyboard.type(user?.password ?? "");
  await page.keyboard.press("Enter");
  await page.waitForURL(`${tenfold.url}${path}`);
  return { context, page, problems, received, settled: async () => void (await Promise.all(reading)) };
}

/** What came of `org` to this visit: places in answers, frames and the page itself that carry its mark. */
export async function glimpsesOf(org: string, { page, received, settled }: Visit): Promise<string[]> {
  await settled();
  const mark = MARKS[org] ?? "";
  const places = [...received, await page.content()].flatMap((text) => {
    const at = text.indexOf(mark);
    return at < 0 ? [] : [text.slice(Math.max(0, at - 80), at + 80)];
  });
  return places;
}
