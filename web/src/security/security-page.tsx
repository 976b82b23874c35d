/** What Security shows under its controls. Used by the route. */
import type { ReactElement } from "react";
import type { ViewSearch } from "../app/filters.ts";
import type { View } from "../app/use-view.ts";
import { Gate } from "../settings/admins-only.tsx";
import { AlertsChart } from "./alerts-chart.tsx";
import { AlertsPanel } from "./alerts-panel.tsx";
import { ResidencyPanel } from "./residency-panel.tsx";
import { RulesPanel } from "./rules-panel.tsx";
import { ScorePanel } from "./score-panel.tsx";
import type { SecuritySearch } from "./search.ts";

export function SecurityPage({
  view,
  search,
  onSearch,
}: {
  view: View;
  search: SecuritySearch;
  onSearch(change: Partial<ViewSearch & SecuritySearch>): void;
}): ReactElement {
  const by = search.by ?? "rule";
  return (
    <div className="live">
      <AlertsChart
        view={view}
        by={by}
        onBy={(next) => onSearch({ by: next === "rule" ? undefined : next })}
        onZoom={(from, to) =>
          onSearch({ range: undefined, from: new Date(from).toISOString(), to: new Date(to).toISOString() })
        }
      />
      <AlertsPanel view={view} rule={search.rule} onRule={(rule) => onSearch({ rule })} />
      <Gate permission="metrics:read" scope="org" what="The compliance score is">
        <ScorePanel />
      </Gate>
      <Gate permission="settings:read" scope="org" what="Security rules and residency are">
        <RulesPanel />
        <ResidencyPanel />
      </Gate>
    </div>
  );
}
