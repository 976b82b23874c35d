/** The views in the order of the navigation, with the keys that lead there. Used by the frame and the command palette. */
import type { LinkProps } from "@tanstack/react-router";
import type { IconName } from "../ui/icons.tsx";
import type { ViewSearch } from "./filters.ts";

export interface NavItem {
  to: NonNullable<LinkProps["to"]>;
  label: string;
  icon: IconName;
  /** Second key after "g". */
  key: string;
  /** What people find there, for the palette. */
  words: string;
}

export const NAV: readonly NavItem[] = [
  { to: "/live", label: "Live", icon: "live", key: "l", words: "now events sessions running" },
  { to: "/overview", label: "Overview", icon: "overview", key: "o", words: "summary totals adoption trends" },
  { to: "/sessions", label: "Sessions", icon: "sessions", key: "s", words: "history timeline events search" },
  { to: "/cost", label: "Cost", icon: "cost", key: "c", words: "money spend tokens forecast prices budget unpriced" },
  {
    to: "/quality",
    label: "Quality",
    icon: "quality",
    key: "q",
    words: "errors failures latency duration percentiles acceptance funnel",
  },
  { to: "/security", label: "Security", icon: "security", key: "a", words: "alerts rules compliance score residency" },
  {
    to: "/dashboards",
    label: "Dashboards",
    icon: "dashboards",
    key: "d",
    words: "boards tiles pinned metrics grid shared",
  },
  {
    to: "/explore",
    label: "Explore",
    icon: "explore",
    key: "x",
    words: "query question build metric custom saved measure dimension",
  },
  {
    to: "/settings",
    label: "Settings",
    icon: "settings",
    key: ",",
    words: "keys members teams integrations privacy prices",
  },
];

/** What goes along from view to view: range and filters; what belongs to one view stays there. */
export function alongSearch(search: ViewSearch): ViewSearch {
  const { org, range, from, to, team, agent, model, repo, environment } = search;
  return { org, range, from, to, team, agent, model, repo, environment };
}
