/**
 * Checked input of a route: query, path parameters, JSON body. Every refusal is a 400 (413, 415 for bodies) that names the
 * path and the reason, never the value. Called by route.ts.
 */
import type { Context } from "hono";
import type { z } from "zod";
import { PublicError } from "../../schema/errors.ts";
import type { AppEnv } from "../shared/http.ts";

/** Bytes of an API body, unless its route takes documents. */
const MAX_API_BODY_BYTES = 16_384;
/** Problems named in one answer. */
const MAX_DETAILS = 20;

/** The query against its schema; a parameter given twice is an array, one the schema does not know is refused. */
export function readQuery<T>(c: Context<AppEnv>, schema: z.ZodType<T>): T {
  const given = Object.create(null) as Record<string, string | string[]>;
  for (const [name, values] of Object.entries(c.req.queries())) {
    const [first] = values;
    given[name] = values.length === 1 && first !== undefined ? first : values;
  }
  return checked(schema, { ...given }, "the query is not valid");
}

export function readParams<T>(c: Context<AppEnv>, schema: z.ZodType<T>): T {
  return checked(schema, c.req.param(), "the path is not valid");
}

/** The JSON body. 415 without `application/json`, 413 above 16 KB or `maxBytes`, 400 when it is no JSON or has another shape. */
export async function readBody<T>(
  c: Context<AppEnv>,
  schema: z.ZodType<T>,
  maxBytes: number = MAX_API_BODY_BYTES,
): Promise<T> {
  const type = c.req.header("content-type")?.split(";")[0]?.trim().toLowerCase();
  if (type !== "application/json") throw new PublicError("unsupported_media_type", "send application/json");
  const bytes = await readBounded(c.req.raw.body, maxBytes);
  if (bytes.length === 0) throw new PublicError("empty_body", "the body is empty");
  return checked(schema, parseJson(bytes), "the body is not valid");
}

async function readBounded(body: ReadableStream<Uint8Array> | null, maxBytes: number): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  if (body !== null) {
    for await (const chunk of body) {
      size += chunk.length;
      if (size > maxBytes) throw new PublicError("payload_too_large", "the body is too large");
      chunks.push(chunk);
    }
  }
  return Buffer.concat(chunks);
}

function parseJson(bytes: Buffer): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true, ignoreBOM: false }).decode(bytes));
  } catch (cause) {
    throw new PublicError("invalid_body", "the body is not JSON", { cause });
  }
}

function checked<T>(schema: z.ZodType<T>, value: unknown, message: string): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw new PublicError("invalid_request", message, { details: problems(result.error) });
}

/** `{path, message}` of each problem; unknown names each get a line of their own. */
function problems(error: z.ZodError): { path: string; message: string }[] {
  return error.issues
    .flatMap((issue) =>
      issue.code === "unrecognized_keys"
        ? issue.keys.map((key) => ({ path: [...issue.path, key].join("."), message: "is not known here" }))
        : [{ path: issue.path.join("."), message: issue.message }],
    )
    .slice(0, MAX_DETAILS);
}
