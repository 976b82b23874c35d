/**
 * The checklist of a new organisation, on Overview: shown to those who can do its steps when no event came for 30 days, until all is
 * done or it is dismissed in this browser. It asks about keys and members only then.
 */
import { Link } from "@tanstack/react-router";
import { type ReactElement, useEffect, useState } from "react";
import { KeysAnswerSchema } from "../../../schema/api/keys.ts";
import { MembersAnswerSchema } from "../../../schema/api/members.ts";
import { SummaryAnswerSchema } from "../../../schema/api/metrics.ts";
import { useApi } from "../api/query.ts";
import { may } from "../settings/access.ts";
import { IconCheck } from "../ui/icons.tsx";
import { Panel } from "../ui/panel.tsx";
import { usePreference } from "../ui/preference.ts";
import { usePreferences } from "../ui/preferences.tsx";
import { useMe } from "./me-context.ts";
import { alongSearch } from "./nav.ts";
import { onboardingSteps } from "./onboarding-steps.ts";
import { useView } from "./use-view.ts";

const RANGE = { range: "30d" } as const;
/** While somebody works through the list. */
const ASK_MS = 15_000;
/** Entries that settle every step. */
const LIMIT = 100;

export function Onboarding(): ReactElement | null {
  const me = useMe();
  const { onboarding } = usePreferences();
  const dismissed = usePreference(onboarding) === "dismissed";
  const mayAll = may(me, "keys:write", "org") && may(me, "members:write", "org");
  // The organisation is the key: another one begins anew.
  return mayAll && !dismissed ? <Checklist key={me.org_id} onDismiss={() => onboarding.set("dismissed")} /> : null;
}

function Checklist({ onDismiss }: { onDismiss(): void }): ReactElement | null {
  const { org, params } = useView(RANGE);
  /** It was empty when the page was opened; the list then stays until it is done, so that the last ticks are seen. */
  const [began, setBegan] = useState(false);
  const asking = began ? { refreshMs: ASK_MS } : {};
  const summary = useApi("/api/v1/metrics/summary", params, SummaryAnswerSchema, asking);
  const events = summary.data?.totals.events.value;
  useEffect(() => {
    if (events === 0) setBegan(true);
  }, [events]);
  const of = { org, limit: LIMIT };
  const keys = useApi("/api/v1/keys", of, KeysAnswerSchema, { enabled: began, ...asking });
  const members = useApi("/api/v1/members", of, MembersAnswerSchema, { enabled: began });
  if (!began || events === undefined || keys.data === undefined || members.data === undefined) return null;
  const steps = onboardingSteps({ keys: keys.data.keys, events, members: members.data.members.length });
  const done = steps.filter((step) => step.done).length;
  if (done === steps.length) return null;
  return (
    <Panel
      title="Get started"
      note={`${done} of ${steps.length} done`}
      className="mb-4"
      controls={
        <button type="button" className="button button-quiet button-small" onClick={onDismiss}>
          Dismiss
        </button>
      }
    >
      <ol aria-label="Get started">
        {steps.map((step) => (
          <li key={step.label} className="flex min-h-12 items-center gap-3 border-t border-line px-4 py-1">
            <span
              className={`grid size-5 flex-none place-items-center rounded-full border ${step.done ? "border-good text-good" : "border-line-strong"}`}
            >
              {step.done ? <IconCheck /> : null}
              <span className="visually-hidden">{step.done ? "Done:" : "To do:"}</span>
            </span>
            <div className="min-w-0 flex-1">
              <p className={step.done ? "text-muted" : "font-medium"}>{step.label}</p>
              <p className="text-2 text-muted">{step.text}</p>
            </div>
            {step.done ? null : (
              <Link to={step.to} search={alongSearch} className="button button-small">
                {step.action}
              </Link>
            )}
          </li>
        ))}
      </ol>
    </Panel>
  );
}
