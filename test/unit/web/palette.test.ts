/** What is reachable from everywhere: the palette's list and ranking, the link that is shared, the first steps. */
import { describe, expect, it } from "vitest";
import { SavedQuerySchema } from "../../../schema/api/query.ts";
import { NAV } from "../../../web/src/app/nav.ts";
import { onboardingSteps } from "../../../web/src/app/onboarding-steps.ts";
import { commandsOf } from "../../../web/src/app/palette-commands.ts";
import { rankCommands } from "../../../web/src/app/palette-rank.ts";
import { shareLink } from "../../../web/src/app/share-link.ts";

const ORGS = [
  { org_id: "acme", name: "Acme", role: "admin" as const, residency: "us" as const },
  { org_id: "globex", name: "Globex Europe", role: "viewer" as const, residency: "eu" as const },
];
const QUESTION = SavedQuerySchema.parse({ measures: [{ fn: "count" }] });
const commands = commandsOf(
  { org_id: "acme", orgs: ORGS },
  { theme: "dark", zone: "local" },
  [
    { metric_id: "m1", name: "Cost per PR", query: QUESTION },
    { metric_id: "m2", name: "Broken", query: null },
  ],
  [{ dashboard_id: "d1", name: "Team costs" }],
);
const find = (typed: string): string[] => rankCommands(commands, typed).map(({ label }) => label);
const command = (label: string, words = "") => ({ label, words });
const rank = (typed: string, ...list: { label: string; words: string }[]): string[] =>
  rankCommands(list, typed).map(({ label }) => label);

describe("the commands", () => {
  it("are every view with its keys, the other organisations, and the settings that would change something", () => {
    for (const { label, key } of NAV) {
      expect(commands.find((one) => one.label === label)?.keys).toEqual(["g", key]);
    }
    const labels = commands.map(({ label }) => label);
    expect(labels).toContain("Globex Europe");
    expect(labels).not.toContain("Acme");
    expect(labels).toContain("Light theme");
    expect(labels).not.toContain("Dark theme");
    expect(labels).not.toContain("Times in my time zone");
    expect(labels).toContain("Cost per PR");
    expect(labels).not.toContain("Broken");
    expect(labels).toContain("Team costs");
    expect(labels.at(-1)).toBe("Sign out");
  });

  it("have ids that differ and are fit for an element, and views have keys that differ", () => {
    expect(new Set(commands.map(({ id }) => id)).size).toBe(commands.length);
    expect(commands.every(({ id }) => !/\s/.test(id))).toBe(true);
    expect(new Set(NAV.map(({ key }) => key)).size).toBe(NAV.length);
  });
});

describe("ranking", () => {
  it("keeps the list as it is while nothing is typed", () => {
    expect(rankCommands(commands, "  ")).toEqual(commands);
  });

  it("puts the start of a label before the start of a word, before the middle, before other words", () => {
    const list = [
      command("Other", "cost of it"),
      command("Forecost"),
      command("Month cost"),
      command("Cost"),
      command("Nothing"),
    ];
    expect(rank("cost", ...list)).toEqual(["Cost", "Month cost", "Forecost", "Other"]);
  });

  it("finds by words people use, by every typed word in any order, and by letters left out", () => {
    expect(find("money")[0]).toBe("Cost");
    expect(find("dark")).toEqual([]);
    expect(find("utc times")).toEqual(["Times in UTC"]);
    expect(find("ovrvw")).toEqual(["Overview"]);
    expect(find("zzz")).toEqual([]);
  });

  it("makes no difference of case, accents and forms, and takes other scripts and signs as they are", () => {
    expect(rank("ecole", command("École"))).toEqual(["École"]);
    expect(rank("ÉCOLE", command("ecole"))).toEqual(["ecole"]);
    expect(rank("شركة", command("شركة النور"), command("Acme"))).toEqual(["شركة النور"]);
    expect(rank("🚀", command("Launch 🚀"), command("Acme"))).toEqual(["Launch 🚀"]);
    expect(rank("(.*", command("a(.*)b"), command("Acme"))).toEqual(["a(.*)b"]);
  });
});

describe("the shared link", () => {
  const NOW = Date.parse("2026-11-22T12:00:30Z");
  it("has fixed ends instead of a range that moves on, the organisation, and everything else as it is", () => {
    expect(shareLink("https://t.example/cost?range=7d&team=core&by=model", "acme", NOW)).toBe(
      "https://t.example/cost?team=core&by=model&org=acme&from=2026-11-15T12%3A01%3A00.000Z&to=2026-11-22T12%3A01%3A00.000Z",
    );
  });

  it("keeps ends that were chosen, and says the range that is meant when none is", () => {
    const chosen = "https://t.example/overview?from=2026-01-01T00%3A00%3A00.000Z&to=2026-02-01T00%3A00%3A00.000Z";
    expect(shareLink(chosen, "acme", NOW)).toBe(`${chosen}&org=acme`);
    expect(shareLink("https://t.example/overview", "acme", NOW)).toContain("from=2026-11-21T12%3A01%3A00.000Z");
  });

  it("leaves views without a range alone", () => {
    expect(shareLink("https://t.example/live?team=core", "acme", NOW)).toBe(
      "https://t.example/live?team=core&org=acme",
    );
    expect(shareLink("https://t.example/sessions/s1", "acme", NOW)).toBe("https://t.example/sessions/s1?org=acme");
  });
});

describe("the first steps", () => {
  const done = (progress: Parameters<typeof onboardingSteps>[0]): boolean[] =>
    onboardingSteps(progress).map((step) => step.done);
  const key = { status: "active", last_used_at: null };
  it("are done by what there is: a key that works, a key that was used, an event, a second member", () => {
    expect(done({ keys: [], events: 0, members: 1 })).toEqual([false, false, false, false]);
    expect(done({ keys: [key], events: 0, members: 1 })).toEqual([true, false, false, false]);
    const revoked = { status: "revoked", last_used_at: "2026-11-22T10:00:00.000Z" };
    expect(done({ keys: [revoked], events: 0, members: 2 })).toEqual([false, true, false, true]);
    expect(done({ keys: [key], events: 1, members: 1 })).toEqual([true, true, true, false]);
  });
});
