/** What a policy drops or hashes is gone from an event, wherever a normaliser put it; ids, types and times never are. */
import { describe, expect, it } from "vitest";
import { PrivacyPolicySchema } from "../../../schema/privacy-policy.ts";
import type { NormalisedEvent } from "../../../workers/ingest/otlp/normalise/contract.ts";
import { ANONYMOUS_USER, type PrivacyChoice, pseudonym, redact } from "../../../workers/ingest/otlp/redact.ts";

const KEY = "a-key-of-one-tenant";

/** An event whose metadata holds these attributes under their own names, as an agent sent them. */
function event(
  attributes: Record<string, unknown>,
  more: Partial<NormalisedEvent["event"]> = {},
  agent = "claude-code",
): NormalisedEvent {
  return {
    agent,
    sources: Object.fromEntries(Object.keys(attributes).map((name) => [name, `metadata.${name}`])),
    event: {
      event_id: "00000000-0000-8000-8000-000000000001",
      event_type: "custom.claude_code.x",
      timestamp: "2026-11-22T10:00:00.000Z",
      user_id: "dev@example.com",
      session_id: "session-1",
      metadata: { mapping: 1, ...attributes },
      ...more,
    },
  };
}

const policy = (document: object = {}): PrivacyChoice => PrivacyPolicySchema.parse(document);
const one = (given: NormalisedEvent, choice: PrivacyChoice = policy(), key: string | undefined = KEY) => {
  const { events, counts } = redact([given], choice, key);
  const [only] = events;
  if (only === undefined) throw new Error("one event was expected");
  return { ...only, counts };
};
const metadata = (attributes: Record<string, unknown>, choice?: PrivacyChoice) =>
  one(event(attributes), choice).event.metadata;

describe("the defaults", () => {
  it.each([
    [
      "claude-code",
      [
        "prompt",
        "prompt_text",
        "user_prompt",
        "response",
        "tool_input",
        "tool_parameters",
        "full_command",
        "file_path",
        "workspace.host_paths",
      ],
    ],
    ["codex", ["prompt", "arguments", "output", "host.name"]],
    [
      "gemini-cli",
      [
        "prompt",
        "request_text",
        "response_text",
        "function_args",
        "gen_ai.system_instructions",
        "gen_ai.tool.definitions",
        "process.command",
        "process.command_args",
        "process.owner",
        "process.executable.path",
        "reasoning",
      ],
    ],
    [
      "copilot",
      ["gen_ai.input.messages", "gen_ai.output.messages", "gen_ai.tool.call.arguments", "gen_ai.tool.call.result"],
    ],
    [
      "genai",
      [
        "gen_ai.prompt.0.content",
        "gen_ai.completion.0.content",
        "llm.input_messages.0.message.content",
        "input.value",
        "output.value",
        "traceloop.entity.input",
      ],
    ],
  ])("drop of %s what people and models wrote, and where they did", (agent, names) => {
    const given = event(Object.fromEntries(names.map((name) => [name, `Text of ${name}`])), {}, agent);
    const { event: clean, counts } = one(given);
    expect(clean.metadata).toEqual({ mapping: 1 });
    expect(counts).toEqual({ dropped: names.length, hashed: 0, secrets: 0 });
    expect(given.event.metadata).toHaveProperty(names[0]?.includes(".") ? [names[0]] : (names[0] ?? ""));
  });

  it("keep who, what, how much and what went wrong", () => {
    const kept = {
      "user.email": "dev@example.com",
      repo: "example-org/example-repo",
      "vcs.ref.head.name": "feature/a b",
      model: "claude-opus-5-5[1m]",
      language: "Plain text",
      error: "messages.0.content: field is too long",
      prompt_length: 21,
      success: true,
    };
    expect(metadata(kept)).toEqual({ mapping: 1, ...kept });
    expect(one(event(kept)).event.user_id).toBe("dev@example.com");
  });

  it("tell the error of a tool, which repeats what it was given, from that of an API", () => {
    expect(metadata({ tool_name: "edit", error: "not found: my text", error_type: "no_occurrence" })).toEqual({
      mapping: 1,
      tool_name: "edit",
      error_type: "no_occurrence",
    });
    const choice = policy({ rules: [{ attribute: "tool.error", action: "keep" }] });
    expect(metadata({ tool_name: "edit", error: "not found: my text" }, choice)).toMatchObject({
      error: "not found: my text",
    });
  });

  it("keep of unknown names only numbers, flags and single words", () => {
    expect(
      metadata({
        a_number: 1.5,
        a_flag: false,
        a_word: "dontAsk",
        an_id: "0199-aaaa:x.y",
        nothing: null,
        words: ["a", "b"],
        a_sentence: "add a login form",
        a_path: "/srv/project",
        an_address: "dev@example.com",
        long: "x".repeat(65),
        an_object: { a: 1 },
        sentences: ["a", "b c"],
      }),
    ).toEqual({
      mapping: 1,
      a_number: 1.5,
      a_flag: false,
      a_word: "dontAsk",
      an_id: "0199-aaaa:x.y",
      nothing: null,
      words: ["a", "b"],
    });
  });
});

describe("a tenant's policy", () => {
  it("comes before the defaults, and its first rule that fits decides", () => {
    const choice = policy({
      rules: [
        { attribute: "tool_*_size", action: "drop" },
        { agent: "codex", attribute: "prompt", action: "drop" },
        { attribute: "PROMPT", action: "keep" },
        { attribute: "*", action: "drop" },
      ],
    });
    expect(metadata({ prompt: "kept now", tool_input_size: 1, tool_size: 2, model: "m" }, choice)).toEqual({
      mapping: 1,
      prompt: "kept now",
    });
    expect(one(event({ prompt: "gone" }, {}, "codex"), choice).event.metadata).toEqual({ mapping: 1 });
  });

  it.each([
    ["a*", ["a", "abc"], ["b", "ba"]],
    ["*a", ["a", "bca"], ["ab"]],
    ["a*b*c", ["abc", "aXbYc"], ["ac", "acb", "abx"]],
    ["*b*", ["b", "abc"], ["ac"]],
    ["ab*ba", ["abba", "abxba"], ["aba"]],
    ["a*bc*c", ["abcc"], ["abc"]],
    ["a.c", ["a.c"], ["abc"]],
  ])("matches %s as text, not as a regular expression", (attribute, fits, others) => {
    const choice = policy({ rules: [{ attribute, action: "drop" }], unknown: "keep" });
    for (const name of fits) expect([name, metadata({ [name]: 1 }, choice)]).toEqual([name, { mapping: 1 }]);
    for (const name of others)
      expect([name, metadata({ [name]: 1 }, choice)]).toEqual([name, { mapping: 1, [name]: 1 }]);
  });

  it.each([
    { rules: [{ attribute: "a**b", action: "drop" }] },
    { rules: [{ attribute: "", action: "drop" }] },
    { rules: [{ attribute: "a", action: "encrypt" }] },
    { rules: [{ attribute: "a", action: "drop", agent: "cursor" }] },
    { unknown: "maybe" },
    { rule: [] },
  ])("is refused when it says nothing known: %j", (document) => {
    expect(PrivacyPolicySchema.safeParse(document).success).toBe(false);
  });

  it("that cannot be read keeps nothing but numbers and flags, and names nobody", () => {
    const given = event({ repo: "a/b", input_tokens: 5, "user.email": "dev@example.com", success: true });
    const { event: clean } = one({ ...given, sources: { ...given.sources, "user.email": "user_id" } }, "strictest");
    expect(clean.metadata).toEqual({ mapping: 1, input_tokens: 5, success: true });
    expect(clean.user_id).toBe(ANONYMOUS_USER);
    expect(clean.session_id).toBe("session-1");
  });
});

describe("hashing", () => {
  const choice = policy({ rules: [{ attribute: "user.email", action: "hash" }] });
  const person = (more: Record<string, unknown> = {}): NormalisedEvent => {
    const given = event({ ...more });
    return { ...given, sources: { ...given.sources, "user.email": "user_id" } };
  };

  it("an address changes user_id, and wherever else the same address stands", () => {
    const { event: clean, counts } = one(
      person({ owner: "x", reviewer: "dev@example.com" }),
      policy({
        rules: [
          { attribute: "user.email", action: "hash" },
          { attribute: "reviewer", action: "keep" },
        ],
      }),
    );
    expect(clean.user_id).toBe(pseudonym(KEY, "dev@example.com"));
    expect(clean.user_id).toMatch(/^anon_[0-9a-f]{32}$/);
    expect(clean.metadata).toEqual({ mapping: 1, owner: "x", reviewer: clean.user_id });
    expect(JSON.stringify(clean)).not.toContain("dev@example.com");
    expect(counts).toEqual({ dropped: 0, hashed: 1, secrets: 0 });
  });

  it("gives a person one pseudonym in every agent, another in every tenant, and no way back", () => {
    const user = (agent: string, key: string) => {
      const given = { ...person(), agent };
      return one(given, choice, key).event.user_id;
    };
    expect(user("codex", KEY)).toBe(user("claude-code", KEY));
    expect(user("codex", "another-key")).not.toBe(user("codex", KEY));
  });

  it("without a key drops: nobody is named by accident", () => {
    const { events: clean, counts } = redact([person()], choice, undefined);
    expect(clean[0]?.event.user_id).toBe(ANONYMOUS_USER);
    expect(counts).toEqual({ dropped: 1, hashed: 0, secrets: 0 });
  });

  it("of a path that two attributes name is done once", () => {
    const given = person();
    const both = { ...given, sources: { "user.email": "user_id", "user.id": "user_id" } };
    const rules = policy({ rules: [{ attribute: "user.*", action: "hash" }] });
    expect(one(both, rules).event.user_id).toBe(pseudonym(KEY, "dev@example.com"));
  });
});

describe("what is never touched", () => {
  it("is the event's own: id, type, time, session, whatever a rule says", () => {
    const given = event({ "session.id": "x" });
    const choice = policy({ rules: [{ attribute: "*", action: "drop" }], unknown: "drop" });
    const all = {
      ...given,
      sources: { "session.id": "session_id", "event.timestamp": "timestamp", a: "event_id", b: "event_type" },
    };
    const { event: clean } = one(all, choice);
    const { metadata: _, user_id: __, ...same } = given.event;
    expect(clean).toMatchObject(same);
  });
});

describe("values", () => {
  it("are found below metadata by the longest name, with and without its prefix", () => {
    const given = event(
      {},
      { metadata: { mapping: 1, "a.b": { "c.d": "one two", e: 1 }, prompt: "gone" }, branch: "f x" },
    );
    const sources = { "x.y": "metadata.a.b.c.d", prompt: "prompt", odd: "branch" };
    const { event: clean } = one({ ...given, sources });
    expect(clean.metadata).toEqual({ mapping: 1, "a.b": { e: 1 } });
    expect(clean).not.toHaveProperty("branch");
    expect(given.event.metadata).toHaveProperty(["a.b", "c.d"]);
  });

  it("that a normaliser lists under no attribute still go when a rule names them", () => {
    const given = event({});
    const unlisted = { ...given, event: { ...given.event, metadata: { mapping: 1, prompt: "text", extra: "a b" } } };
    expect(one(unlisted).event.metadata).toEqual({ mapping: 1, extra: "a b" });
  });

  it("that are kept lose their secrets, which are counted by kind", () => {
    const secret = ["gh", "p_", "aB3dE5gH7jK9mN1pQ2rS4tU6vW8xY0zAaB3d"].join("");
    const { event: clean, counts, secretKinds } = one(event({ error: `401 for ${secret}`, "user.id": secret }));
    expect(JSON.stringify(clean)).not.toContain(secret);
    expect(counts.secrets).toBe(2);
    expect(secretKinds).toEqual(["github"]);
  });
});
