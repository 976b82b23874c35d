/** A trend without axes: decoration beside a figure whose chart is elsewhere on the page. */
import type { ReactElement } from "react";

const WIDTH = 64;
const HEIGHT = 18;
const PAD = 1.5;

export function Sparkline({ values }: { values: readonly (number | null)[] }): ReactElement {
  return (
    <svg
      className="flex-none text-accent"
      width={WIDTH}
      height={HEIGHT}
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      aria-hidden="true"
    >
      <path
        d={sparkPath(values, WIDTH, HEIGHT, PAD)}
        fill="none"
        stroke="currentColor"
        strokeWidth="1.5"
        strokeLinejoin="round"
      />
    </svg>
  );
}

/** The line through `values` from 0 to their greatest; a value that is not known breaks it. Pure. */
export function sparkPath(values: readonly (number | null)[], width: number, height: number, pad: number): string {
  const max = Math.max(1e-12, ...values.map((value) => value ?? 0));
  const step = values.length < 2 ? 0 : (width - 2 * pad) / (values.length - 1);
  let path = "";
  let drawing = false;
  for (const [i, value] of values.entries()) {
    if (value === null) {
      drawing = false;
      continue;
    }
    const x = (pad + i * step).toFixed(1);
    const y = (height - pad - (Math.max(0, value) / max) * (height - 2 * pad)).toFixed(1);
    path += `${drawing ? "L" : "M"}${x} ${y}`;
    drawing = true;
  }
  return path;
}
