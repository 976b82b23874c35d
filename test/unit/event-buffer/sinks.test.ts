import { expect, test } from "vitest";
import { admit } from "../../../durable-objects/event-buffer/admission.ts";
import type { DeadLetter } from "../../../durable-objects/event-buffer/dead-letter.ts";
import { RecentPacks } from "../../../durable-objects/event-buffer/recent-packs.ts";
import { archiveSink, clickHouseSink, compositionToken } from "../../../durable-objects/event-buffer/sinks.ts";
import { makePack, ORG } from "../../workers/event-buffer/packs.ts";

const PLAN = { to: 2, at: Date.UTC(2026, 10, 22, 7, 5) };

test("an archived flush has a key of its hour that depends on nothing but its composition", async () => {
  const keys: string[] = [];
  const sink = archiveSink(async (key) => keys.push(key), "0123456789abcdef0123456789abcdef");
  const packs = [{ seq: 1, bytes: makePack().bytes }];
  await sink({ orgId: ORG, plan: PLAN, packs });
  await sink({ orgId: ORG, plan: PLAN, packs });
  expect(new Set(keys)).toEqual(new Set([`packs/2026-11-22/07/${PLAN.at}-0123456789abcdef-2`]));
});

test("a stored pack that this version cannot read becomes a dead letter; the others are inserted", async () => {
  const letters: DeadLetter[] = [];
  let inserted = 0;
  const sink = clickHouseSink(
    async (bodies) => {
      inserted += bodies.length;
      return { kind: "ok" };
    },
    async (letter) => {
      letters.push(letter);
    },
    "buffer",
    () => PLAN.at,
  );
  const packs = [makePack().bytes, Uint8Array.of(84, 70, 99), makePack().bytes].map((bytes, i) => ({
    seq: i + 1,
    bytes,
  }));
  expect(await sink({ orgId: ORG, plan: PLAN, packs })).toEqual({ passed: 3, skipped: 1, error: null });
  expect(inserted).toBe(2);
  expect(letters.map(({ key }) => key)).toEqual([`dead-letters/2026-11-22/${ORG}/unreadable-2`]);
});

test("the token of a composition changes with its buffer, its packs and their order", async () => {
  const compositions: [string, string[]][] = [
    ["a", ["1:x", "2:y"]],
    ["a", ["2:y", "1:x"]],
    ["a", ["1:x"]],
    ["b", ["1:x", "2:y"]],
    ["a", ["3:x", "4:y"]],
  ];
  const tokens = await Promise.all(compositions.map(([buffer, packs]) => compositionToken(buffer, packs)));
  expect(new Set(tokens).size).toBe(compositions.length);
  expect(await compositionToken("a", ["1:x", "2:y"])).toBe(tokens[0]);
});

test("only packs of this org and of the EU are admitted, in a request of this version", () => {
  const { bytes, packId } = makePack({ events: 3 });
  expect(admit({ v: 1, org_id: ORG, packs: [bytes] }, null).packs).toMatchObject([{ packId, events: 3 }]);
  expect(() => admit({ v: 2, org_id: ORG, packs: [bytes] }, null)).toThrow("version");
  expect(() => admit({ v: 1, org_id: ORG, packs: ["text"] }, null)).toThrow("version");
  expect(() => admit({ v: 1, org_id: ORG, packs: [new Uint8Array(127_001)] }, null)).toThrow("larger");
});

test("duplicates are known while they wait, and forgotten with what has passed", () => {
  const recent = new RecentPacks();
  const known = (): string[] => ["a", "b"].filter((packId) => recent.unknown([{ packId }]).length === 0);
  recent.remember("a", 1);
  recent.remember("b", 2);
  expect(known()).toEqual(["a", "b"]);
  recent.forget(1);
  expect(known()).toEqual(["b"]);
  expect(recent.unknown([{ packId: "c" }, { packId: "c" }])).toEqual([{ packId: "c" }]);
});
