/** The header of every signed-in page: where I am, which organisation, theme, who I am. */
import type { ReactElement, ReactNode } from "react";
import { currentOrg, type Me, type Org } from "../api/me.ts";
import { IconDark, IconLight, IconSignOut, IconSystem, Mark } from "./icons.tsx";
import { usePreference } from "./preference.ts";
import { type Theme, usePreferences } from "./preferences.tsx";
import { Name } from "./text.tsx";

const THEME_LABEL: Record<Theme, string> = { system: "system", light: "light", dark: "dark" };
const THEME_ICON: Record<Theme, () => ReactElement> = { system: IconSystem, light: IconLight, dark: IconDark };

export function Header({
  me,
  onOrg,
  onSignOut,
  tools,
}: {
  me: Me;
  onOrg(org: string): void;
  /** Buttons of the frame: finding, sharing. */
  tools?: ReactNode;
  onSignOut(): void;
}): ReactElement {
  return (
    <header className="header">
      <a className="skip-link" href="#main">
        Skip to content
      </a>
      <Brand />
      <OrgSwitch me={me} onOrg={onOrg} />
      <span className="header-space" />
      {tools}
      <ThemeSwitch />
      <span className="header-user">
        <Name value={me.email} />
      </span>
      <button type="button" className="button button-quiet" onClick={onSignOut} title="Sign out">
        <IconSignOut />
        <span className="wide-only">Sign out</span>
        <span className="visually-hidden narrow-only">Sign out</span>
      </button>
    </header>
  );
}

/** The name of the product, as it stands at the start of every header. */
export function Brand(): ReactElement {
  return (
    <span className="brand">
      <Mark />
      <span className="brand-name">Tenfold</span>
    </span>
  );
}

function OrgSwitch({ me, onOrg }: { me: Me; onOrg(org: string): void }): ReactElement {
  const here = currentOrg(me);
  const orgs: readonly Org[] = me.orgs.some((org) => org.org_id === here.org_id) ? me.orgs : [here, ...me.orgs];
  if (orgs.length < 2) {
    return (
      <span className="org">
        <Name value={here.name} />
        <Residency org={here} />
      </span>
    );
  }
  return (
    <span className="org">
      <label className="visually-hidden" htmlFor="org">
        Organisation
      </label>
      <select id="org" className="select" value={here.org_id} onChange={(event) => onOrg(event.target.value)}>
        {orgs.map((org) => (
          <option key={org.org_id} value={org.org_id}>
            {org.name}
          </option>
        ))}
      </select>
      <Residency org={here} />
    </span>
  );
}

function Residency({ org }: { org: Org }): ReactElement {
  return (
    <span className="tag" title={`Data residency: ${org.residency}`}>
      {org.residency.toUpperCase()}
    </span>
  );
}

export function ThemeSwitch(): ReactElement {
  const { theme } = usePreferences();
  const current = usePreference(theme);
  const next = theme.values[(theme.values.indexOf(current) + 1) % theme.values.length] ?? "system";
  const Icon = THEME_ICON[current];
  return (
    <button
      type="button"
      className="button button-quiet button-icon"
      title={`Theme: ${THEME_LABEL[current]}. Switch to ${THEME_LABEL[next]}`}
      onClick={() => theme.set(next)}
    >
      <Icon />
      <span className="visually-hidden">
        Theme: {THEME_LABEL[current]}. Switch to {THEME_LABEL[next]}
      </span>
    </button>
  );
}
