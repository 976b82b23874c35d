/**
 * Theme and time zone of this browser, for all components. Provided by main.tsx.
 */
import { createContext, type ReactElement, type ReactNode, useContext, useEffect, useSyncExternalStore } from "react";
import type { Zone } from "../format/time.ts";
import { createPreference, type KeyValue, type Preference, usePreference } from "./preference.ts";

export type Theme = "system" | "light" | "dark";

export interface Preferences {
  theme: Preference<Theme>;
  zone: Preference<Zone>;
  /** Whether keys without Ctrl do something; people who dictate switch them off. */
  shortcuts: Preference<"on" | "off">;
  /** The checklist of a new organisation. */
  onboarding: Preference<"shown" | "dismissed">;
}

export function createPreferences(storage: KeyValue | null): Preferences {
  return {
    // public/theme.js reads this key before the first paint.
    theme: createPreference<Theme>(storage, "tenfold.theme", ["system", "light", "dark"]),
    zone: createPreference<Zone>(storage, "tenfold.zone", ["local", "utc"]),
    shortcuts: createPreference<"on" | "off">(storage, "tenfold.shortcuts", ["on", "off"]),
    onboarding: createPreference<"shown" | "dismissed">(storage, "tenfold.onboarding", ["shown", "dismissed"]),
  };
}

const Context = createContext<Preferences | null>(null);

export function PreferencesProvider({
  preferences,
  children,
}: {
  preferences: Preferences;
  children: ReactNode;
}): ReactElement {
  const theme = usePreference(preferences.theme);
  useEffect(() => {
    if (theme === "system") delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = theme;
  }, [theme]);
  return <Context value={preferences}>{children}</Context>;
}

export function usePreferences(): Preferences {
  const preferences = useContext(Context);
  if (preferences === null) throw new Error("PreferencesProvider is missing");
  return preferences;
}

export function useZone(): Zone {
  return usePreference(usePreferences().zone);
}

const DARK = "(prefers-color-scheme: dark)";

function subscribeDark(listener: () => void): () => void {
  const query = matchMedia(DARK);
  query.addEventListener("change", listener);
  return () => query.removeEventListener("change", listener);
}

/** The theme that is painted: `system` resolved. */
export function usePaintedTheme(): "light" | "dark" {
  const theme = usePreference(usePreferences().theme);
  const dark = useSyncExternalStore(subscribeDark, () => matchMedia(DARK).matches);
  return theme === "system" ? (dark ? "dark" : "light") : theme;
}
