/** Which security rules are on and how grave they are; changed together, saved at once. Used by Security. */
import { type ReactElement, useState } from "react";
import { RulesAnswerSchema, RulesChangeSchema } from "../../../schema/api/rules.ts";
import type { RulePolicy } from "../../../schema/rule-policy.ts";
import { SEVERITIES } from "../../../schema/security-rules.ts";
import { useApi, useChange } from "../api/query.ts";
import { useMe } from "../app/me-context.ts";
import { may } from "../settings/access.ts";
import { ChangeState } from "../settings/change-state.tsx";
import { useOrg } from "../settings/use-org.ts";
import { Panel } from "../ui/panel.tsx";
import { Answer } from "../ui/states.tsx";
import { changesRules, drafted, policyOf, type RuleDrafts, type ShownRule } from "./rule-drafts.ts";

const PATH = "/api/v1/settings/rules";

export function RulesPanel(): ReactElement {
  const { params, at } = useOrg();
  const writes = may(useMe(), "settings:write", "org");
  const query = useApi(PATH, params, RulesAnswerSchema);
  const [drafts, setDrafts] = useState<RuleDrafts>({});
  const save = useChange(
    (body: RulePolicy) => ({ method: "PUT", path: at(PATH), schema: RulesChangeSchema, body }),
    [PATH],
  );
  const rules = query.data?.rules ?? [];
  const dirty = changesRules(rules, drafts);
  const change = (rule: ShownRule, next: Partial<Pick<ShownRule, "enabled" | "severity">>): void => {
    const { enabled, severity } = drafted(rule, drafts);
    save.reset();
    setDrafts({ ...drafts, [rule.id]: { enabled, severity, ...next } });
  };
  return (
    <Panel
      title="Rules"
      note="over what agents report; a change holds within a minute, alerts that exist stay"
      className="min-h-80"
    >
      <Answer query={query} what="the rules">
        {() => (
          <>
            <ul>
              {rules.map((rule) => (
                <Rule
                  key={rule.id}
                  rule={drafted(rule, drafts)}
                  writes={writes}
                  onChange={(next) => change(rule, next)}
                />
              ))}
            </ul>
            {writes ? (
              <div className="flex min-h-12 flex-wrap items-center gap-2 border-t border-line px-4 py-2">
                <ChangeState change={save} />
                {dirty ? (
                  <button
                    type="button"
                    className="button"
                    onClick={() => {
                      save.reset();
                      setDrafts({});
                    }}
                  >
                    Discard
                  </button>
                ) : null}
                <button
                  type="button"
                  className="button button-primary"
                  disabled={!dirty || save.isPending}
                  onClick={() => save.mutate(policyOf(rules, drafts), { onSuccess: () => setDrafts({}) })}
                >
                  Save rules
                </button>
              </div>
            ) : null}
          </>
        )}
      </Answer>
    </Panel>
  );
}

function Rule({
  rule,
  writes,
  onChange,
}: {
  rule: ShownRule;
  writes: boolean;
  onChange(change: Partial<Pick<ShownRule, "enabled" | "severity">>): void;
}): ReactElement {
  return (
    <li className="flex flex-wrap items-center gap-x-4 gap-y-1 border-t border-line px-4 py-2" data-rule={rule.id}>
      <label className="flex min-w-60 flex-1 cursor-pointer items-start gap-3">
        <input
          type="checkbox"
          className="mt-1"
          checked={rule.enabled}
          disabled={!writes}
          onChange={(event) => onChange({ enabled: event.target.checked })}
        />
        <span className="min-w-0">
          <span className="font-medium">{rule.title}</span>
          <span className="block text-2 text-muted">
            {rule.description} {rule.agents.length === 0 ? "Any agent." : `Seen from ${rule.agents.join(", ")}.`}
          </span>
        </span>
      </label>
      <label className="flex items-center gap-2 text-2 text-muted">
        <span>
          Severity<span className="visually-hidden"> of {rule.title}</span>
        </span>
        <select
          className="select"
          value={rule.severity}
          disabled={!writes || !rule.enabled}
          onChange={(event) => {
            const severity = SEVERITIES.find((one) => one === event.target.value);
            if (severity !== undefined) onChange({ severity });
          }}
        >
          {SEVERITIES.map((severity) => (
            <option key={severity} value={severity}>
              {severity}
              {severity === rule.default_severity ? " (usual)" : ""}
            </option>
          ))}
        </select>
      </label>
    </li>
  );
}
