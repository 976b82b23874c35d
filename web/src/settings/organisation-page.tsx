/** What the organisation is: name, features, billing address; plan, quotas and residency to read. Used by the route. */
import { type ReactElement, type ReactNode, useState } from "react";
import {
  FEATURE_NAMES,
  type Features,
  QUOTA_NAMES,
  SettingsAnswerSchema,
  SettingsChangeSchema,
  type SettingsPatch,
  type TenantConfig,
} from "../../../schema/api/settings.ts";
import { useApi, useChange } from "../api/query.ts";
import { useMe } from "../app/me-context.ts";
import { formatDay } from "../format/time.ts";
import { Panel } from "../ui/panel.tsx";
import { useZone } from "../ui/preferences.tsx";
import { Answer } from "../ui/states.tsx";
import { may } from "./access.ts";
import { Gate } from "./admins-only.tsx";
import { ChangeState } from "./change-state.tsx";
import { Field } from "./field.tsx";
import { type Edited, hasChanges, patchOf } from "./organisation.ts";
import { QUOTA_WORDS, quotaText } from "./usage.ts";
import { useOrg } from "./use-org.ts";

const PATH = "/api/v1/settings";

const FEATURE_WORDS: Record<keyof Features, { label: string; hint: string }> = {
  real_time_enabled: { label: "Live view", hint: "Off: everyone's live connections end at once." },
  export_enabled: { label: "Exports", hint: "Data may leave as files." },
  sso_enabled: { label: "Single sign-on", hint: "People sign in with the organisation's own accounts." },
  custom_metrics_enabled: { label: "Saved metrics", hint: "Managers and admins may save questions for all." },
};

export function OrganisationPage(): ReactElement {
  return (
    <Gate permission="settings:read" scope="org" what="The organisation's settings are">
      <Organisation />
    </Gate>
  );
}

function Organisation(): ReactElement {
  const { params } = useOrg();
  const query = useApi(PATH, params, SettingsAnswerSchema);
  return query.data === undefined ? (
    <Panel title="Organisation" className="min-h-80">
      <Answer query={query} what="the organisation">
        {() => null}
      </Answer>
    </Panel>
  ) : (
    <div className="grid items-start gap-4 md:grid-cols-2">
      <Editor stored={query.data} />
      <Agreed stored={query.data} />
    </div>
  );
}

function Editor({ stored }: { stored: TenantConfig }): ReactElement {
  const { at } = useOrg();
  const writes = may(useMe(), "settings:write", "org");
  // What is being edited stays when the answer is asked again.
  const [edited, setEdited] = useState<Edited>({});
  const save = useChange(
    (body: SettingsPatch) => ({ method: "PATCH", path: at(PATH), schema: SettingsChangeSchema, body }),
    [PATH],
  );
  const change = (next: Partial<Edited>): void => {
    save.reset();
    setEdited({ ...edited, ...next });
  };
  const features = { ...stored.features, ...edited.features };
  const patch = patchOf(stored, edited);
  return (
    <Panel title="Organisation">
      <div className="grid gap-4 px-4 pb-4">
        <Field label="Name">
          <input
            className="input"
            maxLength={128}
            disabled={!writes}
            value={edited.name ?? stored.name}
            onChange={(event) => change({ name: event.target.value })}
          />
        </Field>
        <Field label="Billing email" hint="Invoices go there; empty: nowhere.">
          <input
            className="input"
            type="email"
            disabled={!writes}
            value={edited.billingEmail ?? stored.billing.billing_email ?? ""}
            onChange={(event) => change({ billingEmail: event.target.value })}
          />
        </Field>
        <fieldset className="grid gap-2">
          <legend className="mb-1 font-medium">Features</legend>
          {FEATURE_NAMES.map((name) => {
            const granted = stored.granted_features[name];
            const { label, hint } = FEATURE_WORDS[name];
            return (
              <label key={name} className="flex items-start gap-2">
                <input
                  type="checkbox"
                  className="mt-1"
                  checked={features[name]}
                  disabled={!writes || !granted}
                  onChange={(event) => change({ features: { ...edited.features, [name]: event.target.checked } })}
                />
                <span>
                  <span className="font-medium">{label}</span>{" "}
                  <span className="text-muted">{granted ? hint : `Not in the ${stored.billing.plan} plan.`}</span>
                </span>
              </label>
            );
          })}
        </fieldset>
      </div>
      {writes ? (
        <div className="flex min-h-12 flex-wrap items-center gap-2 border-t border-line px-4 py-2">
          <ChangeState change={save} />
          {hasChanges(patch) ? (
            <button
              type="button"
              className="button"
              onClick={() => {
                save.reset();
                setEdited({});
              }}
            >
              Discard
            </button>
          ) : null}
          <button
            type="button"
            className="button button-primary"
            disabled={patch === null || !hasChanges(patch) || save.isPending}
            onClick={() => patch !== null && save.mutate(patch, { onSuccess: () => setEdited({}) })}
          >
            Save
          </button>
        </div>
      ) : null}
    </Panel>
  );
}

function Agreed({ stored }: { stored: TenantConfig }): ReactElement {
  const zone = useZone();
  return (
    <Panel title="Agreed with the operator" note="cannot be changed here">
      <dl className="grid gap-x-4 gap-y-2 px-4 pb-4 [grid-template-columns:auto_minmax(0,1fr)]">
        <Row label="Id">
          <code>{stored.org_id}</code>
        </Row>
        <Row label="Plan">{stored.billing.plan}</Row>
        <Row label="Residency">
          {stored.data_residency.toUpperCase()}, live view in {stored.primary_region.toUpperCase()}
        </Row>
        {QUOTA_NAMES.map((name) => {
          const { short, exact } = quotaText(name, stored.quotas);
          return (
            <Row key={name} label={QUOTA_WORDS[name].label}>
              <span title={exact}>{short}</span>
            </Row>
          );
        })}
        <Row label="Since">{`${formatDay(Date.parse(stored.created_at), zone)} ${stored.created_at.slice(0, 4)}`}</Row>
      </dl>
    </Panel>
  );
}

function Row({ label, children }: { label: string; children: ReactNode }): ReactElement {
  return (
    <>
      <dt className="text-muted">{label}</dt>
      <dd>{children}</dd>
    </>
  );
}
