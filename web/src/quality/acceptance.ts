/** How many suggestions are accepted, by language, model or agent: the question and its rows. Pure. */
import type { QueryAnswer, Value } from "../../../schema/api/query.ts";
import type { ViewQuestion } from "../app/use-question.ts";
import { rateOf } from "../format/share.ts";
import type { AcceptanceBy } from "./search.ts";

/** Rows shown; the rarest are left out. */
const MAX_ROWS = 100;

export function acceptanceQuestion(by: AcceptanceBy): ViewQuestion {
  return {
    dimensions: [by],
    measures: [
      { fn: "count", as: "decided" },
      { fn: "count", where: { op: "eq", of: "accepted", value: true }, as: "accepted" },
      { fn: "sum", of: "lines_added", where: { op: "eq", of: "accepted", value: true }, as: "lines" },
    ],
    filters: { op: "exists", of: "accepted" },
    limit: MAX_ROWS,
  };
}

export interface AcceptanceRow {
  /** "": the events do not say. */
  name: string;
  decided: number;
  accepted: number;
  rejected: number;
  /** Lines of accepted suggestions. */
  lines: number;
  rate: number | null;
}

const count = (value: Value | undefined): number => Number(value ?? 0);

/** Most decided on first. */
export function acceptanceRows(answer: Pick<QueryAnswer, "rows">): AcceptanceRow[] {
  return answer.rows
    .map(({ dimensions: [name], values }) => {
      const [decided, accepted, lines] = [count(values[0]), count(values[1]), count(values[2])];
      return {
        name: typeof name === "string" ? name : "",
        decided,
        accepted,
        rejected: decided - accepted,
        lines,
        rate: rateOf(accepted, decided),
      };
    })
    .sort((a, b) => b.decided - a.decided);
}
