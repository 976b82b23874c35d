/** Adoption: how many people use agents, by day, week and month, of all or by team. Used by Overview. */
import { type ReactElement, useState } from "react";
import { type ActiveUsersAnswer, ActiveUsersAnswerSchema, MAX_ACTIVE_DAYS } from "../../../schema/api/insights.ts";
import { useApi } from "../api/query.ts";
import type { View } from "../app/use-view.ts";
import { ChartPanel } from "../chart/chart-panel.tsx";
import { unitFormat } from "../format/unit.ts";
import { Segments } from "../ui/segments.tsx";
import { type AdoptionWindow, adoptionData } from "./adoption.ts";

type Choice = "all" | AdoptionWindow;

const CHOICES: readonly { value: Choice; label: string }[] = [
  { value: "all", label: "All" },
  { value: "daily", label: "Teams, day" },
  { value: "weekly", label: "week" },
  { value: "monthly", label: "month" },
];
const COUNT = unitFormat("count");
const DAY_MS = 86_400_000;
/** A shorter range has no course of days; so many days are shown instead. */
const MIN_DAYS = 14;

export function AdoptionPanel({ view }: { view: View }): ReactElement {
  const [choice, setChoice] = useState<Choice>("all");
  const days = Math.min(MAX_ACTIVE_DAYS - 1, Math.max(MIN_DAYS, (view.range.to - view.range.from) / DAY_MS));
  const query = useApi(
    "/api/v1/metrics/active-users",
    {
      ...view.params,
      from: new Date(view.range.to - days * DAY_MS).toISOString(),
      timezone: view.timezone,
      group_by: choice === "all" ? undefined : "team",
    },
    ActiveUsersAnswerSchema,
    { refreshMs: view.refreshMs },
  );
  return (
    <ChartPanel<ActiveUsersAnswer>
      key={choice}
      title="Active users"
      query={query}
      toData={(answer) => adoptionData(answer, choice === "all" ? "daily" : choice)}
      kind="line"
      format={COUNT.short}
      formatExact={COUNT.exact}
      controls={<Segments<Choice> label="Active users" value={choice} options={CHOICES} onChange={setChoice} />}
    />
  );
}
