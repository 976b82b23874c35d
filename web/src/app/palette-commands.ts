/** What the command palette offers, as data: views, dashboards, saved metrics, organisations, appearance, the session. Pure; run by palette.tsx. */
import type { CustomMetric } from "../../../schema/api/custom-metrics.ts";
import type { Dashboard } from "../../../schema/api/dashboards.ts";
import type { Question } from "../../../schema/api/query.ts";
import type { Me } from "../api/me.ts";
import type { Zone } from "../format/time.ts";
import type { Theme } from "../ui/preferences.tsx";
import { NAV, type NavItem } from "./nav.ts";

export type Intent =
  | { do: "go"; to: NavItem["to"] }
  | { do: "org"; org: string }
  | { do: "theme"; theme: Theme }
  | { do: "zone"; zone: Zone }
  | { do: "metric"; id: string; question: Question }
  | { do: "dashboard"; id: string }
  | { do: "share" }
  | { do: "help" }
  | { do: "sign-out" };

/** What the frame does; what has a name of its own is opened by the palette, which alone knows questions and ids. */
export type FrameIntent = Exclude<Intent, { do: "metric" } | { do: "dashboard" }>;

export interface Command {
  /** Unique in the list; also part of an element's id. */
  id: string;
  label: string;
  words: string;
  group: string;
  /** Keys that do the same. */
  keys?: readonly string[];
  intent: Intent;
}

const THEMES: readonly { theme: Theme; label: string }[] = [
  { theme: "light", label: "Light theme" },
  { theme: "dark", label: "Dark theme" },
  { theme: "system", label: "Theme of the system" },
];
const ZONES: readonly { zone: Zone; label: string }[] = [
  { zone: "local", label: "Times in my time zone" },
  { zone: "utc", label: "Times in UTC" },
];

/** In the order they are shown while nothing is typed; what is already so (organisation, theme, zone) is left out. */
export function commandsOf(
  me: Pick<Me, "org_id" | "orgs">,
  now: { theme: Theme; zone: Zone },
  saved: readonly Pick<CustomMetric, "metric_id" | "name" | "query">[],
  dashboards: readonly Pick<Dashboard, "dashboard_id" | "name">[],
): Command[] {
  const command = (
    group: string,
    id: string,
    label: string,
    words: string,
    intent: Intent,
    keys?: string[],
  ): Command => ({
    group,
    id,
    label,
    words,
    intent,
    ...(keys === undefined ? {} : { keys }),
  });
  return [
    ...NAV.map(({ to, label, words, key }) =>
      command("Views", to, label, `go to ${words}`, { do: "go", to }, ["g", key]),
    ),
    ...dashboards.map(({ dashboard_id: id, name }) =>
      command("Dashboards", `dashboard-${id}`, name, "dashboard board open", { do: "dashboard", id }),
    ),
    ...saved.flatMap(({ metric_id: id, name, query }) =>
      query === null
        ? []
        : command("Saved metrics", `metric-${id}`, name, "saved metric explore open", {
            do: "metric",
            id,
            question: query,
          }),
    ),
    ...me.orgs
      .filter(({ org_id }) => org_id !== me.org_id)
      .map(({ org_id, name }) =>
        command("Organisations", `org-${org_id}`, name, `switch organisation tenant ${org_id}`, {
          do: "org",
          org: org_id,
        }),
      ),
    command("This page", "share", "Copy a link to this page", "share url range", { do: "share" }),
    ...THEMES.filter(({ theme }) => theme !== now.theme).map(({ theme, label }) =>
      command("Appearance", `theme-${theme}`, label, "switch appearance colours mode", { do: "theme", theme }),
    ),
    ...ZONES.filter(({ zone }) => zone !== now.zone).map(({ zone, label }) =>
      command("Appearance", `zone-${zone}`, label, "switch timezone clock", { do: "zone", zone }),
    ),
    command("Tenfold", "help", "Keyboard shortcuts", "help keys", { do: "help" }, ["?"]),
    command("Tenfold", "sign-out", "Sign out", "log out leave session", { do: "sign-out" }),
  ];
}
