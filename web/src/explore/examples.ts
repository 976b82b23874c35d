/** Questions that have an answer whatever agents send: shown where nothing was asked yet. Data only. */
import type { z } from "zod";
import type { SavedQuerySchema } from "../../../schema/api/query.ts";

export interface Example {
  title: string;
  text: string;
  question: z.input<typeof SavedQuerySchema>;
}

export const EXAMPLES: readonly Example[] = [
  {
    title: "What happens when?",
    text: "Events over time, by type.",
    question: { measures: [{ fn: "count", as: "events" }], dimensions: ["time", "type"], limit: 1_000 },
  },
  {
    title: "Which agents are used, and by how many?",
    text: "Users, sessions and events per session of each agent.",
    question: {
      measures: [
        { fn: "uniq", of: "user", as: "users" },
        { fn: "uniq", of: "session", as: "sessions" },
        {
          fn: "ratio",
          numerator: { fn: "count" },
          denominator: { fn: "uniq", of: "session" },
          as: "events per session",
        },
      ],
      dimensions: ["agent"],
    },
  },
  {
    title: "Who was last heard of, and when?",
    text: "The latest event of each environment and team.",
    question: {
      measures: [
        { fn: "max", of: "timestamp", as: "latest event" },
        { fn: "count", as: "events" },
      ],
      dimensions: ["environment", "team"],
      order: [{ by: "latest event", direction: "desc" }],
    },
  },
];

/** What "start from nothing" begins with. */
export const FIRST_QUESTION: Example["question"] = { measures: [{ fn: "count" }] };
