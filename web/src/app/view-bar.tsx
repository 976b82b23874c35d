/** The controls every view over time shares: range, filters, comparison, zone. All but the zone live in the URL. */
import type { ReactElement } from "react";
import { TimeseriesAnswerSchema } from "../../../schema/api/metrics.ts";
import { useApi } from "../api/query.ts";
import { zoneName } from "../format/time.ts";
import { FilterMenu } from "../ui/filter-menu.tsx";
import { usePreference } from "../ui/preference.ts";
import { usePreferences } from "../ui/preferences.tsx";
import { Segments } from "../ui/segments.tsx";
import { countFilters, FILTER_FIELDS, type FilterField, NO_FILTERS, type ViewSearch } from "./filters.ts";
import { RangePicker } from "./range-picker.tsx";
import type { View } from "./use-view.ts";

const LABELS: Record<FilterField, string> = {
  team: "Team",
  agent: "Agent",
  model: "Model",
  repo: "Repo",
  environment: "Environment",
};

export function ViewBar({
  view,
  onChange,
  compare = true,
}: {
  view: View;
  onChange(change: Partial<ViewSearch>): void;
  /** The view compares with the period before. */
  compare?: boolean;
}): ReactElement {
  const { search, range } = view;
  const { zone } = usePreferences();
  const shownZone = usePreference(zone);
  const active = countFilters(search);
  return (
    <search className="mb-4 flex flex-wrap items-center gap-2" aria-label="Range and filters">
      <RangePicker range={range} search={search} zone={shownZone} onChange={onChange} />
      {FILTER_FIELDS.map((field) => (
        <Facet key={field} view={view} field={field} onChange={(value) => onChange({ [field]: value })} />
      ))}
      <button
        type="button"
        className="button button-quiet button-small"
        disabled={active === 0}
        onClick={() => onChange(NO_FILTERS)}
      >
        Clear{active === 0 ? "" : ` (${active})`}
        <span className="visually-hidden"> filters</span>
      </button>
      <span className="flex-1" />
      {compare ? (
        <label className="flex items-center gap-2 text-2 text-muted">
          <input
            type="checkbox"
            checked={view.compare}
            onChange={(event) => onChange({ compare: event.target.checked ? undefined : "off" })}
          />
          Compare with the period before
        </label>
      ) : null}
      <Segments
        label="Time zone"
        value={shownZone}
        options={[
          { value: "local", label: shownZone === "local" ? zoneName("local", range.to) : "Local" },
          { value: "utc", label: "UTC" },
        ]}
        onChange={zone.set}
      />
    </search>
  );
}

/** One filter; its menu offers what the range holds under the other filters. */
function Facet({
  view,
  field,
  onChange,
}: {
  view: View;
  field: FilterField;
  onChange(value: string | undefined): void;
}): ReactElement {
  const largest = useApi(
    "/api/v1/metrics/timeseries",
    { ...view.params, [field]: undefined, metric: "events", group_by: field, interval: "1mo", timezone: view.timezone },
    TimeseriesAnswerSchema,
  );
  const options = new Set(largest.data?.series.flatMap(({ group }) => (group === null || group === "" ? [] : [group])));
  return <FilterMenu label={LABELS[field]} value={view.search[field]} options={options} onChange={onChange} />;
}
