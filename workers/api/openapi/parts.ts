/**
 * Pieces of an OpenAPI document: JSON schemas out of zod schemas, parameters, error answers. Pure; used by document.ts and
 * other-apps.ts.
 */
import { z } from "zod";
import { ERROR_STATUS, type ErrorCode } from "../../../schema/errors.ts";

export type Json = { [name: string]: unknown };

export interface Operation {
  operationId: string;
  summary: string;
  description?: string;
  tags: readonly string[];
  security: readonly Json[];
  parameters?: readonly Json[];
  requestBody?: Json;
  responses: Json;
}

/** A JSON schema of a zod schema. `input`: what is sent; `output`: what is answered. */
export function jsonSchema(schema: z.ZodType, io: "input" | "output"): Json {
  const { $schema: _dialect, ...rest } = z.toJSONSchema(schema, {
    io,
    unrepresentable: "any",
    // `format: date-time` says it; the pattern behind it is half a page each time.
    override: ({ jsonSchema: made }) => {
      if (made.format === "date-time") delete made.pattern;
    },
  });
  return rest;
}

/** A reference to a schema among the document's components. */
export function ref(name: string): Json {
  return { $ref: `#/components/schemas/${name}` };
}

/** The properties of an object schema as parameters. */
export function parametersOf(schema: z.ZodType | undefined, where: "path" | "query"): Json[] {
  if (schema === undefined) return [];
  const { properties = {}, required = [] } = z
    .looseObject({
      properties: z.record(z.string(), z.looseObject({})).optional(),
      required: z.array(z.string()).optional(),
    })
    .parse(jsonSchema(schema, "input"));
  return Object.entries(properties).map(([name, { description, ...rest }]) => ({
    name,
    in: where,
    required: where === "path" || (required.includes(name) && !("default" in rest)),
    ...(description === undefined ? {} : { description }),
    schema: rest,
  }));
}

/** Error answers by status, one entry a status, with the codes it may carry. */
export function errorResponses(codes: readonly ErrorCode[]): Json {
  const byStatus = new Map<number, ErrorCode[]>();
  for (const code of codes) byStatus.set(ERROR_STATUS[code], [...(byStatus.get(ERROR_STATUS[code]) ?? []), code]);
  return Object.fromEntries(
    [...byStatus].map(([status, list]) => [
      String(status),
      {
        description: list.join(", "),
        content: { "application/json": { schema: ref("Error") } },
      },
    ]),
  );
}
