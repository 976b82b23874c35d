/** The colour of a series beside its name: a square, or a dash for the period before. Decorative. */
import type { ReactElement } from "react";

export function Swatch({ token, dashed = false }: { token: string; dashed?: boolean }): ReactElement {
  return dashed ? (
    <span className="w-2.5 flex-none border-t-2 border-dashed" style={{ borderColor: `var(${token})` }} />
  ) : (
    <span className="swatch" style={{ background: `var(${token})` }} />
  );
}
