/** A titled box of a view: head with a note and controls, body of a fixed height so that nothing jumps when data arrives. */
import { type ReactElement, type ReactNode, useId } from "react";

export function Panel({
  title,
  note,
  controls,
  busy = false,
  className = "",
  children,
}: {
  title: string;
  note?: ReactNode;
  controls?: ReactNode;
  /** What is shown answers an older question. */
  busy?: boolean;
  className?: string;
  children: ReactNode;
}): ReactElement {
  const id = useId();
  return (
    <section className={`panel flex flex-col ${className}`} aria-labelledby={id} aria-busy={busy}>
      <div className="panel-head">
        <h2 id={id} dir="auto">
          {title}
        </h2>
        {note === undefined ? null : <span className="panel-note">{note}</span>}
        <span className="header-space" />
        {controls}
      </div>
      <div className={`relative min-h-0 flex-1 transition-opacity ${busy ? "opacity-60" : ""}`}>{children}</div>
    </section>
  );
}

/** The title line of a view. */
export function ViewTitle({ title, children }: { title: string; children?: ReactNode }): ReactElement {
  return (
    <div className="mb-4 flex min-h-8 flex-wrap items-center gap-2">
      <h1>{title}</h1>
      <span className="flex-1" />
      {children}
    </div>
  );
}
