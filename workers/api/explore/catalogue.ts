/**
 * The catalogue: the closed list of columns, and what the caller's own events of the last days have besides: custom types, metadata
 * paths. Called by routes/query.ts, which remembers the answer. Bounded: a sample of events, two levels, a few hundred paths.
 */
import { z } from "zod";
import type { CatalogueAnswer } from "../../../schema/api/query.ts";
import {
  COLUMN_NAMES,
  COMPARISONS_OF,
  FUNCTIONS_OF,
  QUERY_COLUMNS,
  type QueryColumn,
} from "../../../schema/api/query-catalogue.ts";
import { EVENT_TYPES } from "../../../schema/event.ts";
import { DAY_MS } from "../../../schema/limits.ts";
import { tenantEvents, tenantQuery } from "../../shared/clickhouse-read.ts";
import { param, sql } from "../../shared/sql.ts";
import { RangeSchema, within } from "../queries/columns.ts";
import type { Asking } from "../queries/status.ts";

const SEEN_MS = 7 * DAY_MS;
/** Event types of a tenant that are listed; agents make a handful. */
const MAX_TYPES = 200;
/** Paths that are listed, the most frequent. */
const MAX_PATHS = 300;
/** Events looked into, of each type. */
const SAMPLE_PER_TYPE = 200;
/** Events looked into in all: metadata of 32 KB each at most. */
const SAMPLE = 5_000;

const typesQuery = tenantQuery({
  name: "catalogue_types",
  input: z.object({ range: RangeSchema }),
  row: z.object({ name: z.string() }),
  sql: (access, { range }) => sql`
SELECT toString(event_type) AS name
FROM ${tenantEvents(access, [within(range)])}
GROUP BY name
ORDER BY count() DESC, name
LIMIT ${param("UInt32", MAX_TYPES)}`,
});

/** `kind`: string, number, boolean, object, array. Objects are looked into once: level two. */
const pathsQuery = tenantQuery({
  name: "catalogue_paths",
  input: z.object({ range: RangeSchema }),
  row: z.object({ path: z.array(z.string()), kinds: z.array(z.string()), types: z.array(z.string()) }),
  sql: (access, { range }) => sql`
SELECT
  path,
  arraySort(groupUniqArray(kind)) AS kinds,
  arraySort(groupUniqArray(20)(name)) AS types
FROM (
  SELECT
    toString(event_type) AS name,
    arrayJoin(arrayConcat(
      arrayMap(pair -> ([pair.1], pair.2), members),
      arrayFlatten(arrayMap(
        pair -> arrayMap(inner -> ([pair.1, inner.1], inner.2), JSONExtractKeysAndValuesRaw(pair.2)),
        arrayFilter(pair -> substring(pair.2, 1, 1) = '{', members)
      ))
    )) AS found,
    found.1 AS path,
    multiIf(
      substring(found.2, 1, 1) = '"', 'string',
      substring(found.2, 1, 1) = '{', 'object',
      substring(found.2, 1, 1) = '[', 'array',
      substring(found.2, 1, 1) IN ('t', 'f'), 'boolean',
      substring(found.2, 1, 1) = 'n', 'null',
      'number'
    ) AS kind
  FROM (
    SELECT event_type, JSONExtractKeysAndValuesRaw(metadata) AS members
    FROM ${tenantEvents(access, [within(range)])}
    LIMIT ${param("UInt32", SAMPLE_PER_TYPE)} BY event_type
    LIMIT ${param("UInt32", SAMPLE)}
  )
)
GROUP BY path
ORDER BY count() DESC, path
LIMIT ${param("UInt32", MAX_PATHS)}`,
});

/** The catalogue as the caller sees it. `now`: ms. */
export async function readCatalogue({ read, regions, access }: Asking, now: number): Promise<CatalogueAnswer> {
  const range = { from: now - SEEN_MS, to: now + DAY_MS };
  const answers = await Promise.all(
    regions.map(async (region) => ({
      types: await read(region, typesQuery, access, { range }),
      paths: await read(region, pathsQuery, access, { range }),
    })),
  );
  const types = new Set<string>(EVENT_TYPES);
  for (const { name } of answers.flatMap((answer) => answer.types)) types.add(name);
  return {
    columns: COLUMN_NAMES.map(describeColumn),
    event_types: [...types].slice(0, MAX_TYPES),
    metadata_paths: unitePaths(answers.flatMap((answer) => answer.paths)).slice(0, MAX_PATHS),
  };
}

type SeenPath = CatalogueAnswer["metadata_paths"][number];

function unitePaths(rows: readonly { path: string[]; kinds: string[]; types: string[] }[]): SeenPath[] {
  const paths = new Map<string, SeenPath>();
  for (const { path, kinds, types } of rows) {
    const key = JSON.stringify(path);
    const known = paths.get(key) ?? { path, kinds: [], event_types: [] };
    known.kinds = [...new Set([...known.kinds, ...kinds])].sort();
    known.event_types = [...new Set([...known.event_types, ...types])].sort();
    paths.set(key, known);
  }
  return [...paths.values()];
}

function describeColumn(name: (typeof COLUMN_NAMES)[number]): CatalogueAnswer["columns"][number] {
  const column: QueryColumn = QUERY_COLUMNS[name];
  const { kind, unit, label, dimension, on } = column;
  const isSummed = FUNCTIONS_OF[kind].includes("sum");
  return {
    name,
    kind,
    unit,
    label,
    dimension,
    on: on ?? null,
    functions: ["count", ...FUNCTIONS_OF[kind], ...(isSummed ? (["rate"] as const) : []), "ratio"],
    comparisons: [...COMPARISONS_OF[kind]],
  };
}
