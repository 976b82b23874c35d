/** What people copy to set an agent up: it must parse as it stands, lead here, and name people where the agent does not. */
import { describe, expect, it } from "vitest";
import { SNIPPET_AGENTS, SnippetAnswerSchema } from "../../../schema/api/integrations.ts";
import { snippetOf } from "../../../workers/api/snippets.ts";

const ORIGIN = "https://tenfold.example.com";
/** `NAME="value"` with nothing inside that a shell would read: no quote, `$`, backquote or backslash. */
const EXPORT = /^export ([A-Z_]+)="([^"$`\\]*)"$/;
/** A value on one line of TOML: a text, a switch, or an inline table, whose braces and quotes are looked at apart. */
const ASSIGNMENT = /^([a-z_]+) = ("[^"\\]*"|true|false|\{.*\})$/;

const blocksOf = (agent: (typeof SNIPPET_AGENTS)[number], language?: string) =>
  snippetOf(agent, ORIGIN).blocks.filter((block) => language === undefined || block.language === language);

/** The variables that a shell block sets. */
function variables(text: string): Record<string, string> {
  return Object.fromEntries(
    text.split("\n").map((line) => {
      const [, name = "", value = ""] = EXPORT.exec(line) ?? [];
      expect(name, line).not.toBe("");
      return [name, value];
    }),
  );
}

/** The settings of a TOML block with one table, inline tables as JSON would have them. */
function settings(text: string): Record<string, unknown> {
  const [table, ...lines] = text.split("\n");
  expect(table).toMatch(/^\[[a-z_]+\]$/);
  return Object.fromEntries(
    lines.map((line) => {
      const [, name = "", value = ""] = ASSIGNMENT.exec(line) ?? [];
      expect(name, line).not.toBe("");
      const json = value.replaceAll(/("[^"]*")( = )?|([A-Za-z][\w-]*) = /g, (_, text, is, bare) =>
        bare === undefined ? `${text}${is === undefined ? "" : ":"}` : `"${bare}":`,
      );
      return [name, JSON.parse(json)];
    }),
  );
}

describe.each(SNIPPET_AGENTS)("%s", (agent) => {
  it("is what the API promises, leads to this origin and holds no key", () => {
    const answer = SnippetAnswerSchema.parse(snippetOf(agent, ORIGIN));
    const all = JSON.stringify(answer);
    expect(answer.blocks.some(({ text }) => text.includes(ORIGIN))).toBe(true);
    expect(all).toContain("YOUR_INGEST_KEY");
    expect(all).not.toMatch(/\btfp?_(?:us|eu|gl)/);
    expect(all.replaceAll(ORIGIN, "")).not.toMatch(/https?:\/\/(?!localhost)[a-z0-9.-]+\.[a-z]+\/(?:v1|i)\//);
  });

  it("parses, block by block", () => {
    for (const { language, text } of blocksOf(agent)) {
      if (language === "shell") expect(Object.keys(variables(text)).length).toBeGreaterThan(0);
      else if (language === "json") expect(JSON.parse(text)).toBeTypeOf("object");
      else expect(settings(text)).not.toEqual({});
    }
  });

  it("labels what it sends, without spaces", () => {
    const attributes = blocksOf(agent, "shell")
      .map(({ text }) => variables(text).OTEL_RESOURCE_ATTRIBUTES)
      .filter((value) => value !== undefined);
    expect(attributes).toHaveLength(1);
    for (const pair of attributes[0]?.split(",") ?? []) expect(pair).toMatch(/^[a-z.]+=[A-Z_]+$/);
    expect(attributes[0]).toContain("team.id=YOUR_TEAM");
  });
});

describe("people", () => {
  it.each(["codex", "gemini-cli"] as const)("%s is told who works: with an API key it names nobody", (agent) => {
    const text = blocksOf(agent, "shell")
      .map((block) => block.text)
      .join("\n");
    expect(variables(text).OTEL_RESOURCE_ATTRIBUTES?.split(",")).toContain("enduser.id=YOUR_EMAIL");
  });
});

describe("the settings that each agent really reads", () => {
  it("Claude Code: the protocol is set, the same in both places", () => {
    const [shell] = blocksOf("claude-code", "shell");
    const [json] = blocksOf("claude-code", "json");
    const env = variables(shell?.text ?? "");
    expect(JSON.parse(json?.text ?? "")).toEqual({ env });
    expect(env).toMatchObject({
      OTEL_EXPORTER_OTLP_PROTOCOL: "http/protobuf",
      OTEL_EXPORTER_OTLP_ENDPOINT: ORIGIN,
      OTEL_EXPORTER_OTLP_HEADERS: "X-API-Key=YOUR_INGEST_KEY",
    });
  });

  it("Codex: full URLs, and metrics not to its maker", () => {
    const [toml] = blocksOf("codex", "toml");
    const exporter = (signal: string) => ({
      "otlp-http": {
        endpoint: `${ORIGIN}/v1/${signal}`,
        protocol: "binary",
        headers: { "x-api-key": "YOUR_INGEST_KEY" },
      },
    });
    expect(settings(toml?.text ?? "")).toMatchObject({
      log_user_prompt: false,
      exporter: exporter("logs"),
      metrics_exporter: exporter("metrics"),
      trace_exporter: "none",
    });
  });

  it("Gemini CLI: HTTP, the key in the path, prompts off", () => {
    const [json] = blocksOf("gemini-cli", "json");
    expect(JSON.parse(json?.text ?? "")).toEqual({
      telemetry: {
        enabled: true,
        target: "local",
        otlpEndpoint: `${ORIGIN}/i/YOUR_INGEST_KEY`,
        otlpProtocol: "http",
        logPrompts: false,
      },
    });
    expect(snippetOf("gemini-cli", ORIGIN).key_class).toBe("path");
  });
});
