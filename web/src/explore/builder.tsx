/** Builds a question out of the catalogue: what is measured, by what, where, in which order. Used by explore-page.tsx; every change is a whole new question. */
import { type ReactElement, type ReactNode, useId, useState } from "react";
import { INTERVALS } from "../../../schema/api/metrics.ts";
import type { CatalogueAnswer, Question } from "../../../schema/api/query.ts";
import { dimensionName, MAX_DIMENSIONS, MAX_MEASURES } from "../../../schema/api/query-parts.ts";
import type { Zone } from "../format/time.ts";
import { IconClose } from "../ui/icons.tsx";
import { operandGroups, operandLabel, operandOf } from "./choices.ts";
import { addDimension, addMeasure, dimensionOf, namesOf, problemOf, removeDimension, withMeasure } from "./edit.ts";
import { FilterForm } from "./filter-form.tsx";
import { MeasureRow } from "./measure-row.tsx";
import { OperandSelect } from "./operand-select.tsx";

const LIMITS = [10, 25, 100, 500, 1_000];
const STEPS: Record<Question["interval"], string> = {
  auto: "Steps that fit the range",
  "10s": "10 seconds",
  "1m": "Minutes",
  "1h": "Hours",
  "1d": "Days",
  "1w": "Weeks",
  "1mo": "Months",
};
const NONE = { key: "", label: "Add a dimension…" };

export function Builder({
  question,
  catalogue,
  zone,
  onChange,
}: {
  question: Question;
  catalogue: CatalogueAnswer;
  zone: Zone;
  onChange(question: Question): void;
}): ReactElement {
  const [problem, setProblem] = useState<string | null>(null);
  /** A question that the API would refuse is not taken; the reason stands beside the builder. */
  const take = (next: Question): string | null => {
    const why = problemOf(next);
    setProblem(why);
    if (why === null) onChange(next);
    return why;
  };
  const measurable = operandGroups(catalogue, () => true);
  const groupable = operandGroups(catalogue, ({ dimension }) => dimension);
  const hasTime = question.dimensions.includes("time");
  const dimensionGroups = hasTime
    ? groupable
    : [{ label: "Time", choices: [{ key: "time", label: "Time" }] }, ...groupable];
  return (
    <div className="grid content-start gap-4 p-4">
      <Part title="Measure">
        <ul className="grid gap-2" aria-label="Measures">
          {question.measures.map((measure, index) => (
            <MeasureRow
              // biome-ignore lint/suspicious/noArrayIndexKey: a measure is its place; its name changes while it is edited
              key={index}
              measure={measure}
              place={`Measure ${index + 1}`}
              groups={measurable}
              zone={zone}
              onChange={(next) => void take(withMeasure(question, index, next))}
              onRemove={question.measures.length < 2 ? undefined : () => void take(withMeasure(question, index, null))}
            />
          ))}
        </ul>
        <div>
          <button
            type="button"
            className="button button-small"
            disabled={question.measures.length >= MAX_MEASURES}
            onClick={() => void take(addMeasure(question))}
          >
            Add a measure
          </button>
        </div>
      </Part>
      <Part title={`By (up to ${MAX_DIMENSIONS})`}>
        {question.dimensions.length === 0 ? null : (
          <ul className="grid gap-1" aria-label="Dimensions">
            {question.dimensions.map((dimension, index) => {
              const words = dimension === "time" ? "Time" : operandLabel(dimension);
              return (
                <li
                  key={dimensionName(dimension)}
                  className="flex min-h-8 items-center gap-2 rounded-md bg-sunken ps-2"
                >
                  <span className="min-w-0 flex-1 truncate">{words}</span>
                  {dimension === "time" ? (
                    <Choice
                      label="Steps of time"
                      value={question.interval}
                      options={(["auto", ...INTERVALS] as const).map((one) => ({ value: one, label: STEPS[one] }))}
                      onChange={(interval) => void take({ ...question, interval })}
                    />
                  ) : null}
                  <button
                    type="button"
                    className="button button-quiet button-icon button-small"
                    aria-label={`Remove the dimension ${words}`}
                    title="Remove"
                    onClick={() => void take(removeDimension(question, index))}
                  >
                    <IconClose />
                  </button>
                </li>
              );
            })}
          </ul>
        )}
        {question.dimensions.length >= MAX_DIMENSIONS ? null : (
          <div className="flex">
            <OperandSelect
              label="Add a dimension"
              value=""
              first={NONE}
              groups={dimensionGroups}
              onChange={(key) => {
                const dimension = dimensionOf(key, operandOf(key));
                if (dimension !== undefined) take(addDimension(question, dimension));
              }}
            />
          </div>
        )}
      </Part>
      <Part title="Where">
        <FilterForm
          filters={question.filters}
          catalogue={catalogue}
          zone={zone}
          onChange={(filters) => take({ ...question, filters })}
        />
      </Part>
      <Part title="Order and rows">
        <OrderAndLimit question={question} onChange={take} />
      </Part>
      {problem === null ? null : (
        <p className="text-2 text-bad" role="alert">
          Not changed: {problem}.
        </p>
      )}
    </div>
  );
}

function OrderAndLimit({
  question,
  onChange,
}: {
  question: Question;
  onChange(question: Question): unknown;
}): ReactElement {
  const [first] = question.order;
  const names = namesOf(question);
  // The first is chosen here; what a saved question orders by after it is kept.
  const rest = question.order.slice(1);
  return (
    <>
      <div className="flex min-w-0 gap-2">
        <Choice
          label="Order by"
          value={first?.by ?? ""}
          options={[
            { value: "", label: question.dimensions.includes("time") ? "In order of time" : "Largest measure first" },
            ...names.map((name) => ({ value: name, label: name })),
          ]}
          onChange={(by) =>
            onChange({
              ...question,
              order:
                by === ""
                  ? []
                  : [{ by, direction: first?.direction ?? "desc" }, ...rest.filter((one) => one.by !== by)],
            })
          }
        />
        {first === undefined ? null : (
          <Choice
            label="Direction"
            value={first.direction}
            options={[
              { value: "desc", label: "Largest first" },
              { value: "asc", label: "Smallest first" },
            ]}
            onChange={(direction) => onChange({ ...question, order: [{ ...first, direction }, ...rest] })}
          />
        )}
        <Choice
          label="Rows"
          value={String(question.limit)}
          options={[...new Set([...LIMITS, question.limit])]
            .sort((a, b) => a - b)
            .map((limit) => ({ value: String(limit), label: `${limit} rows` }))}
          onChange={(limit) => onChange({ ...question, limit: Number(limit) })}
        />
      </div>
      <label className="flex items-center gap-2 text-2 text-muted">
        <input
          type="checkbox"
          checked={question.compare === "previous"}
          onChange={(event) => onChange({ ...question, compare: event.target.checked ? "previous" : undefined })}
        />
        Compare with the period before
      </label>
    </>
  );
}

function Choice<T extends string>({
  label,
  value,
  options,
  onChange,
}: {
  label: string;
  value: T;
  options: readonly { value: T; label: string }[];
  onChange(value: T): void;
}): ReactElement {
  return (
    <select
      className="select min-w-0 flex-1 border-line-strong"
      aria-label={label}
      value={value}
      onChange={(event) => {
        const chosen = options.find((one) => one.value === event.target.value);
        if (chosen !== undefined) onChange(chosen.value);
      }}
    >
      {options.map((one) => (
        <option key={one.value} value={one.value}>
          {one.label}
        </option>
      ))}
    </select>
  );
}

function Part({ title, children }: { title: string; children: ReactNode }): ReactElement {
  const id = useId();
  return (
    <section className="grid gap-2" aria-labelledby={id}>
      <h3 id={id} className="text-2 font-medium text-muted">
        {title}
      </h3>
      {children}
    </section>
  );
}
