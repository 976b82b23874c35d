/**
 * Structured log lines: one JSON object each, fields from a closed vocabulary.
 * Never pass a key, token, cookie, e-mail, body or row: ids and counts only. Error text is cut and kept out of answers.
 */
const MAX_TEXT = 500;

export type LogFields = Record<string, string | number | boolean | null | undefined>;

/** A failed query's message repeats the values that were bound to it. */
const BOUND_VALUES = /\nparams: [\s\S]*/;

/** Text of an unknown error for the log (never for a client), without bound values, cut to 500 characters. */
export function errorText(error: unknown): string {
  const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return text.replace(BOUND_VALUES, "").slice(0, MAX_TEXT);
}

function write(level: "info" | "warn" | "error", event: string, fields: LogFields): void {
  console[level](JSON.stringify({ level, event, ...fields }));
}

export const log = {
  info: (event: string, fields: LogFields = {}): void => write("info", event, fields),
  warn: (event: string, fields: LogFields = {}): void => write("warn", event, fields),
  error: (event: string, fields: LogFields = {}): void => write("error", event, fields),
};
