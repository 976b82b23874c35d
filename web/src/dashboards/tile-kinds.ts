/** What a tile shows for a question, and how large it begins. Pure. */
import type { Question } from "../../../schema/api/query.ts";
import type { Size } from "./layout.ts";

/** Over time: a chart. Without anything to split by: its figures. Otherwise a table. */
export type TileKind = "chart" | "figures" | "table";

export function kindOf({ dimensions }: Pick<Question, "dimensions">): TileKind {
  if (dimensions.includes("time")) return "chart";
  return dimensions.length === 0 ? "figures" : "table";
}

const SIZES: Record<TileKind, Size> = {
  chart: { w: 6, h: 6 },
  figures: { w: 3, h: 3 },
  table: { w: 6, h: 6 },
};

/** Null: the metric's question is none any more. */
export function firstSize(question: Question | null): Size {
  return question === null ? SIZES.figures : SIZES[kindOf(question)];
}
