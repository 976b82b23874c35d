/**
 * Text that others chose (names, repositories, branches): isolated from the writing direction around it, cut to one line,
 * whole on hover. Used wherever such text is shown.
 */
import type { ReactElement } from "react";
import { NO_VALUE } from "../format/number.ts";

export function Name({ value, className }: { value: string; className?: string }): ReactElement {
  if (value === "") {
    return (
      <span className="faint">
        <span aria-hidden="true">{NO_VALUE}</span>
        <span className="visually-hidden">not given</span>
      </span>
    );
  }
  return (
    <bdi className={className === undefined ? "cut" : `cut ${className}`} title={value}>
      {value}
    </bdi>
  );
}
