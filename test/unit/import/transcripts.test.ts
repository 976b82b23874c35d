import { readFileSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ClaudeCodeMapper } from "../../../dev/import/claude-code.ts";
import { CodexMapper } from "../../../dev/import/codex.ts";
import type { Found } from "../../../dev/import/found.ts";
import { importFiles } from "../../../dev/import/run.ts";
import { SETTLED_MS, type TranscriptMapper } from "../../../dev/import/transcript.ts";
import { EventSchema } from "../../../schema/event.ts";

const FIXTURES = join(import.meta.dirname, "../../fixtures/transcripts");
const NOW = Date.parse("2026-11-20T00:00:00Z");

type Sent = Record<string, unknown>;

async function imported(path: string): Promise<{ sent: Sent[]; summary: Awaited<ReturnType<typeof importFiles>> }> {
  const sent: Sent[] = [];
  const client = {
    async send(events: readonly object[]) {
      sent.push(...events.map((event) => ({ ...event })));
      return { accepted: events.length, duplicates: 0, rejected: [], failures: [] };
    },
  };
  const summary = await importFiles({ path, format: "auto", user: "dev@acme.example", now: NOW, client });
  return { sent, summary };
}

const identity = ({ event_type, timestamp, event_id }: Sent): string => `${event_type}|${timestamp}|${event_id}`;
const parseLines = (text: string): unknown[] =>
  text
    .trim()
    .split("\n")
    .map((line): unknown => JSON.parse(line));

describe.each(["claude-code", "codex"])("the %s importer", (kind) => {
  it("gives exactly the reviewed events", async () => {
    const { sent } = await imported(join(FIXTURES, kind));
    expect(sent).toEqual(parseLines(readFileSync(join(FIXTURES, "expected", `${kind}.ndjson`), "utf8")));
  });

  it("sends only events that pass the contract, and nothing private", async () => {
    const { sent, summary } = await imported(join(FIXTURES, kind));
    for (const event of sent) expect(EventSchema.safeParse(event).error).toBeUndefined();
    expect(await readFile(summary.files[0]?.path ?? "", "utf8")).toContain("PRIVATE");
    expect(JSON.stringify(sent)).not.toContain("PRIVATE");
  });

  it("gives the same identities when it is run again", async () => {
    const first = (await imported(join(FIXTURES, kind))).sent.map(identity);
    expect((await imported(join(FIXTURES, kind))).sent.map(identity)).toEqual(first);
  });

  it("meets unknown and unfinished lines with a count, not an error", async () => {
    const { summary } = await imported(join(FIXTURES, kind));
    expect(summary.problems).toEqual([]);
    expect([...summary.other.keys()].join("\n")).toMatch(/kind.of.next.year/);
  });
});

function run(mapper: TranscriptMapper, records: unknown[]): Sent[] {
  const found: Found[] = [];
  records.forEach((record, i) => {
    found.push(...mapper.record(record, i + 1));
  });
  found.push(...mapper.end());
  return found.flatMap((one) => (one.kind === "event" ? [{ ...one.event }] : []));
}
const options = (now = NOW) => ({ user: "u", fallbackSession: "s1", now });
const ofType = (events: Sent[], type: string): Sent[] => events.filter(({ event_type }) => event_type === type);

describe("Claude Code logs", () => {
  const answer = (at: string, id: string, output: number, extra: object = {}): object => ({
    type: "assistant",
    sessionId: "s1",
    timestamp: at,
    requestId: "r1",
    message: { id, model: "m", content: [], usage: { input_tokens: 1, output_tokens: output } },
    ...extra,
  });

  it("count a streamed answer once, with its last usage and its first time", () => {
    const costs = ofType(
      run(new ClaudeCodeMapper(options()), [
        answer("2026-11-01T00:00:01Z", "a", 1),
        answer("2026-11-01T00:00:02Z", "b", 7),
        answer("2026-11-01T00:00:03Z", "a", 90),
      ]),
      "cost_incurred",
    );
    expect(costs).toMatchObject([
      { timestamp: "2026-11-01T00:00:01.000Z", metadata: { output_tokens: 90 } },
      { timestamp: "2026-11-01T00:00:02.000Z", metadata: { output_tokens: 7 } },
    ]);
    expect(costs.every(({ metadata }) => !Object.hasOwn(Object(metadata), "cost_usd"))).toBe(true);
  });

  it("keep the cost that older versions wrote", () => {
    const [cost] = ofType(
      run(new ClaudeCodeMapper(options()), [answer("2026-11-01T00:00:01Z", "a", 1, { costUSD: 0.0125 })]),
      "cost_incurred",
    );
    expect(cost).toMatchObject({ metadata: { cost_usd: 0.0125 } });
  });

  it("do not claim the end of a session that may still be running", () => {
    const at = Date.parse("2026-11-01T00:00:01Z");
    const ends = (now: number) =>
      ofType(run(new ClaudeCodeMapper(options(now)), [answer("2026-11-01T00:00:01Z", "a", 1)]), "session_end").length;
    expect(ends(at + SETTLED_MS - 1)).toBe(0);
    expect(ends(at + SETTLED_MS)).toBe(1);
  });

  it("survive fields of any other shape", () => {
    const strange = [null, 3, "x", [], {}, { type: 5 }, { type: "assistant", timestamp: "not a time" }];
    const wrong = [
      { type: "assistant", timestamp: "2026-11-01T00:00:00Z", message: 7, sessionId: {}, cwd: 5 },
      {
        type: "assistant",
        timestamp: "2026-11-01T00:00:00Z",
        message: { id: 1, model: 2, usage: "x", content: { a: 1 } },
      },
      { type: "user", timestamp: "2026-11-01T00:00:00Z", message: { content: [null, 5, { type: "tool_result" }] } },
      { type: "pr-link", timestamp: "2026-11-01T00:00:00Z", prNumber: -5, prUrl: 8 },
      {
        type: "assistant",
        timestamp: "2026-11-01T00:00:00Z",
        message: { id: "z", model: "m", usage: { output_tokens: 1e300 } },
      },
    ];
    for (const event of run(new ClaudeCodeMapper(options()), [...strange, ...wrong])) {
      expect(EventSchema.safeParse(event).error).toBeUndefined();
    }
  });
});

describe("Codex logs", () => {
  const line = (second: number, type: string, payload: object): object => ({
    timestamp: new Date(Date.parse("2026-11-01T00:00:00Z") + second * 1_000).toISOString(),
    type,
    payload,
  });
  const tokens = (second: number, input: number, last?: number): object =>
    line(second, "event_msg", {
      type: "token_count",
      info: {
        total_token_usage: { input_tokens: input, cached_input_tokens: 0, output_tokens: 0 },
        ...(last === undefined ? {} : { last_token_usage: { input_tokens: last } }),
      },
    });
  const inputs = (events: Sent[]): unknown[] =>
    ofType(events, "cost_incurred").map(({ metadata }) => Reflect.get(Object(metadata), "input_tokens"));

  it("cost what the totals grew by, once however often they are repeated", () => {
    const events = run(new CodexMapper(options()), [tokens(1, 100), tokens(2, 100), tokens(3, 250), tokens(4, 250)]);
    expect(inputs(events)).toEqual([100, 150]);
  });

  it("take the answer's own figure when totals begin elsewhere or shrink", () => {
    const events = run(new CodexMapper(options()), [tokens(1, 9_000, 40), tokens(2, 9_100), tokens(3, 30, 30)]);
    expect(inputs(events)).toEqual([40, 100, 30]);
  });

  it.each([
    ["names its parent", { forked_from_id: "parent" }, []],
    ["repeats its parent's head", {}, [line(0.01, "session_meta", { id: "parent" })]],
  ])("count a forked session from its fork on, when it %s", (_, fork, parent) => {
    const events = run(new CodexMapper(options()), [
      line(0, "session_meta", { id: "child", ...fork }),
      ...parent,
      line(0.02, "event_msg", { type: "user_message" }),
      tokens(0.03, 100),
      tokens(0.04, 300),
      line(5, "event_msg", { type: "user_message" }),
      tokens(9, 350),
    ]);
    expect(inputs(events)).toEqual([50]);
    expect(ofType(events, "custom.turn")).toHaveLength(1);
    expect(new Set(events.map(({ session_id }) => session_id))).toEqual(new Set(["child"]));
  });

  it("survive fields of any other shape", () => {
    const wrong = [
      null,
      [],
      { type: "event_msg" },
      line(1, "event_msg", { type: "token_count", info: 5 }),
      line(1, "event_msg", { type: "token_count", info: { total_token_usage: { input_tokens: "x" } } }),
      line(1, "response_item", { type: "function_call", name: 5, arguments: { deep: { er: [1] } } }),
      line(1, "response_item", { type: "function_call_output", call_id: "c", output: { content: [{ text: 5 }] } }),
      line(1, "event_msg", { type: "patch_apply_end", success: true, changes: { "a.rs": 5 } }),
      line(1, "session_meta", { id: 5, git: "x" }),
    ];
    for (const event of run(new CodexMapper(options()), wrong)) {
      expect(EventSchema.safeParse(event).error).toBeUndefined();
    }
  });
});

describe("a log that grew since the last import", () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "tenfold-import-"));
  });
  afterAll(() => rm(folder, { recursive: true }));

  it("gives the old identities again, and new ones only for what is new", async () => {
    const [path = ""] = (await imported(join(FIXTURES, "codex"))).summary.files.map((file) => file.path);
    const lines = (await readFile(path, "utf8")).trimEnd().split("\n");
    const copy = join(folder, "rollout.jsonl");
    await writeFile(copy, `${lines.slice(0, 12).join("\n")}\n`);
    const early = (await imported(copy)).sent.filter(({ event_type }) => event_type !== "session_end").map(identity);
    await writeFile(copy, `${lines.join("\n")}\n`);
    const late = new Set((await imported(copy)).sent.map(identity));
    expect(early.length).toBeGreaterThan(4);
    expect(early.filter((one) => !late.has(one))).toEqual([]);
  });
});
