/** The conditions of a question: those it has, and a form for one more. Used by builder.tsx. */
import { type FormEvent, type ReactElement, useId, useState } from "react";
import type { CatalogueAnswer } from "../../../schema/api/query.ts";
import { kindOf } from "../../../schema/api/query-checks.ts";
import { type Filter, MAX_FILTER_TEXT } from "../../../schema/api/query-parts.ts";
import type { Zone } from "../format/time.ts";
import { IconClose } from "../ui/icons.tsx";
import { Segments } from "../ui/segments.tsx";
import { type FilterOperator, OPERATOR_LABELS, operandGroups, operandOf, operatorsFor } from "./choices.ts";
import { conditionOf, conditionsOf, filtersOf, filterWords } from "./filter-edit.ts";
import { OperandSelect } from "./operand-select.tsx";

const MATCHES = [
  { value: "and", label: "All hold" },
  { value: "or", label: "Any holds" },
] as const;

export function FilterForm({
  filters,
  catalogue,
  zone,
  onChange,
}: {
  filters: Filter | undefined;
  catalogue: CatalogueAnswer;
  zone: Zone;
  /** Why it was not taken, or null. */
  onChange(filters: Filter | undefined): string | null;
}): ReactElement {
  const { match, list } = conditionsOf(filters);
  const [adding, setAdding] = useState(false);
  return (
    <div className="grid gap-2">
      {list.length < 2 ? null : (
        <div>
          <Segments
            label="Conditions"
            value={match}
            options={MATCHES}
            onChange={(next) => void onChange(filtersOf(next, list))}
          />
        </div>
      )}
      {list.length === 0 ? null : (
        <ul className="grid gap-1" aria-label="Conditions">
          {list.map((filter, index) => {
            const words = filterWords(filter, zone);
            return (
              <li key={JSON.stringify(filter)} className="flex min-h-8 items-center gap-2 rounded-md bg-sunken ps-2">
                <bdi className="min-w-0 flex-1 break-words">{words}</bdi>
                <button
                  type="button"
                  className="button button-quiet button-icon button-small"
                  aria-label={`Remove the condition ${words}`}
                  title="Remove"
                  onClick={() =>
                    void onChange(
                      filtersOf(
                        match,
                        list.filter((_, i) => i !== index),
                      ),
                    )
                  }
                >
                  <IconClose />
                </button>
              </li>
            );
          })}
        </ul>
      )}
      {adding ? (
        <NewCondition
          catalogue={catalogue}
          zone={zone}
          onCancel={() => setAdding(false)}
          onAdd={(filter) => {
            const problem = onChange(filtersOf(match, [...list, filter]));
            if (problem === null) setAdding(false);
            return problem;
          }}
        />
      ) : (
        <div>
          <button type="button" className="button button-small" onClick={() => setAdding(true)}>
            Add a condition
          </button>
        </div>
      )}
    </div>
  );
}

function NewCondition({
  catalogue,
  zone,
  onAdd,
  onCancel,
}: {
  catalogue: CatalogueAnswer;
  zone: Zone;
  onAdd(filter: Filter): string | null;
  onCancel(): void;
}): ReactElement {
  const [key, setKey] = useState("type");
  const [operator, setOperator] = useState<FilterOperator>("eq");
  const [typed, setTyped] = useState("");
  const [problem, setProblem] = useState<string | null>(null);
  const id = useId();
  const operand = operandOf(key) ?? "type";
  const operators = operatorsFor(operand);
  const chosen = operators.includes(operator) ? operator : (operators[0] ?? "exists");
  const kind = kindOf(operand);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    const filter = conditionOf(operand, chosen, kind === "boolean" && typed === "" ? "true" : typed, zone);
    setProblem("problem" in filter ? filter.problem : onAdd(filter));
  };
  const field = {
    "aria-label": "Value",
    "aria-invalid": problem !== null,
    "aria-describedby": problem === null ? undefined : `${id}-problem`,
    value: typed,
    onChange: (event: { target: { value: string } }) => setTyped(event.target.value),
  };
  return (
    <form
      className="grid gap-2 rounded-md border border-line p-2"
      onSubmit={submit}
      aria-label="New condition"
      noValidate
    >
      <div className="flex min-w-0 gap-2">
        <OperandSelect
          label="Column"
          value={key}
          groups={operandGroups(catalogue, () => true)}
          onChange={(next) => {
            setKey(next);
            setTyped("");
            setProblem(null);
          }}
        />
        <select
          className="select min-w-0 flex-1 border-line-strong"
          aria-label="Comparison"
          value={chosen}
          onChange={(event) => {
            const next = operators.find((one) => one === event.target.value);
            if (next !== undefined) setOperator(next);
          }}
        >
          {operators.map((one) => (
            <option key={one} value={one}>
              {OPERATOR_LABELS[one]}
            </option>
          ))}
        </select>
      </div>
      {chosen === "exists" || chosen === "not_exists" ? null : kind === "boolean" ? (
        <select {...field} value={typed === "" ? "true" : typed} className="select border-line-strong">
          <option value="true">yes</option>
          <option value="false">no</option>
        </select>
      ) : (
        <input
          {...field}
          className="input"
          type={kind === "time" ? "datetime-local" : "text"}
          inputMode={kind === "number" || kind === "money" ? "decimal" : "text"}
          placeholder={kind === "money" ? "USD, as 0.05" : chosen.endsWith("in") ? "Values, with commas between" : ""}
          list={key === "type" ? `${id}-types` : undefined}
          maxLength={chosen.endsWith("in") ? undefined : MAX_FILTER_TEXT}
          autoComplete="off"
          spellCheck={false}
        />
      )}
      <datalist id={`${id}-types`}>
        {catalogue.event_types.map((type) => (
          <option key={type} value={type} />
        ))}
      </datalist>
      {problem === null ? null : (
        <p id={`${id}-problem`} className="text-2 text-bad" role="alert">
          {problem}
        </p>
      )}
      <div className="flex justify-end gap-2">
        <button type="button" className="button button-small" onClick={onCancel}>
          Cancel
        </button>
        <button type="submit" className="button button-small button-primary">
          Add
        </button>
      </div>
    </form>
  );
}
