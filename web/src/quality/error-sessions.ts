/** The sessions an error group happened in: its question and rows. Pure. A group is of code, tool and message; only code and tool can be asked for. */
import type { ErrorsAnswer } from "../../../schema/api/insights.ts";
import type { QueryAnswer } from "../../../schema/api/query.ts";
import type { Filter } from "../../../schema/api/query-parts.ts";
import type { ViewQuestion } from "../app/use-question.ts";

export type ErrorGroup = ErrorsAnswer["groups"][number];

/** Sessions listed; those with the most errors. */
export const MAX_ERROR_SESSIONS = 50;

export function errorSessionsQuestion({ code, tool }: Pick<ErrorGroup, "code" | "tool">): ViewQuestion {
  return {
    dimensions: ["session", "user"],
    measures: [
      { fn: "count", as: "errors" },
      { fn: "max", of: "timestamp", as: "last" },
    ],
    filters: {
      op: "and",
      filters: [{ op: "eq", of: "type", value: "error" }, sameLabel("error_code", code), sameLabel("tool_name", tool)],
    },
    limit: MAX_ERROR_SESSIONS,
  };
}

/** An empty label is none. */
function sameLabel(of: "error_code" | "tool_name", value: string): Filter {
  return value === "" ? { op: "not", filter: { op: "exists", of } } : { op: "eq", of, value };
}

export interface ErrorSession {
  session: string;
  user: string;
  errors: number;
  /** ms; null: not known. */
  last: number | null;
}

export function errorSessions(answer: Pick<QueryAnswer, "rows">): ErrorSession[] {
  return answer.rows.flatMap(({ dimensions: [session, user], values: [errors, last] }) => {
    if (typeof session !== "string" || session === "") return [];
    const at = typeof last === "string" ? Date.parse(last) : Number.NaN;
    return [
      {
        session,
        user: typeof user === "string" ? user : "",
        errors: Number(errors ?? 0),
        last: Number.isFinite(at) ? at : null,
      },
    ];
  });
}
