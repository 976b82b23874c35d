/** How each agent is set up, with a new key in its place. Used where a key is shown. */
import { type ReactElement, useState } from "react";
import { SNIPPET_AGENTS, type SnippetAgent, SnippetAnswerSchema } from "../../../schema/api/integrations.ts";
import type { Key } from "../../../schema/api/keys.ts";
import { useApi } from "../api/query.ts";
import { CopyButton } from "../ui/copy-button.tsx";
import { Segments } from "../ui/segments.tsx";
import { Answer } from "../ui/states.tsx";
import { type FilledBlock, filledBlocks } from "./keys.ts";
import { useOrg } from "./use-org.ts";

const LABELS: Record<SnippetAgent, string> = {
  "claude-code": "Claude Code",
  codex: "Codex",
  "gemini-cli": "Gemini CLI",
  copilot: "Copilot",
  opentelemetry: "OpenTelemetry",
};

export function Snippets({ secret, keyClass }: { secret: string; keyClass: Key["class"] }): ReactElement {
  const { params } = useOrg();
  const [agent, setAgent] = useState<SnippetAgent>("claude-code");
  const query = useApi(`/api/v1/integrations/${agent}/snippet`, params, SnippetAnswerSchema);
  return (
    <div className="grid gap-3">
      <div className="flex flex-wrap items-center gap-2">
        <h3>Set up</h3>
        <div className="max-w-full overflow-x-auto whitespace-nowrap">
          <Segments<SnippetAgent>
            label="Agent"
            value={agent}
            options={SNIPPET_AGENTS.map((value) => ({ value, label: LABELS[value] }))}
            onChange={setAgent}
          />
        </div>
      </div>
      {/* As tall as the usual snippet, so that choosing another agent moves little. */}
      <div className="min-h-64">
        <Answer query={query} what="the set-up">
          {(snippet) => (
            <div className="grid gap-3" data-agent={snippet.agent}>
              {filledBlocks(snippet, secret, keyClass).map((block) => (
                <Block key={block.label} block={block} />
              ))}
              <ul className="grid list-disc gap-1 ps-5 text-2 text-muted">
                {snippet.notes.map((note) => (
                  <li key={note}>{note}</li>
                ))}
              </ul>
            </div>
          )}
        </Answer>
      </div>
    </div>
  );
}

function Block({ block }: { block: FilledBlock }): ReactElement {
  return (
    <div className="grid gap-1">
      <div className="flex min-h-6 flex-wrap items-center gap-2">
        <span>{block.label}</span>
        {block.file === null ? null : <code className="text-muted">{block.file}</code>}
        <span className="flex-1" />
        {block.usable ? <CopyButton text={block.text} what={block.file ?? "the commands"} /> : null}
      </div>
      {block.usable ? (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
        <pre tabIndex={0} className="max-h-56 overflow-auto rounded-md border border-line bg-sunken p-3">
          {block.text}
        </pre>
      ) : (
        <p className="rounded-md bg-warn-soft px-3 py-2 text-warn">
          This one has the key in its address, which a key of the header class may not be. Make a key of the path class
          for it.
        </p>
      )}
    </div>
  );
}
