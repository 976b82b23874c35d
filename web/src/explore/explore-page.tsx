/** Explore under its controls: the builder beside its answer, or examples while nothing is asked, and the saved metrics. Used by the route. */
import { Link } from "@tanstack/react-router";
import { type ReactElement, Suspense, useState } from "react";
import type { CustomMetric } from "../../../schema/api/custom-metrics.ts";
import { CatalogueAnswerSchema, type Question, SavedQuerySchema } from "../../../schema/api/query.ts";
import { failureOf, useApi } from "../api/query.ts";
import type { ViewSearch } from "../app/filters.ts";
import type { View } from "../app/use-view.ts";
import { ChangeState } from "../settings/change-state.tsx";
import { Panel } from "../ui/panel.tsx";
import { useZone } from "../ui/preferences.tsx";
import { Answer } from "../ui/states.tsx";
import { Builder } from "./builder.tsx";
import { EXAMPLES, FIRST_QUESTION } from "./examples.ts";
import { PinDialog, SaveDialog } from "./late-dialogs.ts";
import { Preview } from "./preview.tsx";
import { type ExploreSearch, readQuestion, sameQuestion, writeQuestion } from "./question-url.ts";
import { savedRefusal } from "./refusal.ts";
import { SavedPanel } from "./saved-panel.tsx";
import { useChangeMetric, useMaySave, useSavedMetrics } from "./use-saved.ts";

export function ExplorePage({
  view,
  search,
  onSearch,
}: {
  view: View;
  search: ExploreSearch;
  onSearch(change: Partial<ViewSearch & ExploreSearch>): void;
}): ReactElement {
  const zone = useZone();
  const question = search.q === undefined ? null : readQuestion(search.q);
  const catalogue = useApi("/api/v1/query/catalogue", { org: view.org }, CatalogueAnswerSchema, {
    enabled: question !== null,
  });
  const onRemoved = ({ metric_id }: CustomMetric): void => {
    if (metric_id === search.metric) onSearch({ metric: undefined });
  };
  return (
    <div className="grid gap-4">
      {question === null ? (
        <Examples />
      ) : (
        <div className="grid gap-4 md:grid-cols-[minmax(0,392px)_minmax(0,1fr)]">
          <Panel
            title="Question"
            className="self-start"
            controls={<Saving view={view} question={question} opened={search.metric} onSearch={onSearch} />}
          >
            <div className="min-h-96">
              <Answer query={catalogue} what="what can be asked">
                {(known) => (
                  <Builder
                    question={question}
                    catalogue={known}
                    zone={zone}
                    onChange={(next) => onSearch({ q: writeQuestion(next) })}
                  />
                )}
              </Answer>
            </div>
          </Panel>
          <Preview
            view={view}
            question={question}
            onZoom={(from, to) =>
              onSearch({ range: undefined, from: new Date(from).toISOString(), to: new Date(to).toISOString() })
            }
          />
        </div>
      )}
      <SavedPanel current={search.metric} onRemoved={onRemoved} />
    </div>
  );
}

function Examples(): ReactElement {
  return (
    <Panel title="Ask about your events">
      <div className="grid gap-4 p-4">
        <p className="text-muted">
          Choose what to measure and what to split it by. The answer comes as you build, and its link holds the whole
          question. Begin with one of these:
        </p>
        <ul className="grid gap-4 md:grid-cols-3">
          {EXAMPLES.map(({ title, text, question }) => (
            <li key={title}>
              <QuestionLink
                question={SavedQuerySchema.parse(question)}
                className="grid h-full content-start gap-1 rounded-md border border-line p-4 hover:bg-hover"
              >
                <span className="font-medium text-accent-text">{title}</span>
                <span className="text-2 text-muted">{text}</span>
              </QuestionLink>
            </li>
          ))}
        </ul>
        <div>
          <QuestionLink question={SavedQuerySchema.parse(FIRST_QUESTION)} className="button">
            Start from nothing
          </QuestionLink>
        </div>
      </div>
    </Panel>
  );
}

function QuestionLink({
  question,
  className,
  children,
}: {
  question: Question;
  className: string;
  children: React.ReactNode;
}): ReactElement {
  return (
    <Link
      to="/explore"
      search={(before) => ({ ...before, q: writeQuestion(question), metric: undefined })}
      className={className}
    >
      {children}
    </Link>
  );
}

/** Saving what was built, as a new metric or over the one that was opened, and pinning what is saved. Nothing where it would be refused. */
function Saving({
  view,
  question,
  opened,
  onSearch,
}: {
  view: View;
  question: Question;
  opened: string | undefined;
  onSearch(change: Partial<ViewSearch & ExploreSearch>): void;
}): ReactElement | null {
  const [over, setOver] = useState<"save" | "pin" | null>(null);
  const saved = useSavedMetrics();
  const change = useChangeMetric({ metric_id: opened ?? "" });
  const maySave = useMaySave();
  const failure = saved.error === null ? null : failureOf(saved.error);
  if (failure !== null && savedRefusal(failure) !== null) return null;
  const metric = saved.data?.custom_metrics.find(({ metric_id }) => metric_id === opened);
  const changed = metric !== undefined && (metric.query === null || !sameQuestion(metric.query, question));
  // Days are cut where the page cuts them now.
  const zoned = { ...question, timezone: view.timezone };
  return (
    <>
      {changed && change.isSuccess ? null : <ChangeState change={change} />}
      {metric !== undefined && !changed ? (
        <button type="button" className="button button-small" onClick={() => setOver("pin")}>
          Pin…
        </button>
      ) : null}
      {changed && maySave ? (
        <button
          type="button"
          className="button button-small"
          disabled={change.isPending}
          title={`Replaces the question of “${metric.name}”`}
          onClick={() => change.mutate({ query: zoned })}
        >
          Save changes
        </button>
      ) : null}
      {maySave ? (
        <button type="button" className="button button-small button-primary" onClick={() => setOver("save")}>
          Save as…
        </button>
      ) : null}
      {over === "pin" && metric !== undefined ? (
        <Suspense fallback={null}>
          <PinDialog metric={metric} onClose={() => setOver(null)} />
        </Suspense>
      ) : null}
      {over === "save" ? (
        <Suspense fallback={null}>
          <SaveDialog
            question={zoned}
            onSaved={({ metric_id }) => onSearch({ metric: metric_id })}
            onClose={() => setOver(null)}
          />
        </Suspense>
      ) : null}
    </>
  );
}
