/** What to do about a question that was not answered, in words. Pure; the API's own words stand above it. */
import type { ApiFailure } from "../api/client.ts";

/** Null: nothing can be done but trying again. */
export function adviceOn(failure: Pick<ApiFailure, "status" | "code" | "retryAfterSeconds">): string | null {
  switch (failure.code) {
    case "query_too_expensive":
      return "Choose a shorter range, leave out metadata, or keep fewer groups.";
    case "query_timeout":
      return "It was given up so that others get their answers. Choose a shorter range or fewer dimensions.";
    case "rate_limited":
      return failure.retryAfterSeconds === null
        ? "Wait a moment and try again."
        : `Wait ${failure.retryAfterSeconds} s and try again.`;
    default:
      return null;
  }
}

/** A refusal to read saved metrics, where it is the plan's or the organisation's doing and nobody's fault. */
export function savedRefusal(failure: Pick<ApiFailure, "kind" | "message">): string | null {
  if (failure.kind !== "forbidden") return null;
  const plan = /^the (\S+) plan does not have custom_metrics_enabled$/.exec(failure.message)?.[1];
  if (plan !== undefined) {
    return `The ${plan} plan does not include saved metrics. You can ask every question here and share its link.`;
  }
  return failure.message.includes("switched off")
    ? "Saved metrics are switched off in the organisation's settings. You can ask every question here and share its link."
    : null;
}
