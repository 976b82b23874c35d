/** Security alerts over time, by rule or severity. Used by Security. */
import type { ReactElement } from "react";
import { combined } from "../app/combined.ts";
import { useQuestion } from "../app/use-question.ts";
import { useSeries } from "../app/use-series.ts";
import type { View } from "../app/use-view.ts";
import { ChartPanel } from "../chart/chart-panel.tsx";
import { unitFormat } from "../format/unit.ts";
import { Segments } from "../ui/segments.tsx";
import { Empty } from "../ui/states.tsx";
import { courseData, courseQuestion, stepOf } from "./alerts.ts";
import type { AlertsBy } from "./search.ts";

const COUNT = unitFormat("count");

export function AlertsChart({
  view,
  by,
  onBy,
  onZoom,
}: {
  view: View;
  by: AlertsBy;
  onBy(by: AlertsBy): void;
  onZoom(from: number, to: number): void;
}): ReactElement {
  const interval = stepOf(view.range);
  const query = combined(
    useSeries(view, { metric: "security_alerts", interval, compare: false }),
    useQuestion(view, courseQuestion(by, interval)),
  );
  return (
    <ChartPanel
      key={by}
      title="Alerts"
      query={query}
      toData={(answers) => courseData(answers, by)}
      kind="bars"
      format={COUNT.short}
      formatExact={COUNT.exact}
      onZoom={onZoom}
      empty={
        <Empty title="No security alerts in this range">
          <p>Bypassed permissions, blocked tools, failed sign-ins and secrets in telemetry would be here.</p>
        </Empty>
      }
      controls={
        <Segments<AlertsBy>
          label="Alerts by"
          value={by}
          options={[
            { value: "rule", label: "Rule" },
            { value: "severity", label: "Severity" },
          ]}
          onChange={onBy}
        />
      }
    />
  );
}
