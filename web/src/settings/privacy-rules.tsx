/** The rows of the privacy policy's editor. Used by the privacy page. */
import type { ReactElement } from "react";
import { POLICY_AGENTS, PRIVACY_ACTIONS } from "../../../schema/privacy-policy.ts";
import { IconChevron, IconClose } from "../ui/icons.tsx";
import { changeRule, type PolicyDraft, problemOf, type RuleDraft, raiseRule, removeRule } from "./privacy.ts";

const ACTION_WORDS = { keep: "keep", hash: "replace by a pseudonym", drop: "drop" } as const;

export function PrivacyRules({
  draft,
  writes,
  onChange,
}: {
  draft: PolicyDraft;
  writes: boolean;
  onChange(draft: PolicyDraft): void;
}): ReactElement {
  return (
    <ol aria-label="Rules, the first that fits decides">
      {draft.rules.map((rule, index) => (
        <Rule key={rule.key} rule={rule} index={index} draft={draft} writes={writes} onChange={onChange} />
      ))}
    </ol>
  );
}

function Rule({
  rule,
  index,
  draft,
  writes,
  onChange,
}: {
  rule: RuleDraft;
  index: number;
  draft: PolicyDraft;
  writes: boolean;
  onChange(draft: PolicyDraft): void;
}): ReactElement {
  const problem = problemOf(rule);
  const of = `of rule ${index + 1}`;
  return (
    <li className="flex flex-wrap items-center gap-2 border-t border-line px-4 py-2" data-privacy-rule={index + 1}>
      <select
        className="select"
        aria-label={`Action ${of}`}
        value={rule.action}
        disabled={!writes}
        onChange={(event) => {
          const action = PRIVACY_ACTIONS.find((one) => one === event.target.value);
          if (action !== undefined) onChange(changeRule(draft, rule.key, { action }));
        }}
      >
        {PRIVACY_ACTIONS.map((action) => (
          <option key={action} value={action}>
            {ACTION_WORDS[action]}
          </option>
        ))}
      </select>
      <input
        className="input min-w-40 flex-1 font-mono"
        aria-label={`Attribute ${of}`}
        aria-invalid={problem !== null}
        placeholder="user.email, or a part of names with *"
        value={rule.attribute}
        disabled={!writes}
        spellCheck={false}
        autoComplete="off"
        onChange={(event) => onChange(changeRule(draft, rule.key, { attribute: event.target.value }))}
      />
      <label className="flex items-center gap-2 text-muted">
        from
        <select
          className="select"
          aria-label={`Agent ${of}`}
          value={rule.agent}
          disabled={!writes}
          onChange={(event) => {
            const agent = POLICY_AGENTS.find((one) => one === event.target.value);
            if (agent !== undefined) onChange(changeRule(draft, rule.key, { agent }));
          }}
        >
          {POLICY_AGENTS.map((agent) => (
            <option key={agent} value={agent}>
              {agent === "*" ? "every agent" : agent}
            </option>
          ))}
        </select>
      </label>
      {writes ? (
        <span className="flex gap-1">
          <button
            type="button"
            className="button button-quiet button-icon"
            disabled={index === 0}
            aria-label={`Move rule ${index + 1} up`}
            title="Move up"
            onClick={() => onChange(raiseRule(draft, rule.key))}
          >
            <span className="rotate-180">
              <IconChevron />
            </span>
          </button>
          <button
            type="button"
            className="button button-quiet button-icon"
            aria-label={`Remove rule ${index + 1}`}
            title="Remove"
            onClick={() => onChange(removeRule(draft, rule.key))}
          >
            <IconClose />
          </button>
        </span>
      ) : null}
      {problem === null ? null : (
        <p className="basis-full text-2 text-bad" role="alert">
          Attribute: {problem}
        </p>
      )}
    </li>
  );
}
