/** The OTLP/HTTP routes of the ingest app, for the one OpenAPI document. Their messages are opentelemetry-proto's, which is not repeated here. */
import { z } from "zod";
import { header, INGEST_ERRORS, keyParameter } from "./ingest-parts.ts";
import { errorResponses, type Json, jsonSchema, type Operation, ref } from "./parts.ts";

const SIGNAL_NAMES = { logs: "Logs", metrics: "Metrics", traces: "Traces" } as const;
type Signal = keyof typeof SIGNAL_NAMES;
const PROTOBUF: Json = { schema: { type: "string", format: "binary", description: "as in opentelemetry-proto" } };

/** Errors of OTLP are google.rpc.Status, in the encoding of the request. */
function otlpErrors(): Json {
  return Object.fromEntries(
    Object.entries(errorResponses(INGEST_ERRORS.filter((code) => code !== "org_mismatch"))).map(
      ([status, response]) => [
        status,
        {
          ...(response as Json),
          content: { "application/json": { schema: ref("OtlpStatus") }, "application/x-protobuf": PROTOBUF },
        },
      ],
    ),
  );
}

function otlp(signal: Signal, inPath: boolean): Operation {
  const name = SIGNAL_NAMES[signal];
  return {
    operationId: inPath ? `postOtlp${name}ByPathKey` : `postOtlp${name}`,
    summary: `Export OpenTelemetry ${signal} (OTLP/HTTP)${inPath ? "; the key stands in the path" : ""}`,
    description: `The body is Export${name === "Traces" ? "Trace" : name}ServiceRequest in protobuf or JSON, at most 16 MB after decompression and 50,000 records; \`Content-Encoding: gzip\`, \`zstd\` or \`deflate\`, with a length or chunked. Answers are in the encoding of the request. 200 means durable; \`partialSuccess\` tells what could not be taken and is unset otherwise. Send again what was answered with 429 or 503, and nothing else: records are known by what they say, so nothing is counted twice.`,
    tags: ["ingest"],
    security: inPath ? [] : [{ ingestKey: [] }, { ingestKeyHeader: [] }],
    parameters: [...(inPath ? [keyParameter] : []), header("X-Request-Id", "echoed; 8 to 64 of A-Z a-z 0-9 _ -")],
    requestBody: {
      required: true,
      content: { "application/json": { schema: { type: "object" } }, "application/x-protobuf": PROTOBUF },
    },
    responses: {
      "200": {
        description: "Durable",
        content: { "application/json": { schema: ref("OtlpAnswer") }, "application/x-protobuf": PROTOBUF },
      },
      ...otlpErrors(),
    },
  };
}

/** Path -> operation of all signals, with the key in a header and in the path. */
export function otlpPaths(): { [path: string]: { post: Operation } } {
  const signals = Object.keys(SIGNAL_NAMES) as Signal[];
  return Object.fromEntries(
    signals.flatMap((signal) => [
      [`/v1/${signal}`, { post: otlp(signal, false) }],
      [`/i/{key}/v1/${signal}`, { post: otlp(signal, true) }],
    ]),
  );
}

const OtlpAnswerSchema = z.object({
  partialSuccess: z
    .object({
      rejectedLogRecords: z.string().optional(),
      rejectedDataPoints: z.string().optional(),
      rejectedSpans: z.string().optional(),
      errorMessage: z.string(),
    })
    .optional(),
});
const OtlpStatusSchema = z.object({
  code: z.number().int().describe("google.rpc.Code"),
  message: z.string(),
  details: z.array(z.object({ "@type": z.string(), requestId: z.string() })),
});

/** The schemas that these routes refer to. */
export function otlpSchemas(): { [name: string]: Json } {
  return { OtlpAnswer: jsonSchema(OtlpAnswerSchema, "output"), OtlpStatus: jsonSchema(OtlpStatusSchema, "output") };
}
