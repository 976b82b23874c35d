/** The parts of Settings, in order, and what each needs. Used by the settings frame and by the first page of Settings. Pure. */
import type { Permission, Scope } from "../../../schema/access.ts";
import type { Me } from "../api/me.ts";
import { may } from "./access.ts";

export interface SettingsTab {
  to: `/settings/${string}`;
  label: string;
  permission: Permission;
  scope: Scope;
}

export const SETTINGS_TABS = [
  { to: "/settings/keys", label: "Ingest keys", permission: "keys:read", scope: "org" },
  { to: "/settings/integrations", label: "Integrations", permission: "settings:read", scope: "org" },
  { to: "/settings/members", label: "Members", permission: "members:read", scope: "own" },
  { to: "/settings/usage", label: "Usage", permission: "settings:read", scope: "org" },
  { to: "/settings/pipeline", label: "Pipeline", permission: "metrics:read", scope: "team" },
  { to: "/settings/privacy", label: "Privacy", permission: "settings:read", scope: "org" },
  { to: "/settings/prices", label: "Prices", permission: "settings:read", scope: "org" },
  { to: "/settings/organisation", label: "Organisation", permission: "settings:read", scope: "org" },
] as const satisfies readonly SettingsTab[];

/** The first part that somebody may see; the first of all when there is none, which says why. */
export function firstTab(me: Pick<Me, "permissions">): (typeof SETTINGS_TABS)[number]["to"] {
  return (SETTINGS_TABS.find(({ permission, scope }) => may(me, permission, scope)) ?? SETTINGS_TABS[0]).to;
}
