/**
 * CSV files of events: header names are event fields, `metadata.x` columns fill metadata, a `metadata` column holds JSON.
 * Called by run.ts. Streams; cells are text, so numbers and booleans are read where the contract wants them and nowhere else
 * (a model named "4" stays text).
 */
import { createReadStream } from "node:fs";
import { CsvError, parse } from "csv-parse";
import { z } from "zod";
import { EnvelopeSchema, isStandardType, METADATA_SCHEMAS } from "../../schema/event.ts";
import { checkedEvent } from "./event-check.ts";
import type { Found } from "./found.ts";
import { MAX_LINE_BYTES } from "./lines.ts";

const METADATA_PREFIX = "metadata.";

const RowSchema = z.object({
  record: z.array(z.string()),
  info: z.object({ lines: z.number() }),
});

/** A cell as the value its field takes: text if text will do, else the number or boolean it spells, else text. */
export function cellValue(cell: string, field: z.ZodType | undefined): unknown {
  if (field === undefined || field.safeParse(cell).success) return cell;
  const word = cell.trim().toLowerCase();
  if (word === "true" || word === "false") return word === "true";
  const number = Number(word);
  return word !== "" && Number.isFinite(number) ? number : cell;
}

const fieldOf = (shape: Record<string, z.ZodType>, name: string): z.ZodType | undefined =>
  Object.hasOwn(shape, name) ? shape[name] : undefined;

/** One row as an event; empty cells are absent fields. A string is the reason why it is none. */
export function eventOfRow(row: Record<string, string>): Record<string, unknown> | string {
  const type = row.event_type ?? "";
  const metadataShape: Record<string, z.ZodType> = isStandardType(type) ? METADATA_SCHEMAS[type].shape : {};
  const event = new Map<string, unknown>();
  const metadata = new Map<string, unknown>();
  for (const [name, cell] of Object.entries(row)) {
    if (cell === "" || name === "") continue;
    if (name.startsWith(METADATA_PREFIX)) {
      const key = name.slice(METADATA_PREFIX.length);
      metadata.set(key, cellValue(cell, fieldOf(metadataShape, key)));
    } else if (name === "metadata") {
      const json = objectOf(cell);
      if (json === undefined) return "metadata: not a JSON object";
      for (const [key, value] of Object.entries(json)) if (!metadata.has(key)) metadata.set(key, value);
    } else event.set(name, cellValue(cell, fieldOf(EnvelopeSchema.shape, name)));
  }
  if (metadata.size > 0) event.set("metadata", Object.fromEntries(metadata));
  return Object.fromEntries(event);
}

function objectOf(cell: string): Record<string, unknown> | undefined {
  try {
    const json = z.record(z.string(), z.unknown()).safeParse(JSON.parse(cell));
    return json.success ? json.data : undefined;
  } catch {
    return undefined;
  }
}

/** `line` of a finding is the line its row ends on. A row with too many or too few cells is a problem; the others go on. */
export async function* readCsv(path: string, onBytes: (bytes: number) => void = () => {}): AsyncGenerator<Found> {
  let header: string[] | undefined;
  const problems: Found[] = [];
  const problem = (line: number, reason: string): void => {
    problems.push({ kind: "problem", line, reason });
  };
  const parser = parse({
    bom: true,
    relax_column_count: true,
    info: true,
    skip_empty_lines: true,
    skip_records_with_error: true,
    max_record_size: MAX_LINE_BYTES,
    on_skip: (error) => {
      problem(
        error instanceof CsvError && typeof error.lines === "number" ? error.lines : 0,
        error?.message ?? "bad row",
      );
    },
  });
  const file = createReadStream(path);
  file.on("data", (chunk) => onBytes(chunk.length));
  file.on("error", (error) => parser.destroy(error));
  file.pipe(parser);
  try {
    for await (const raw of parser) {
      yield* problems.splice(0);
      const row = RowSchema.safeParse(raw);
      if (!row.success) {
        yield { kind: "problem", line: 0, reason: "bad row" };
        continue;
      }
      const { lines } = row.data.info;
      const cells = row.data.record;
      if (header === undefined) {
        header = cells.map((name) => name.trim());
        continue;
      }
      if (cells.length !== header.length) {
        yield { kind: "problem", line: lines, reason: `${cells.length} cells, the header has ${header.length}` };
        continue;
      }
      const named = Object.fromEntries(header.map((name, i) => [name, cells[i] ?? ""]));
      const event = eventOfRow(named);
      yield typeof event === "string" ? { kind: "problem", line: lines, reason: event } : checkedEvent(event, lines);
    }
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    // What breaks the file's structure (an open quote) ends it; everything before was read.
    problem(typeof error.lines === "number" ? error.lines : 0, error.message);
  } finally {
    file.destroy();
  }
  yield* problems.splice(0);
}
