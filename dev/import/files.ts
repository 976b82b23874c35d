/**
 * Which files to import, and what each of them is. Called by run.ts.
 */
import { readdir, stat } from "node:fs/promises";
import { extname, join } from "node:path";
import { z } from "zod";
import { EVENT_TYPES } from "../../schema/event.ts";
import { readLines } from "./lines.ts";

export const FORMATS = ["ndjson", "csv", "claude-code", "codex"] as const;
export type Format = (typeof FORMATS)[number];

export interface SourceFile {
  path: string;
  bytes: number;
}

const ENDINGS = new Set([".jsonl", ".ndjson", ".csv"]);
/** Records of some kinds say nothing about the format; beyond this many the file is taken for something else. */
const LINES_TO_LOOK_AT = 50;

const CODEX_TYPES = new Set(["session_meta", "turn_context", "event_msg", "response_item"]);
const CLAUDE_TYPES = new Set(["user", "assistant", "system", "summary", "file-history-snapshot", "queue-operation"]);
const RecordSchema = z.looseObject({ type: z.unknown().optional(), event_type: z.unknown().optional() });

/** The file itself, or every .jsonl, .ndjson and .csv below a folder, in order of their paths. */
export async function filesAt(path: string): Promise<SourceFile[]> {
  const info = await stat(path);
  if (!info.isDirectory()) return [{ path, bytes: info.size }];
  const entries = await readdir(path, { recursive: true, withFileTypes: true });
  const paths = entries
    .filter((entry) => entry.isFile() && ENDINGS.has(extname(entry.name)))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
  return Promise.all(paths.map(async (file) => ({ path: file, bytes: (await stat(file)).size })));
}

/** Format of one JSON record; undefined when it does not tell. */
export function formatOfRecord(json: unknown): Format | undefined {
  const record = RecordSchema.safeParse(json);
  if (!record.success) return undefined;
  const { type, event_type, ...rest } = record.data;
  if (typeof event_type === "string") {
    if (EVENT_TYPES.some((known) => known === event_type) || event_type.startsWith("custom.")) return "ndjson";
  }
  if (typeof type !== "string") return undefined;
  if (CODEX_TYPES.has(type) && "payload" in rest) return "codex";
  if (CLAUDE_TYPES.has(type) || "sessionId" in rest) return "claude-code";
  return undefined;
}

/** Format of a file, by its ending and first records; undefined when none of ours. */
export async function detectFormat(path: string): Promise<Format | undefined> {
  const ending = extname(path);
  if (ending === ".csv") return "csv";
  for await (const line of readLines(path)) {
    if (line.number > LINES_TO_LOOK_AT) break;
    try {
      const format = line.text === undefined ? undefined : formatOfRecord(JSON.parse(line.text));
      if (format !== undefined) return format;
    } catch {
      // A bad line does not tell the format; reading will report it.
    }
  }
  return ending === ".ndjson" ? "ndjson" : undefined;
}
