/** The OpenAPI document of a running system, as far as tests need it: operations, their parameters and body schemas. */
import { z } from "zod";

export const SchemaNodeSchema = z.looseObject({
  $ref: z.string().optional(),
  type: z.union([z.string(), z.array(z.string())]).optional(),
  enum: z.array(z.unknown()).optional(),
  const: z.unknown().optional(),
  anyOf: z.array(z.unknown()).optional(),
  oneOf: z.array(z.unknown()).optional(),
  allOf: z.array(z.unknown()).optional(),
  properties: z.record(z.string(), z.unknown()).optional(),
  required: z.array(z.string()).optional(),
  items: z.unknown().optional(),
  format: z.string().optional(),
  minimum: z.number().optional(),
  maximum: z.number().optional(),
  minLength: z.number().optional(),
  maxLength: z.number().optional(),
});
export type SchemaNode = z.infer<typeof SchemaNodeSchema>;

const ParameterSchema = z.looseObject({
  name: z.string(),
  in: z.enum(["path", "query", "header"]),
  required: z.boolean().optional(),
  schema: SchemaNodeSchema.optional(),
});
const OperationSchema = z.looseObject({
  security: z.array(z.record(z.string(), z.array(z.string()))).optional(),
  parameters: z.array(ParameterSchema).optional(),
  requestBody: z.looseObject({ content: z.record(z.string(), z.looseObject({ schema: SchemaNodeSchema })) }).optional(),
});
const DocumentSchema = z.looseObject({
  paths: z.record(z.string(), z.record(z.string(), OperationSchema)),
  components: z.looseObject({ schemas: z.record(z.string(), SchemaNodeSchema) }),
});

export interface Operation extends z.infer<typeof OperationSchema> {
  method: string;
  /** With `{name}` places. */
  path: string;
  /** People and programs sign in for it; an ingest key or nothing otherwise. */
  forPeople: boolean;
}

export interface Contract {
  operations: Operation[];
  schemas: Record<string, SchemaNode>;
}

/** Reads /api/openapi.json. */
export async function readContract(url: string): Promise<Contract> {
  const document = DocumentSchema.parse(await (await fetch(`${url}/api/openapi.json`)).json());
  const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]): Operation => {
      const forPeople = (operation.security ?? []).some((one) => "accessToken" in one);
      return { ...operation, method: method.toUpperCase(), path, forPeople };
    }),
  );
  return { operations, schemas: document.components.schemas };
}

/** The path with `value` in every place. */
export function fillPath(path: string, value: (name: string) => string): string {
  return path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(value(name)));
}
