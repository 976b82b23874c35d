/**
 * Waiting with an end. Used around calls that may never settle: a stuck object or bucket must not hold a sink for ever.
 */

/** The call took too long; what it did is unknown. */
export class DeadlineError extends Error {
  override name = "DeadlineError";
}

/** Resolves or rejects as `work` does, or rejects with DeadlineError after `ms`. */
export async function withDeadline<T>(work: Promise<T>, ms: number): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new DeadlineError(`no answer within ${ms} ms`)), ms);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Resolves when `work` does, or after `ms`; `work` must not reject. */
export async function atMost(work: Promise<void>, ms: number): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  await Promise.race([work, late]);
  clearTimeout(timer);
}
