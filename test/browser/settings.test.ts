/** Settings and Security in real Chromium against a fake server: a key's way from its making to its first event, roles, refusals, axe. */
import { beforeEach, describe, expect, it } from "vitest";
import type { Role } from "../../schema/access.ts";
import { questionRows, timeseries } from "../support/insight-script.ts";
import {
  anAgent,
  SECRET,
  type SettingsWorld,
  settingsAnswer,
  settingsWorld,
  withRole,
} from "../support/settings-script.ts";
import { violationsOf } from "./axe.ts";
import { fake, meIn, ORGS, open, PHONE, page, problems, sidewaysOverflow, withPage } from "./fake-page.ts";
import { shoot } from "./shots.ts";

withPage();

let world: SettingsWorld;
let role: Role;

beforeEach(() => {
  world = settingsWorld(Date.now());
  role = "admin";
  fake.script.me = (org) => withRole(meIn(org, ORGS.slice(0, 1)), role);
  fake.script.api = (url, method, body) => {
    const now = Date.now();
    if (url.pathname === "/api/v1/metrics/timeseries") return { body: timeseries(url, () => 1, ["core"]) };
    if (url.pathname === "/api/v1/query") return { body: alerts(body, now) };
    return settingsAnswer(world, url, method, body, now);
  };
});

/** Two rules over time, or two alerts in the list. */
function alerts(body: string, now: number): unknown {
  const at = new Date(now - 7_200_000).toISOString();
  if (body.includes('"time"'))
    return questionRows([
      [[at, "hook_blocked"], [3]],
      [[at, "secret_seen"], [1]],
    ]);
  return questionRows([
    [
      ["hook_blocked", "medium", "ada@acme.test", "s-1"],
      [3, at],
    ],
    [
      ["secret_seen", "high", "نور", "s-2"],
      [1, at],
    ],
  ]);
}

const dialog = () => page.getByRole("dialog");
const button = (name: string) => page.getByRole("button", { name, exact: true });

describe("an ingest key", () => {
  it("is shown once, stands in the snippets, turns green with its first event, and is gone when stored", async () => {
    await open("/settings/keys");
    await button("New key").click();
    expect(
      await dialog()
        .getByLabel("Name")
        .evaluate((input) => input === document.activeElement),
    ).toBe(true);
    await page.keyboard.type("Laptops of core");
    await page.keyboard.press("Enter");
    await dialog().getByText(SECRET, { exact: true }).waitFor();
    expect(world.changes).toEqual([
      {
        method: "POST",
        path: "/api/v1/keys",
        body: { name: "Laptops of core", class: "header", allowed_ips: [], allowed_origins: [], expires_at: null },
      },
    ]);
    await dialog().getByText(`X-API-Key=${SECRET}`).waitFor();
    expect(await violationsOf(page)).toEqual([]);
    await shoot(page, "settings-key-shown-light-1280");

    // A key of the header class never goes into an address.
    await dialog().getByLabel("Gemini CLI").check();
    await dialog().getByText("Make a key of the path class").waitFor();
    expect(await dialog().locator("pre").count()).toBe(0);

    // What is shown once is not lost to a stray key.
    for (let i = 0; i < 3; i++) await page.keyboard.press("Escape");
    await dialog().getByText("Waiting for the first event").waitFor();
    const made = world.keys.find(({ key_id }) => key_id === "newkey0000");
    if (made === undefined) throw new Error("the key was not made");
    made.last_used_at = new Date().toISOString();
    world.agents.unshift(anAgent({ agent: "codex", last_seen: new Date(Date.now() + 60_000).toISOString() }));
    await dialog().getByText("The first event arrived with this key").waitFor({ timeout: 15_000 });
    await dialog().getByText("codex").waitFor({ timeout: 15_000 });
    expect(await violationsOf(page)).toEqual([]);
    await shoot(page, "settings-key-arrived-light-1280");

    await button("I have stored the key").click();
    await dialog().waitFor({ state: "detached" });
    await page.getByText("Laptops of core").waitFor();
    expect(await page.content()).not.toContain(SECRET);
    expect(problems).toEqual([]);
  });

  it("keeps what was filled in when it is refused, with the API's words", async () => {
    world.refusal = {
      status: 409,
      code: "conflict",
      message: "an organisation has at most 100 keys; revoke one first",
    };
    await open("/settings/keys");
    await button("New key").click();
    await dialog().getByLabel("Name").fill("One too many");
    await button("Create key").click();
    await dialog().getByText("at most 100 keys; revoke one first").waitFor();
    expect(await dialog().getByLabel("Name").inputValue()).toBe("One too many");
    world.refusal = null;
    await button("Create key").click();
    await dialog().getByText(SECRET, { exact: true }).waitFor();
  });

  it("is revoked only after its name was typed", async () => {
    await open("/settings/keys");
    await page.getByRole("button", { name: "Build servers: more" }).click();
    await page.getByRole("menuitem", { name: "Revoke…" }).click();
    expect(await button("Revoke").isDisabled()).toBe(true);
    await page.keyboard.type("Build server");
    expect(await button("Revoke").isDisabled()).toBe(true);
    await page.keyboard.type("s");
    await button("Revoke").click();
    await dialog().waitFor({ state: "detached" });
    await page.getByText("revoked", { exact: true }).waitFor();
    expect(world.changes).toEqual([{ method: "DELETE", path: "/api/v1/keys/old0000000", body: null }]);
  });
});

it("whoever is no admin is told so, and the API is not asked in vain", async () => {
  role = "viewer";
  const asked: string[] = [];
  const answer = fake.script.api;
  fake.script.api = (url, method, body) => {
    asked.push(url.pathname);
    return answer?.(url, method, body) ?? null;
  };
  await open("/settings");
  await page.waitForURL(/\/settings\/members/);
  await page.getByText("ada@acme.test").first().waitFor();
  expect(await page.getByRole("button", { name: /^Add/ }).count()).toBe(0);
  await page.getByRole("link", { name: "Ingest keys" }).click();
  await page.getByText("Ingest keys are for admins").waitFor();
  await page.getByText("You are a viewer of Acme").waitFor();
  expect(await violationsOf(page)).toEqual([]);
  await shoot(page, "settings-viewer-light-1280");
  await page.goto(`${fake.url}/security`);
  await page.getByText("The compliance score is for admins").waitFor();
  expect(asked.filter((path) => /keys|settings|integrations|reports|claims/.test(path))).toEqual([]);
  expect(problems).toEqual([]);
});

it("rules that could not be saved stay as they were set, and are saved with the next try", async () => {
  world.refusal = {
    status: 409,
    code: "conflict",
    message: "somebody else changed the rules at the same time; look again",
  };
  await open("/security");
  const rule = page.locator('[data-rule="hook_blocked"]');
  await rule.getByRole("checkbox").uncheck();
  await button("Save rules").click();
  await page.getByText("look again").waitFor();
  expect(await rule.getByRole("checkbox").isChecked()).toBe(false);
  world.refusal = null;
  await button("Save rules").click();
  await page.getByText("Saved", { exact: true }).waitFor();
  expect(world.changes.at(-1)?.body).toEqual({ v: 1, rules: { hook_blocked: { enabled: false } } });
});

it("a price of their own is checked as it is typed, and added before those there are", async () => {
  await open("/settings/prices");
  await button("Add price").click();
  await dialog().getByLabel("Models").fill("Our-Model, other");
  for (const label of ["Input", "Cache read", "Cache write, 5 min", "Cache write, 1 h"])
    await dialog().getByLabel(label).fill("0");
  await dialog().getByLabel("Output").fill("1,5");
  await dialog().getByText("a decimal in USD per million tokens").waitFor();
  expect(await button("Add").isDisabled()).toBe(true);
  await dialog().getByLabel("Output").fill("1.5");
  await button("Add").click();
  await dialog().waitFor({ state: "detached" });
  expect(world.changes.at(-1)?.body).toMatchObject({
    prices: [{ models: ["our-model", "other"], usd_per_million: { input: "0", output: "1.5" } }],
    factors: [{ factor: "0.85" }],
  });
});

const PAGES: readonly (readonly [path: string, sign: string])[] = [
  ["settings/keys", "Build servers"],
  ["settings/integrations", "records received"],
  ["settings/members", "ada@acme.test"],
  ["settings/usage", "950 K"],
  ["settings/pipeline", "failing"],
  ["settings/privacy", "Key of pseudonyms"],
  ["settings/prices", "openai-model"],
  ["settings/organisation", "Not in the starter plan"],
  ["security", "Receipts"],
];

describe.each(["light", "dark"] as const)("in %s", (colorScheme) => {
  it.each(PAGES)("%s has nothing that axe finds, and fits a phone", async (path, sign) => {
    await open(`/${path}`, { colorScheme });
    await page.getByText(sign).first().waitFor();
    await expect.poll(() => page.locator(".skeleton").count()).toBe(0);
    expect(await violationsOf(page)).toEqual([]);
    const name = path.replace("/", "-");
    await shoot(page, `${name}-${colorScheme}-1280`);
    await page.setViewportSize(PHONE);
    await expect.poll(sidewaysOverflow).toBe(0);
    expect(await violationsOf(page)).toEqual([]);
    await shoot(page, `${name}-${colorScheme}-390`);
    expect(problems).toEqual([]);
  });
});
