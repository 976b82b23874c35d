/** What a failed sign-in says: pure, used by sign-in-page.tsx. */
import type { ApiFailure } from "../api/client.ts";

/** A failed sign-in in words. It never says which of the two was wrong. */
export function signInMessage(failure: ApiFailure): string {
  if (failure.kind === "unauthorized") return "Email or password is not right. Please try again.";
  if (failure.status === 429) {
    const wait = failure.retryAfterSeconds;
    return wait === null ? "Too many attempts. Please wait a little." : `Too many attempts. Try again in ${wait} s.`;
  }
  if (failure.status >= 500) return "Tenfold cannot sign you in just now. Please try again in a moment.";
  return failure.message;
}
