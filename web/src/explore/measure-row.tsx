/**
 * One measure of the builder: what of which column, per what, divided by what, under which name. Used by builder.tsx. A name that was
 * given goes when what it names changes: it would say what is no longer measured.
 */
import { type ReactElement, useEffect, useState } from "react";
import { MAX_NAME, type Measure, measureName, type SimpleMeasure } from "../../../schema/api/query-parts.ts";
import type { Zone } from "../format/time.ts";
import { IconClose } from "../ui/icons.tsx";
import {
  ALL_EVENTS,
  type ChoiceGroup,
  FUNCTION_LABELS,
  functionsFor,
  measureOn,
  operandKey,
  operandOf,
  simpleOn,
} from "./choices.ts";
import { filterWords } from "./filter-edit.ts";
import { OperandSelect } from "./operand-select.tsx";

const PER = ["second", "minute", "hour", "day"] as const;
const ALL = { key: ALL_EVENTS, label: "All events" };

/** What a quotient begins with. */
const DENOMINATOR: SimpleMeasure = { fn: "uniq", of: "session" };

export function MeasureRow({
  measure,
  place,
  groups,
  zone,
  onChange,
  onRemove,
}: {
  measure: Measure;
  /** "Measure 2". */
  place: string;
  groups: readonly ChoiceGroup[];
  zone: Zone;
  onChange(measure: Measure): void;
  /** Undefined: it is the last one. */
  onRemove: (() => void) | undefined;
}): ReactElement {
  return (
    <li className="grid gap-2 rounded-md border border-line p-2" data-measure={measureName(measure)}>
      {measure.fn === "ratio" ? (
        <>
          <Simple
            label={`${place}, above`}
            part={measure.numerator}
            groups={groups}
            zone={zone}
            onChange={(numerator) => onChange({ ...measure, numerator, as: undefined })}
          />
          <span className="text-2 text-muted">divided by</span>
          <Simple
            label={`${place}, below`}
            part={measure.denominator}
            groups={groups}
            zone={zone}
            onChange={(denominator) => onChange({ ...measure, denominator, as: undefined })}
          />
        </>
      ) : (
        <Single label={place} measure={measure} groups={groups} zone={zone} onChange={onChange} />
      )}
      <div className="flex items-center gap-2">
        <NameField
          label={`${place}: name`}
          measure={measure}
          onChange={(as) => onChange({ ...measure, as: as === "" ? undefined : as })}
        />
        {measure.fn === "ratio" ? (
          <button type="button" className="button button-small" onClick={() => onChange(measure.numerator)}>
            Do not divide
          </button>
        ) : (
          <button
            type="button"
            className="button button-small"
            onClick={() => onChange({ fn: "ratio", numerator: simplePart(measure), denominator: DENOMINATOR })}
          >
            Divide by…
          </button>
        )}
        <button
          type="button"
          className="button button-quiet button-icon button-small"
          aria-label={`Remove ${place.toLowerCase()}`}
          title={onRemove === undefined ? "A question has at least one measure" : "Remove"}
          disabled={onRemove === undefined}
          onClick={onRemove}
        >
          <IconClose />
        </button>
      </div>
    </li>
  );
}

/** A measure as a side of a quotient, where a rate is what it rates. */
function simplePart(measure: Exclude<Measure, { fn: "ratio" }>): SimpleMeasure {
  const where = measure.where === undefined ? {} : { where: measure.where };
  if (measure.fn === "rate") {
    return measure.of === undefined ? { fn: "count", ...where } : { fn: "sum", of: measure.of, ...where };
  }
  if (measure.fn === "count") return { fn: "count", ...(measure.of === undefined ? {} : { of: measure.of }), ...where };
  return { fn: measure.fn, of: measure.of, ...where };
}

function Single({
  label,
  measure,
  groups,
  zone,
  onChange,
}: {
  label: string;
  measure: Exclude<Measure, { fn: "ratio" }>;
  groups: readonly ChoiceGroup[];
  zone: Zone;
  onChange(measure: Measure): void;
}): ReactElement {
  const where = measure.where === undefined ? {} : { where: measure.where };
  const per = measure.fn === "rate" ? measure.per : "hour";
  return (
    <>
      <div className="flex min-w-0 gap-2">
        <FunctionSelect
          label={`${label}: function`}
          value={measure.fn}
          known={functionsFor(measure.of)}
          bare={measure.of === undefined}
          onChange={(fn) => onChange({ ...measureOn(measure.of, fn, per), ...where })}
        />
        <OperandSelect
          label={`${label}: column`}
          value={operandKey(measure.of)}
          first={ALL}
          groups={groups}
          onChange={(key) => onChange({ ...measureOn(operandOf(key), measure.fn, per), ...where })}
        />
        {measure.fn === "rate" ? (
          <select
            className="select border-line-strong"
            aria-label={`${label}: per`}
            value={measure.per}
            onChange={(event) => {
              const chosen = PER.find((one) => one === event.target.value);
              if (chosen !== undefined) onChange({ ...measure, per: chosen });
            }}
          >
            {PER.map((one) => (
              <option key={one} value={one}>
                per {one}
              </option>
            ))}
          </select>
        ) : null}
      </div>
      <Where measure={measure} zone={zone} />
    </>
  );
}

function Simple({
  label,
  part,
  groups,
  zone,
  onChange,
}: {
  label: string;
  part: SimpleMeasure;
  groups: readonly ChoiceGroup[];
  zone: Zone;
  onChange(part: SimpleMeasure): void;
}): ReactElement {
  const where = part.where === undefined ? {} : { where: part.where };
  return (
    <>
      <div className="flex min-w-0 gap-2">
        <FunctionSelect
          label={`${label}: function`}
          value={part.fn}
          known={functionsFor(part.of, true)}
          bare={part.of === undefined}
          onChange={(fn) => onChange({ ...simpleOn(part.of, fn), ...where })}
        />
        <OperandSelect
          label={`${label}: column`}
          value={operandKey(part.of)}
          first={ALL}
          groups={groups}
          onChange={(key) => onChange({ ...simpleOn(operandOf(key), part.fn), ...where })}
        />
      </div>
      <Where measure={part} zone={zone} />
    </>
  );
}

/** A condition of this measure alone; it comes with saved questions and is kept. */
function Where({ measure, zone }: { measure: Pick<SimpleMeasure, "where">; zone: Zone }): ReactElement | null {
  if (measure.where === undefined) return null;
  return <p className="text-2 text-muted">only where {filterWords(measure.where, zone)}</p>;
}

function FunctionSelect({
  label,
  value,
  known,
  bare,
  onChange,
}: {
  label: string;
  value: string;
  known: readonly (keyof typeof FUNCTION_LABELS)[];
  /** Of all events: nothing follows "number of". */
  bare: boolean;
  onChange(fn: string): void;
}): ReactElement {
  return (
    <select
      className="select min-w-0 flex-1 border-line-strong"
      aria-label={label}
      value={value}
      onChange={(event) => onChange(event.target.value)}
    >
      {known.map((fn) => (
        <option key={fn} value={fn}>
          {bare && fn === "count" ? "Number of" : FUNCTION_LABELS[fn]}
        </option>
      ))}
    </select>
  );
}

/** Taken when the field is left or Enter is pressed, so that half a name is never asked. */
function NameField({
  label,
  measure,
  onChange,
}: {
  label: string;
  measure: Measure;
  onChange(name: string): void;
}): ReactElement {
  const own = measure.as ?? "";
  const [typed, setTyped] = useState(own);
  useEffect(() => setTyped(own), [own]);
  const take = (): void => {
    const name = typed.trim();
    if (name !== own) onChange(name);
    setTyped(name);
  };
  return (
    <input
      className="input h-6 min-w-0 flex-1 text-2 max-sm:h-8"
      aria-label={label}
      placeholder={measureName({ ...measure, as: undefined })}
      maxLength={MAX_NAME}
      value={typed}
      spellCheck={false}
      autoComplete="off"
      onChange={(event) => setTyped(event.target.value)}
      onBlur={take}
      onKeyDown={(event) => {
        if (event.key === "Enter") take();
      }}
    />
  );
}
