/** A select of columns and metadata paths in groups. Used by every part of the builder that names one. */
import type { ReactElement } from "react";
import type { ChoiceGroup } from "./choices.ts";

export function OperandSelect({
  label,
  value,
  first,
  groups,
  onChange,
}: {
  /** For people who hear the page. */
  label: string;
  value: string;
  /** Stands above the groups. */
  first?: { key: string; label: string } | undefined;
  groups: readonly ChoiceGroup[];
  onChange(key: string): void;
}): ReactElement {
  const known = value === first?.key || groups.some(({ choices }) => choices.some(({ key }) => key === value));
  return (
    <select
      className="select min-w-0 flex-1 border-line-strong"
      aria-label={label}
      value={value}
      onChange={(event) => onChange(event.target.value)}
    >
      {first === undefined ? null : <option value={first.key}>{first.label}</option>}
      {/* A saved question may name a path that was not seen lately. */}
      {known ? null : <option value={value}>{value}</option>}
      {groups.map((group) => (
        <optgroup key={group.label} label={group.label}>
          {group.choices.map((choice) => (
            <option key={choice.key} value={choice.key}>
              {choice.label}
            </option>
          ))}
        </optgroup>
      ))}
    </select>
  );
}
