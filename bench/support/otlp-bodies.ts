/** Log exports made of recorded records of Claude Code (test/fixtures/otlp-wire), with ids and times of their own. Used by the OTLP bench. */
import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { z } from "zod";
import { inRoot } from "../../dev/paths.ts";

const AttributeSchema = z.object({ key: z.string(), value: z.record(z.string(), z.unknown()) });
const RecordSchema = z.looseObject({ attributes: z.array(AttributeSchema) });
const ExportSchema = z.object({
  resourceLogs: z
    .array(
      z.looseObject({
        resource: z.unknown(),
        scopeLogs: z.array(z.looseObject({ logRecords: z.array(RecordSchema) })),
      }),
    )
    .length(1),
});

/** Attributes by which events are told apart; each record gets its own. */
const IDS: ReadonlySet<string> = new Set(["request_id", "tool_use_id", "message.uuid", "client_request_id"]);

/** `count` exports of `records` log records each, as JSON.parse would give them. */
export function logExports(count: number, records: number, at = Date.now()): unknown[] {
  const bytes = gunzipSync(readFileSync(inRoot("test/fixtures/otlp-wire/claude-compact-logs.json.gz")));
  const { resourceLogs } = ExportSchema.parse(JSON.parse(bytes.toString("utf8")));
  const [group] = resourceLogs;
  const templates = group?.scopeLogs.flatMap(({ logRecords }) => logRecords) ?? [];
  const scope = group?.scopeLogs[0];
  return Array.from({ length: count }, (_, n) => {
    const logRecords = Array.from({ length: records }, (_, i) => {
      const template = templates[i % templates.length];
      const time = `${at - n}${String(i).padStart(6, "0")}`;
      const attributes = template?.attributes.map(({ key, value }) => ({
        key,
        value: IDS.has(key) ? { stringValue: `id_01Zkxq9Lfhx89vQux_${n}_${i}` } : value,
      }));
      return { ...template, timeUnixNano: time, observedTimeUnixNano: time, attributes };
    });
    return { resourceLogs: [{ resource: group?.resource, scopeLogs: [{ ...scope, logRecords }] }] };
  });
}
