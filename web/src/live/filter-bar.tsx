/** The filters: one menu each, and a way to clear them all. Every choice goes to the URL. */
import type { ReactElement } from "react";
import type { LiveFilter } from "../../../schema/live.ts";
import { typeLabel } from "../chart/palette.ts";
import { FilterMenu } from "../ui/filter-menu.tsx";
import type { Facets } from "./facets.ts";
import { FILTERS, type FilterName } from "./search.ts";

const LABELS: Record<FilterName, string> = {
  type: "Type",
  team: "Team",
  agent: "Agent",
  model: "Model",
  repo: "Repo",
  environment: "Environment",
};

export function FilterBar({
  filter,
  facets,
  onChange,
}: {
  filter: LiveFilter;
  facets: Facets;
  onChange(change: LiveFilter): void;
}): ReactElement {
  const active = FILTERS.filter((name) => filter[name] !== undefined);
  return (
    <search className="filter-bar" aria-label="Filters">
      {FILTERS.map((name) => (
        <FilterMenu
          key={name}
          label={LABELS[name]}
          value={filter[name]}
          options={facets[name]}
          optionLabel={name === "type" ? typeLabel : undefined}
          onChange={(value) => onChange({ ...filter, [name]: value })}
        />
      ))}
      <button
        type="button"
        className="button button-quiet button-small filter-clear"
        disabled={active.length === 0}
        onClick={() => onChange({})}
      >
        Clear{active.length === 0 ? "" : ` (${active.length})`}
        <span className="visually-hidden"> filters</span>
      </button>
    </search>
  );
}
