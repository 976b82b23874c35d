/** Bodies of the operator app. Used by workers/operator and by the command lines in dev/. */
import { z } from "zod";

export const ReplayRequestSchema = z
  .object({
    source: z.enum(["copies", "dead-letters", "spill"]),
    from: z.iso.datetime().optional().describe("copies only: start, whole hours"),
    to: z.iso.datetime().optional().describe("copies only: end, exclusive"),
    cursor: z.string().optional(),
  })
  .refine(
    (body) => body.source !== "copies" || (body.from !== undefined && body.to !== undefined),
    "copies need from and to",
  );

export const ReplayPageSchema = z.object({
  packs: z.number(),
  objects: z.number(),
  failed: z.number(),
  cursor: z.string().optional(),
});

/** Messages being worked on or waiting for their next try, as far as the answering isolate knows. */
export const QueuesAnswerSchema = z.object({ unsettled: z.number() });
