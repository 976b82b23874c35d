/** Models whose tokens have no price, out of a question by model. Pure. */
import type { QueryAnswer } from "../../../schema/api/query.ts";
import type { ViewQuestion } from "../app/use-question.ts";
import { rateOf } from "../format/share.ts";

export const UNPRICED_QUESTION: ViewQuestion = {
  dimensions: ["model"],
  measures: [
    { fn: "sum", of: "unpriced_tokens", as: "unpriced" },
    { fn: "sum", of: "tokens", as: "tokens" },
  ],
  order: [{ by: "unpriced" }],
  limit: 1_000,
};

export interface UnpricedRow {
  /** "": events that name no model. */
  model: string;
  unpriced: number;
  /** Of the model's tokens. */
  ofModel: number | null;
  /** Of all unpriced tokens. */
  share: number | null;
}

/** Most tokens first; models without unpriced tokens are in none. */
export function unpricedModels(answer: Pick<QueryAnswer, "rows">): UnpricedRow[] {
  const rows = answer.rows.map(({ dimensions: [model], values: [unpriced, tokens] }) => ({
    model: typeof model === "string" ? model : "",
    unpriced: Number(unpriced ?? 0),
    tokens: Number(tokens ?? 0),
  }));
  const all = rows.reduce((sum, { unpriced }) => sum + unpriced, 0);
  return rows
    .filter(({ unpriced }) => unpriced > 0)
    .sort((a, b) => b.unpriced - a.unpriced)
    .map(({ model, unpriced, tokens }) => ({
      model,
      unpriced,
      ofModel: rateOf(unpriced, tokens),
      share: rateOf(unpriced, all),
    }));
}

/** Was there any token that could have had a price? */
export function hasTokens(answer: Pick<QueryAnswer, "rows">): boolean {
  return answer.rows.some(({ values: [, tokens] }) => Number(tokens ?? 0) > 0);
}
