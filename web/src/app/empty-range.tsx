/** Nothing in the view's range: ways on, which are a longer range, no filters, or an agent that sends. Used as a chart's empty state. */
import { Link } from "@tanstack/react-router";
import type { ReactElement } from "react";
import { Empty } from "../ui/states.tsx";
import { countFilters, NO_FILTERS, type ViewSearch } from "./filters.ts";
import type { View } from "./use-view.ts";

const DAY_MS = 86_400_000;

export function EmptyRange({
  view,
  title,
  onSearch,
}: {
  view: View;
  /** "No cost in this range". */
  title: string;
  onSearch(change: Partial<ViewSearch>): void;
}): ReactElement {
  const { search, range } = view;
  const longer = range.to - range.from < 30 * DAY_MS ? ("30d" as const) : ("12mo" as const);
  return (
    <Empty title={title}>
      <p>Look further back, or connect an agent: its first event shows up here within seconds.</p>
      <div className="mt-1 flex flex-wrap justify-center gap-2">
        <button
          type="button"
          className="button"
          onClick={() => onSearch({ range: longer, from: undefined, to: undefined })}
        >
          {longer === "30d" ? "Last 30 days" : "Last 12 months"}
        </button>
        {countFilters(search) === 0 ? null : (
          <button type="button" className="button" onClick={() => onSearch(NO_FILTERS)}>
            Clear the filters
          </button>
        )}
        <Link to="/settings/keys" search={({ org }) => ({ org })} className="button">
          Connect an agent
        </Link>
      </div>
    </Empty>
  );
}
