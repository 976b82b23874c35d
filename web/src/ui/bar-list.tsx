/** A short ranking: name, value, and a bar of its share of the greatest. Used for top lists. */
import type { ReactElement, ReactNode } from "react";
import { Name } from "./text.tsx";

export interface BarItem {
  key: string;
  name: string;
  /** Instead of the name as text. */
  label?: ReactNode;
  value: number;
  text: string;
  exact: string;
  extra?: ReactNode;
}

export function BarList({
  items,
  label,
  onChoose,
}: {
  items: readonly BarItem[];
  label: string;
  /** Filters by the item. */
  onChoose?: ((item: BarItem) => void) | undefined;
}): ReactElement {
  const max = Math.max(...items.map(({ value }) => value), 1e-12);
  return (
    <ol className="grid grid-cols-1 gap-0.5 p-2" aria-label={label}>
      {items.map((item) => {
        const row = (
          <>
            <span
              className="absolute inset-y-0.5 left-0 rounded-md bg-accent-soft"
              style={{ width: `${Math.max(0.5, (item.value / max) * 100)}%` }}
              aria-hidden="true"
            />
            <span className="relative min-w-0 flex-1 text-start">{item.label ?? <Name value={item.name} />}</span>
            {item.extra === undefined ? null : <span className="relative">{item.extra}</span>}
            <span className="relative min-w-14 text-end font-medium" title={item.exact}>
              {item.text}
            </span>
          </>
        );
        const className = "relative flex h-7 w-full items-center gap-3 rounded-md px-2";
        return (
          <li key={item.key}>
            {onChoose === undefined ? (
              <div className={className}>{row}</div>
            ) : (
              <button
                type="button"
                className={`${className} cursor-pointer hover:bg-hover`}
                title={`Show only ${item.name}`}
                onClick={() => onChoose(item)}
              >
                {row}
              </button>
            )}
          </li>
        );
      })}
    </ol>
  );
}
