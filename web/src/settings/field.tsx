/** A labelled control with a hint and what is wrong with it. Used by every form of Settings. */
import type { ReactElement, ReactNode } from "react";

export function Field({
  label,
  hint,
  problem,
  children,
}: {
  label: ReactNode;
  hint?: ReactNode;
  problem?: string | null | undefined;
  /** The one control. */
  children: ReactNode;
}): ReactElement {
  return (
    // biome-ignore lint/a11y/noLabelWithoutControl: the control is among the children
    <label className="field min-w-0 content-start">
      <span>{label}</span>
      {children}
      {hint === undefined ? null : <span className="text-2 font-normal text-muted">{hint}</span>}
      {problem === undefined || problem === null ? null : (
        <span className="text-2 font-normal text-bad" role="alert">
          {problem}
        </span>
      )}
    </label>
  );
}
