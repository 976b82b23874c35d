/**
 * The values that the filter menus offer: everything seen so far in sessions, notices and windows of one organisation.
 * Kept across filter changes, so that a menu still offers what the filter in force hides. Pure.
 */
import { LAYERS } from "../chart/palette.ts";
import type { LiveState } from "./reducer.ts";
import type { FilterName } from "./search.ts";

/** Values offered in one menu: beyond it people type. */
const MAX_VALUES = 500;

export type Facets = Readonly<Record<FilterName, ReadonlySet<string>>>;

export const NO_FACETS: Facets = {
  type: new Set(LAYERS.map((layer) => layer.key).filter((key) => key !== "custom")),
  team: new Set(),
  agent: new Set(),
  model: new Set(),
  repo: new Set(),
  environment: new Set(),
};

/** The facets with what `state` shows added; the same object when there is nothing new. */
export function collectFacets(facets: Facets, state: LiveState): Facets {
  const added: Partial<Record<FilterName, Set<string>>> = {};
  const add = (name: FilterName, value: string): void => {
    const known = added[name] ?? facets[name];
    if (value === "" || known.has(value) || known.size >= MAX_VALUES) return;
    const copy = added[name] ?? new Set(facets[name]);
    copy.add(value);
    added[name] = copy;
  };
  for (const { value } of state.windows.values()) for (const type in value.types) add("type", type);
  for (const { value } of state.sessions.values()) {
    add("team", value.team);
    add("agent", value.agent);
    add("model", value.model);
    add("repo", value.repo);
    add("environment", value.environment);
  }
  for (const notice of state.notices) {
    add("team", notice.team_id);
    add("agent", notice.agent);
    add("model", notice.model);
    add("repo", notice.repo);
    add("environment", notice.environment);
  }
  return Object.keys(added).length === 0 ? facets : { ...facets, ...added };
}
