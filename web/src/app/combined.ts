/** Two answers that make one picture, as one query. Used by charts of more than one metric. Pure. */
import type { Asked } from "../ui/states.tsx";

/** There when both are; the first failure is its failure; a retry asks what failed, or both. */
export function combined<A, B>(a: Asked<A>, b: Asked<B>): Asked<readonly [A, B]> {
  return {
    data: a.data === undefined || b.data === undefined ? undefined : [a.data, b.data],
    error: a.error ?? b.error,
    refetch: () => {
      const failed = [a, b].filter(({ error }) => error !== null);
      for (const query of failed.length === 0 ? [a, b] : failed) void query.refetch();
    },
    isPlaceholderData: a.isPlaceholderData || b.isPlaceholderData,
  };
}
