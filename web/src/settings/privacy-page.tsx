/** What of agents' attributes is kept, hashed or dropped before anything is stored, and the key of pseudonyms. Used by the route. */
import { type ReactElement, useState } from "react";
import type { z } from "zod";
import { KeyDestroyedSchema, PrivacyAnswerSchema, PrivacyChangeSchema } from "../../../schema/api/privacy.ts";
import { PRIVACY_ACTIONS, type PrivacyPolicy, type PrivacyRule } from "../../../schema/privacy-policy.ts";
import { useApi, useChange } from "../api/query.ts";
import { useMe } from "../app/me-context.ts";
import { formatMoment } from "../format/time.ts";
import type { TableColumn } from "../ui/data-table.tsx";
import { Panel } from "../ui/panel.tsx";
import { PlainTable } from "../ui/plain-table.tsx";
import { useZone } from "../ui/preferences.tsx";
import { Answer } from "../ui/states.tsx";
import { may } from "./access.ts";
import { Gate } from "./admins-only.tsx";
import { ChangeState } from "./change-state.tsx";
import { ConfirmDialog } from "./confirm-dialog.tsx";
import { differs, draftOf, makesKey, type PolicyDraft, policyOf, withRule } from "./privacy.ts";
import { PrivacyRules } from "./privacy-rules.tsx";
import { useOrg } from "./use-org.ts";

const PATH = "/api/v1/settings/privacy";
type Stored = z.infer<typeof PrivacyAnswerSchema>;

const UNKNOWN_WORDS: Record<PrivacyPolicy["unknown"], string> = {
  identifiers: "keep numbers, booleans and short words; drop texts (usual)",
  keep: "keep everything",
  hash: "replace by pseudonyms",
  drop: "drop everything",
};

export function PrivacyPage(): ReactElement {
  return (
    <Gate permission="settings:read" scope="org" what="The privacy policy is">
      <Privacy />
    </Gate>
  );
}

function Privacy(): ReactElement {
  const { params } = useOrg();
  const query = useApi(PATH, params, PrivacyAnswerSchema);
  return (
    <div className="grid gap-4">
      {query.data === undefined ? (
        <Panel title="Privacy policy" className="min-h-52">
          <Answer query={query} what="the privacy policy">
            {() => null}
          </Answer>
        </Panel>
      ) : (
        <>
          <Editor stored={query.data} />
          <PseudonymKey stored={query.data} />
          <Panel
            title="Defaults"
            note="hold after your own rules; secrets are removed from everything, whatever a rule says"
          >
            <PlainTable
              label="Default rules"
              rows={query.data.defaults}
              columns={DEFAULTS}
              keyOf={({ agent, attribute }) => `${agent} ${attribute}`}
            />
          </Panel>
        </>
      )}
    </div>
  );
}

const DEFAULTS: readonly TableColumn<PrivacyRule>[] = [
  { key: "attribute", title: "Attribute", track: "", cell: ({ attribute }) => <code>{attribute}</code> },
  { key: "agent", title: "Agent", track: "", numeric: true, cell: ({ agent }) => (agent === "*" ? "every" : agent) },
  { key: "action", title: "Action", track: "", numeric: true, cell: ({ action }) => action },
];

function Editor({ stored }: { stored: Stored }): ReactElement {
  const { at } = useOrg();
  const writes = may(useMe(), "settings:write", "org");
  // What is being edited stays when the answer is asked again; null: nothing is.
  const [edited, setEdited] = useState<PolicyDraft | null>(null);
  const draft = edited ?? draftOf(stored.policy);
  const save = useChange(
    (body: PrivacyPolicy) => ({ method: "PUT", path: at(PATH), schema: PrivacyChangeSchema, body }),
    [PATH],
  );
  const policy = policyOf(draft);
  const dirty = differs(draft, stored.policy);
  const change = (next: PolicyDraft): void => {
    save.reset();
    setEdited(next);
  };
  return (
    <Panel
      title="Privacy policy"
      note="the first rule that fits an attribute decides; holds for what is received within a minute"
      controls={
        writes ? (
          <button type="button" className="button button-small" onClick={() => change(withRule(draft))}>
            Add rule
          </button>
        ) : null
      }
    >
      {stored.policy === null ? (
        <p className="bg-bad-soft px-4 py-2 text-bad" role="alert">
          What is stored cannot be read: nothing but numbers is kept until it is replaced.
        </p>
      ) : null}
      {draft.rules.length === 0 ? (
        <p className="px-4 pb-3 text-muted">No rule of your own: the defaults below hold.</p>
      ) : (
        <PrivacyRules draft={draft} writes={writes} onChange={change} />
      )}
      <div className="flex flex-wrap items-center gap-2 border-t border-line px-4 py-2">
        <label className="flex min-w-0 flex-wrap items-center gap-2">
          Attributes that no rule names
          <select
            className="select w-full max-w-full sm:w-auto sm:max-w-none"
            value={draft.unknown}
            disabled={!writes}
            onChange={(event) => {
              const unknown = UNKNOWN.find((one) => one === event.target.value);
              if (unknown !== undefined) change({ ...draft, unknown });
            }}
          >
            {UNKNOWN.map((value) => (
              <option key={value} value={value}>
                {UNKNOWN_WORDS[value]}
              </option>
            ))}
          </select>
        </label>
      </div>
      {writes ? (
        <div className="flex min-h-12 flex-wrap items-center gap-2 border-t border-line px-4 py-2">
          <ChangeState change={save} />
          {makesKey(draft, stored.pseudonym_key !== null) ? (
            <span className="text-2 text-muted">Saving makes the key of pseudonyms.</span>
          ) : null}
          {edited !== null && dirty ? (
            <button
              type="button"
              className="button"
              onClick={() => {
                save.reset();
                setEdited(null);
              }}
            >
              Discard
            </button>
          ) : null}
          <button
            type="button"
            className="button button-primary"
            disabled={!dirty || policy === null || save.isPending}
            onClick={() => policy !== null && save.mutate(policy, { onSuccess: () => setEdited(null) })}
          >
            Save policy
          </button>
        </div>
      ) : null}
    </Panel>
  );
}

const UNKNOWN = ["identifiers", ...PRIVACY_ACTIONS] as const;

function PseudonymKey({ stored: { pseudonym_key: key } }: { stored: Stored }): ReactElement {
  const { params, at } = useOrg();
  const zone = useZone();
  const writes = may(useMe(), "settings:write", "org");
  const [asking, setAsking] = useState(false);
  const destroy = useChange(
    (_: null) => ({ method: "DELETE", path: at(`${PATH}/pseudonym-key`), schema: KeyDestroyedSchema }),
    [PATH],
  );
  return (
    <Panel
      title="Key of pseudonyms"
      note="turns a hashed value into the same pseudonym each time; it never leaves Tenfold"
    >
      <div className="flex flex-wrap items-center gap-3 px-4 pb-4">
        <p className="min-w-60 flex-1">
          {key === null
            ? "There is none: the first policy that hashes makes it."
            : `Made on ${formatMoment(Date.parse(key.created_at), zone)}.`}
        </p>
        {key !== null && writes ? (
          <button type="button" className="button button-danger" onClick={() => setAsking(true)}>
            Destroy…
          </button>
        ) : null}
      </div>
      {asking ? (
        <ConfirmDialog
          title="Destroy the key of pseudonyms?"
          word={String(params.org)}
          action="Destroy"
          change={destroy}
          onConfirm={() => destroy.mutate(null, { onSuccess: () => setAsking(false) })}
          onClose={() => setAsking(false)}
        >
          <p>
            Nobody can trace a pseudonym to a person any more, nor make it again. While the policy hashes, a new key
            takes its place: the same people have other pseudonyms from then on, and count as others.
          </p>
        </ConfirmDialog>
      ) : null}
    </Panel>
  );
}
