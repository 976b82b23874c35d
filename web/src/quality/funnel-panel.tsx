/** How many sessions become code, and how many of those a pull request: bars that are a table. Used by Quality. */
import type { ReactElement } from "react";
import { FunnelAnswerSchema } from "../../../schema/api/insights.ts";
import { useApi } from "../api/query.ts";
import type { View } from "../app/use-view.ts";
import { formatShare } from "../format/change.ts";
import { formatCount, formatExact } from "../format/number.ts";
import { CsvMenu, csvTable } from "../ui/csv-menu.tsx";
import type { TableColumn } from "../ui/data-table.tsx";
import { Panel } from "../ui/panel.tsx";
import { Answer } from "../ui/states.tsx";
import { type FunnelStep, funnelSteps } from "./funnel.ts";

const CSV: readonly TableColumn<FunnelStep>[] = [
  { key: "step", title: "step", track: "", cell: () => null, text: ({ step }) => step },
  { key: "sessions", title: "sessions", track: "", cell: () => null, text: ({ sessions }) => sessions },
  { key: "of_sessions", title: "of_sessions", track: "", cell: () => null, text: ({ ofSessions }) => ofSessions },
  { key: "of_before", title: "of_step_before", track: "", cell: () => null, text: ({ ofStepBefore }) => ofStepBefore },
];
const HEAD = "h-8 text-2 font-medium text-muted";

export function FunnelPanel({ view }: { view: View }): ReactElement {
  const query = useApi("/api/v1/metrics/funnel", view.params, FunnelAnswerSchema, { refreshMs: view.refreshMs });
  const steps = query.data === undefined ? undefined : funnelSteps(query.data);
  const without = query.data?.pull_requests_without_code ?? 0;
  return (
    <Panel
      title="From session to pull request"
      className="min-h-72"
      busy={query.isPlaceholderData}
      controls={<CsvMenu title="Funnel" table={csvTable(CSV, steps)} />}
    >
      <Answer query={query} what="the funnel" isEmpty={() => (steps?.[0]?.sessions ?? 0) === 0}>
        {() => (
          <div className="px-4 pb-4">
            <table className="w-full border-collapse">
              <caption className="visually-hidden">From session to pull request</caption>
              <thead>
                <tr>
                  <th scope="col" className={`${HEAD} text-start`}>
                    Sessions
                  </th>
                  <th scope="col" className={`${HEAD} ps-2 w-14 sm:w-20 text-end`}>
                    Count
                  </th>
                  <th scope="col" className={`${HEAD} ps-2 w-14 sm:w-20 text-end`}>
                    Of all
                  </th>
                  <th scope="col" className={`${HEAD} ps-2 w-16 sm:w-28 text-end`}>
                    Of step before
                  </th>
                </tr>
              </thead>
              <tbody>
                {(steps ?? []).map((step, index) => (
                  <Step key={step.step} step={step} index={index} />
                ))}
              </tbody>
            </table>
            {without === 0 ? null : (
              <p className="pt-2 text-2 text-muted" title={formatExact(without)}>
                {formatCount(without)} more with a pull request and no generated code: in no step.
              </p>
            )}
          </div>
        )}
      </Answer>
    </Panel>
  );
}

function Step({ step, index }: { step: FunnelStep; index: number }): ReactElement {
  const { label, sessions, ofSessions, ofStepBefore, lost } = step;
  return (
    <tr data-step={step.step} className="align-middle">
      <th scope="row" className="py-2 pe-3 text-start font-normal">
        {index === 0 ? "All" : label}
        <span className="mt-1 block h-3 rounded-md bg-sunken" aria-hidden="true">
          <span
            className="block h-3 rounded-md bg-accent"
            style={{ width: `${(ofSessions ?? 0) * 100}%`, minWidth: sessions > 0 ? 2 : 0 }}
          />
        </span>
      </th>
      <td className="text-end font-medium" title={`${formatExact(sessions)} sessions`}>
        {formatCount(sessions)}
      </td>
      <td className="text-end text-muted">{formatShare(ofSessions)}</td>
      <td className="text-end text-muted" title={index === 0 ? undefined : `${formatExact(lost)} did not get here`}>
        {formatShare(ofStepBefore)}
      </td>
    </tr>
  );
}
