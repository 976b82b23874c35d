/**
 * Imports files: reads each in its format, sends the events in batches, keeps the account. Called by main.ts and tests.
 * Prints nothing; problems and counts are in the summary.
 */
import { basename, extname } from "node:path";
import type { EventInput } from "../../schema/event.ts";
import { MAX_EVENTS_PER_REQUEST } from "../../schema/limits.ts";
import type { IngestClient } from "../demo/ingest-client.ts";
import { ClaudeCodeMapper } from "./claude-code.ts";
import { CodexMapper } from "./codex.ts";
import { readCsv } from "./csv.ts";
import { detectFormat, type Format, filesAt } from "./files.ts";
import type { Found } from "./found.ts";
import { readLines } from "./lines.ts";
import { readNdjson } from "./ndjson.ts";
import { readTranscript } from "./transcript.ts";

/** Problems kept with their place; more of them are only counted. */
const MAX_PROBLEMS_KEPT = 100;

export interface ImportOptions {
  /** A file or a folder. */
  path: string;
  format: Format | "auto";
  /** user_id of events made from session logs. */
  user: string;
  /** Now, ms since the epoch. */
  now: number;
  /** Undefined: read and count, send nothing. */
  client: Pick<IngestClient, "send"> | undefined;
  onProgress?: (progress: { bytes: number; totalBytes: number; events: number; path: string }) => void;
}

export interface Problem {
  path: string;
  /** 0 when the whole file is meant. */
  line: number;
  reason: string;
}

/** sent = accepted + duplicates + rejected + failed; `read` events of a dry run are not sent. */
export interface ImportSummary {
  files: { path: string; format: Format | "unknown"; events: number; problems: number }[];
  events: number;
  sent: number;
  accepted: number;
  duplicates: number;
  rejected: number;
  /** Events of requests that were refused or given up. */
  failed: number;
  /** Lines that could not be read as events. */
  badLines: number;
  byType: Map<string, number>;
  /** Refusals and failures by reason. */
  reasons: Map<string, number>;
  /** Lines of kinds that carry nothing for us, by format and name. */
  other: Map<string, number>;
  problems: Problem[];
  /** Why the import ended early: what every later request would meet, too. Running it again completes it. */
  stopped: string | undefined;
}

/** Failures that the next request would meet as well. */
const HOPELESS = new Set([0, 401, 403, 429, 503]);

const count = (map: Map<string, number>, key: string, by = 1): void => {
  map.set(key, (map.get(key) ?? 0) + by);
};

function findings(
  path: string,
  format: Format,
  options: ImportOptions,
  onBytes: (n: number) => void,
): AsyncIterable<Found> {
  if (format === "csv") return readCsv(path, onBytes);
  const lines = readLines(path, onBytes);
  if (format === "ndjson") return readNdjson(lines);
  const transcript = { user: options.user, fallbackSession: basename(path, extname(path)), now: options.now };
  return readTranscript(lines, format === "codex" ? new CodexMapper(transcript) : new ClaudeCodeMapper(transcript));
}

/** Reads and sends everything at `path`. Throws when `path` does not exist or cannot be read. */
export async function importFiles(options: ImportOptions): Promise<ImportSummary> {
  const { client, onProgress } = options;
  const sources = await filesAt(options.path);
  const totalBytes = sources.reduce((sum, { bytes }) => sum + bytes, 0);
  let bytes = 0;
  const summary: ImportSummary = {
    files: [],
    events: 0,
    sent: 0,
    accepted: 0,
    duplicates: 0,
    rejected: 0,
    failed: 0,
    badLines: 0,
    byType: new Map(),
    reasons: new Map(),
    other: new Map(),
    problems: [],
    stopped: undefined,
  };
  let batch: { event: EventInput; path: string; line: number }[] = [];
  const keep = (problem: Problem): void => {
    if (summary.problems.length < MAX_PROBLEMS_KEPT) summary.problems.push(problem);
  };

  async function flush(): Promise<void> {
    const items = batch;
    batch = [];
    if (client === undefined || items.length === 0) return;
    const result = await client.send(items.map(({ event }) => event));
    summary.sent += items.length;
    summary.accepted += result.accepted;
    summary.duplicates += result.duplicates;
    summary.rejected += result.rejected.length;
    for (const { index, code, message } of result.rejected) {
      count(summary.reasons, code);
      const item = items[index];
      if (item !== undefined) keep({ path: item.path, line: item.line, reason: `${code}: ${message}` });
    }
    for (const { events, status, code, message } of result.failures) {
      summary.failed += events;
      count(summary.reasons, `${code} (HTTP ${status}): ${message}`, events);
      if (HOPELESS.has(status)) summary.stopped ??= `${code}: ${message}`;
    }
  }

  async function importFile(path: string): Promise<void> {
    const format = options.format === "auto" ? await detectFormat(path) : options.format;
    const account = { path, format: format ?? ("unknown" as const), events: 0, problems: 0 };
    summary.files.push(account);
    if (format === undefined) return;
    const onBytes = (n: number): void => {
      bytes += n;
      onProgress?.({ bytes, totalBytes, events: summary.events, path });
    };
    for await (const found of findings(path, format, options, onBytes)) {
      if (found.kind === "other") count(summary.other, `${format}: ${found.name}`);
      else if (found.kind === "problem") {
        account.problems++;
        summary.badLines++;
        keep({ path, line: found.line, reason: found.reason });
      } else {
        account.events++;
        summary.events++;
        count(summary.byType, found.event.event_type);
        batch.push({ event: found.event, path, line: found.line });
        if (batch.length >= MAX_EVENTS_PER_REQUEST) await flush();
        if (summary.stopped !== undefined) return;
      }
    }
  }

  for (const { path } of sources) {
    if (summary.stopped === undefined) await importFile(path);
  }
  await flush();
  return summary;
}
