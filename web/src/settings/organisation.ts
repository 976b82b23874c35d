/** The organisation as it is being edited, and the patch it makes. Pure; used by the organisation page. */
import {
  FEATURE_NAMES,
  type Features,
  type SettingsPatch,
  SettingsPatchSchema,
  type TenantConfig,
} from "../../../schema/api/settings.ts";

/** What was touched; the rest is as it is stored. */
export interface Edited {
  name?: string;
  billingEmail?: string;
  features?: Partial<Features>;
}

type Stored = Pick<TenantConfig, "name" | "billing" | "features">;

/** Only what differs from what is stored, so that two people who edit other parts do not undo each other; null: not valid yet. */
export function patchOf(stored: Stored, edited: Edited): SettingsPatch | null {
  const name = edited.name?.trim() ?? stored.name;
  const email = (edited.billingEmail ?? stored.billing.billing_email ?? "").trim();
  const features = Object.fromEntries(
    FEATURE_NAMES.flatMap((feature) => {
      const next = edited.features?.[feature];
      return next === undefined || next === stored.features[feature] ? [] : [[feature, next]];
    }),
  );
  const parsed = SettingsPatchSchema.safeParse({
    ...(name === stored.name ? {} : { name }),
    ...(email === (stored.billing.billing_email ?? "") ? {} : { billing_email: email === "" ? null : email }),
    ...(Object.keys(features).length === 0 ? {} : { features }),
  });
  return parsed.success ? parsed.data : null;
}

/** True when there is something to save or to discard; a patch that is not valid yet is. */
export function hasChanges(patch: SettingsPatch | null): boolean {
  return patch === null || Object.keys(patch).length > 0;
}
