import { describe, expect, it } from "vitest";
import type { RowScope } from "../../../schema/access.ts";
import { PublicError } from "../../../schema/errors.ts";
import { type AnswerRequest, Answers, matchesTag } from "../../../workers/api/cache/answers.ts";
import { cacheKey } from "../../../workers/api/cache/key.ts";
import type { StoredAnswer } from "../../../workers/api/cache/memory.ts";
import { noSharedTier, type SharedTier } from "../../../workers/api/cache/shared-tier.ts";

const waiter = { waitUntil: () => undefined };
const policy = { freshMs: 10_000, staleMs: 60_000 };

/** A question that counts how often it is computed and charged. */
function question(overrides: Partial<AnswerRequest> = {}) {
  const counts = { computed: 0, charged: 0 };
  const ask = (more: Partial<AnswerRequest> = {}): AnswerRequest => ({
    key: "k",
    orgId: "org",
    policy,
    shared: noSharedTier,
    now: 0,
    fresh: false,
    charge: async () => {
      counts.charged += 1;
    },
    compute: async () => {
      counts.computed += 1;
      return `answer ${counts.computed}`;
    },
    ...overrides,
    ...more,
  });
  return { counts, ask };
}

describe("answers", () => {
  it("are computed and charged once for 200 equal questions at the same time", async () => {
    const answers = new Answers();
    let release: (text: string) => void = () => undefined;
    const slow = new Promise<string>((resolve) => {
      release = resolve;
    });
    const { counts, ask } = question();
    let computed = 0;
    const compute = () => {
      computed += 1;
      return slow;
    };
    const all = Array.from({ length: 200 }, () => answers.give(waiter, ask({ compute })));
    release("one");
    expect(new Set((await Promise.all(all)).map(({ text }) => text))).toEqual(new Set(["one"]));
    expect([computed, counts.charged]).toEqual([1, 1]);
  });

  it("are fresh for the policy's time, stale while a new one is made, and then waited for", async () => {
    const answers = new Answers();
    const { counts, ask } = question();
    expect(await answers.give(waiter, ask())).toMatchObject({ text: "answer 1", from: "miss" });
    expect(await answers.give(waiter, ask({ now: 9_999 }))).toMatchObject({ text: "answer 1", from: "hit" });
    expect(counts).toEqual({ computed: 1, charged: 1 });
    expect(await answers.give(waiter, ask({ now: 10_000 }))).toMatchObject({ text: "answer 1", from: "stale" });
    await expect.poll(() => counts.computed).toBe(2);
    expect(await answers.give(waiter, ask({ now: 10_001 }))).toMatchObject({ text: "answer 2", from: "hit" });
    expect(await answers.give(waiter, ask({ now: 80_000 }))).toMatchObject({ text: "answer 3", from: "miss" });
  });

  it("are made anew for who asks for that, and for an organisation that changed, not for another", async () => {
    const answers = new Answers();
    const { ask } = question();
    await answers.give(waiter, ask());
    expect((await answers.give(waiter, ask({ fresh: true }))).text).toBe("answer 2");
    answers.forget("another");
    expect((await answers.give(waiter, ask())).text).toBe("answer 2");
    answers.forget("org");
    expect((await answers.give(waiter, ask())).text).toBe("answer 3");
  });

  it("are not remembered when computing failed, and a follower is not refused for the limit of the one before it", async () => {
    const answers = new Answers();
    const { ask } = question();
    const failing = ask({ compute: () => Promise.reject(new Error("down")) });
    await expect(answers.give(waiter, failing)).rejects.toThrow("down");
    const limited = ask({ charge: () => Promise.reject(new PublicError("rate_limited", "too many")) });
    const [first, second] = await Promise.allSettled([answers.give(waiter, limited), answers.give(waiter, ask())]);
    expect(first.status).toBe("rejected");
    expect(second).toMatchObject({ status: "fulfilled", value: { text: "answer 1" } });
  });

  it("come from the shared tier while fresh there, uncharged, and are put there", async () => {
    const stored = new Map<string, StoredAnswer>();
    const shared: SharedTier = {
      get: async (key) => stored.get(key),
      set: async (key, answer) => void stored.set(key, answer),
    };
    const { counts, ask } = question({ shared });
    await new Answers().give(waiter, ask());
    const elsewhere = new Answers();
    expect((await elsewhere.give(waiter, ask({ now: 9_999 }))).text).toBe("answer 1");
    expect(counts).toEqual({ computed: 1, charged: 1 });
    expect((await new Answers().give(waiter, ask({ now: 10_000 }))).text).toBe("answer 2");
  });

  it("are bounded in memory: the least used go first, one too long is not kept", async () => {
    const answers = new Answers();
    const { counts, ask } = question();
    const compute = async () => {
      counts.computed += 1;
      return "x".repeat(500_000);
    };
    for (let n = 0; n < 13; n++) {
      await answers.give(waiter, ask({ key: `k${n}`, compute }));
      await answers.give(waiter, ask({ key: "k0", compute }));
    }
    expect(counts.computed).toBe(13);
    await answers.give(waiter, ask({ key: "k1", compute }));
    expect(counts.computed).toBe(14);
    const long = async () => "x".repeat(600_001);
    await answers.give(waiter, ask({ key: "long", compute: long }));
    expect((await answers.give(waiter, ask({ key: "long", compute: long }))).from).toBe("miss");
  });
});

describe("the key of a question", () => {
  const principal = { org_id: "o", role: "admin", user_id: "u" } as const;
  const org: RowScope = { kind: "org" };
  const base = { route: "get /x", principal, rows: org, settingsAt: "2026", input: { query: { a: 1, b: [1, 2] } } };
  const key = cacheKey(base);

  it("is the same whatever the order of fields, of a scope's users, and of fields that are not given", () => {
    expect(cacheKey({ ...base, input: { query: { b: [1, 2], a: 1, c: undefined } } })).toBe(key);
    const own = (users: string[]): RowScope => ({ kind: "users", scope: "own", users });
    expect(cacheKey({ ...base, rows: own(["a", "b"]) })).toBe(cacheKey({ ...base, rows: own(["b", "a"]) }));
  });

  it.each([
    ["route", { route: "get /y" }],
    ["organisation", { principal: { ...principal, org_id: "p" } }],
    ["role", { principal: { ...principal, role: "viewer" as const } }],
    ["scope", { rows: { kind: "users", scope: "own", users: [] } as RowScope }],
    ["users of the scope", { rows: { kind: "users", scope: "own", users: ["a,b"] } as RowScope }],
    ["settings", { settingsAt: "2027" }],
    ["order in a list", { input: { query: { a: 1, b: [2, 1] } } }],
    ["type of a value", { input: { query: { a: "1", b: [1, 2] } } }],
  ])("differs by %s", (_what, change) => {
    expect(cacheKey({ ...base, ...change })).not.toBe(key);
  });
});

describe("If-None-Match", () => {
  it.each([
    ['"a"', true],
    ['W/"a"', true],
    ['"b", "a"', true],
    ["*", true],
    ['"b"', false],
    ["", false],
    [undefined, false],
  ])("%s", (header, matches) => expect(matchesTag(header, '"a"')).toBe(matches));
});
