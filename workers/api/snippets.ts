/**
 * How an agent is told to send here: the settings each agent really reads, with this Tenfold's address and a place for the key.
 * Pure; called by routes/integrations.ts. Keys are shown once, when they are made, so none stands here.
 *
 * Sources: code.claude.com/docs/en/monitoring-usage; Codex "Advanced configuration" and recordings of 0.169.0; google-gemini/gemini-cli
 * docs/cli/telemetry.md and recordings of 0.61.0; microsoft/vscode-docs docs/agents/guides/monitoring-agents.md.
 */
import type { SnippetAgent, SnippetAnswer } from "../../schema/api/integrations.ts";

/** Where the key goes; nothing a shell or a parser trips over. */
const KEY = "YOUR_INGEST_KEY";
/** No spaces: agents copy these onto every event. */
const LABELS = "team.id=YOUR_TEAM,repo=YOUR_REPO";
/** For agents that name nobody with an API key; who is logged in to the agent goes before it. */
const LABELS_AND_PERSON = `${LABELS},enduser.id=YOUR_EMAIL`;

type Block = SnippetAnswer["blocks"][number];

const shell = (label: string, lines: readonly string[]): Block => ({
  label,
  file: null,
  language: "shell",
  text: lines.join("\n"),
});

const SNIPPETS: Record<SnippetAgent, (origin: string) => Omit<SnippetAnswer, "agent">> = {
  "claude-code": (origin) => {
    const env = {
      CLAUDE_CODE_ENABLE_TELEMETRY: "1",
      OTEL_METRICS_EXPORTER: "otlp",
      OTEL_LOGS_EXPORTER: "otlp",
      OTEL_EXPORTER_OTLP_PROTOCOL: "http/protobuf",
      OTEL_EXPORTER_OTLP_ENDPOINT: origin,
      OTEL_EXPORTER_OTLP_HEADERS: `X-API-Key=${KEY}`,
      OTEL_RESOURCE_ATTRIBUTES: LABELS,
    };
    return {
      title: "Claude Code",
      blocks: [
        shell(
          "In a shell, or in its start-up file",
          Object.entries(env).map(([name, value]) => `export ${name}="${value}"`),
        ),
        {
          label: "For everyone, as managed settings (or in ~/.claude/settings.json for yourself)",
          file: "managed-settings.json",
          language: "json",
          text: JSON.stringify({ env }, null, 2),
        },
      ],
      notes: [
        "The protocol is set because older versions have no default: without it they send nothing.",
        "Prompts, responses and tool contents stay with the agent unless you switch them on there, and are dropped here by default.",
        "With an API key, Bedrock or Vertex it names nobody: add enduser.id=YOUR_EMAIL to OTEL_RESOURCE_ATTRIBUTES.",
        "If nothing arrives, start it once with CLAUDE_CODE_OTEL_DIAG_STDERR=1: export errors are silent otherwise.",
      ],
      key_class: "header",
    };
  },
  codex: (origin) => {
    const exporter = (signal: string): string =>
      `{ otlp-http = { endpoint = "${origin}/v1/${signal}", protocol = "binary", headers = { "x-api-key" = "${KEY}" } } }`;
    return {
      title: "Codex CLI",
      blocks: [
        {
          label: "In your own configuration (a project's [otel] table is not read)",
          file: "~/.codex/config.toml",
          language: "toml",
          text: [
            "[otel]",
            'environment = "production"',
            "log_user_prompt = false",
            `exporter = ${exporter("logs")}`,
            `metrics_exporter = ${exporter("metrics")}`,
            'trace_exporter = "none"',
          ].join("\n"),
        },
        shell("Team, repository and person, in a shell", [`export OTEL_RESOURCE_ATTRIBUTES="${LABELS_AND_PERSON}"`]),
      ],
      notes: [
        "Each endpoint is the full URL: Codex appends nothing.",
        "With an API key Codex names nobody: enduser.id says whose work it is; an account that is logged in goes before it.",
        "metrics_exporter is set because its default sends metrics to OpenAI.",
        "Tool arguments and outputs leave Codex even with prompts off; they are dropped here before anything is stored.",
        "codex exec that ends in an error sends nothing: such runs are missing from every figure.",
      ],
      key_class: "header",
    };
  },
  "gemini-cli": (origin) => ({
    title: "Gemini CLI",
    blocks: [
      {
        label: "In your settings",
        file: "~/.gemini/settings.json",
        language: "json",
        text: JSON.stringify(
          {
            telemetry: {
              enabled: true,
              target: "local",
              otlpEndpoint: `${origin}/i/${KEY}`,
              otlpProtocol: "http",
              logPrompts: false,
            },
          },
          null,
          2,
        ),
      },
      shell("Team, repository and person, in a shell", [`export OTEL_RESOURCE_ATTRIBUTES="${LABELS_AND_PERSON}"`]),
    ],
    notes: [
      "The key stands in the address, because older versions can set no header: make a key of the path class for it.",
      "With an API key only a random installation id is sent: enduser.id says whose work it is.",
      "logPrompts is on by default; system instructions are sent even when it is off, and are dropped here.",
    ],
    key_class: "path",
  }),
  copilot: (origin) => ({
    title: "GitHub Copilot in VS Code and Copilot CLI",
    blocks: [
      shell("In the shell that starts VS Code or the CLI", [
        'export COPILOT_OTEL_ENABLED="true"',
        `export OTEL_EXPORTER_OTLP_ENDPOINT="${origin}"`,
        `export OTEL_EXPORTER_OTLP_HEADERS="X-API-Key=${KEY}"`,
        `export OTEL_RESOURCE_ATTRIBUTES="${LABELS}"`,
      ]),
      {
        label: "Or in VS Code's settings, with a key of the path class in the address",
        file: "settings.json",
        language: "json",
        text: JSON.stringify(
          {
            "github.copilot.chat.otel.enabled": true,
            "github.copilot.chat.otel.exporterType": "otlp-http",
            "github.copilot.chat.otel.otlpEndpoint": `${origin}/i/${KEY}`,
            "github.copilot.chat.otel.captureContent": false,
          },
          null,
          2,
        ),
      },
    ],
    notes: [
      "Settings have no place for a header, so the key goes into the address there.",
      "Reload the window after a change.",
    ],
    key_class: "header",
  }),
  opentelemetry: (origin) => ({
    title: "Any other agent with OpenTelemetry",
    blocks: [
      shell("In a shell", [
        `export OTEL_EXPORTER_OTLP_ENDPOINT="${origin}"`,
        'export OTEL_EXPORTER_OTLP_PROTOCOL="http/protobuf"',
        `export OTEL_EXPORTER_OTLP_HEADERS="X-API-Key=${KEY}"`,
        `export OTEL_RESOURCE_ATTRIBUTES="service.name=YOUR_AGENT,${LABELS}"`,
      ]),
    ],
    notes: [
      "Logs, metrics and traces, as JSON or protobuf over HTTP; gRPC is not spoken here.",
      "GenAI semantic conventions (old and new), OpenInference and OpenLLMetry are understood; everything else is kept as custom events.",
    ],
    key_class: "header",
  }),
};

/** The snippet of one agent for the Tenfold at `origin`. */
export function snippetOf(agent: SnippetAgent, origin: string): SnippetAnswer {
  return { agent, ...SNIPPETS[agent](origin) };
}
