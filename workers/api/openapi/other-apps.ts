/**
 * Routes of the ingest and realtime apps, for the one OpenAPI document. Those apps do not use the route table: ingest has its own
 * parser, realtime answers with sockets and streams. Bodies come from the same schemas that they check with.
 */
import { z } from "zod";
import { FILTER_QUERY, ORG_QUERY } from "../../../schema/api/filters.ts";
import type { ErrorCode } from "../../../schema/errors.ts";
import { EventSchema, IngestAnswerSchema } from "../../../schema/event.ts";
import { errorResponses, type Json, jsonSchema, type Operation, parametersOf } from "./parts.ts";

const INGEST_ERRORS: readonly ErrorCode[] = [
  "invalid_body",
  "invalid_encoding",
  "empty_body",
  "unauthorized",
  "org_mismatch",
  "org_suspended",
  "payload_too_large",
  "too_many_events",
  "unsupported_media_type",
  "rate_limited",
  "unavailable",
  "overloaded",
];
const LIVE_ERRORS: readonly ErrorCode[] = [
  "invalid_request",
  "unauthorized",
  "forbidden",
  "rate_limited",
  "unavailable",
];

const keyParameter: Json = {
  name: "key",
  in: "path",
  required: true,
  description: "an ingest key of the path class",
  schema: { type: "string" },
};
const header = (name: string, description: string): Json => ({
  name,
  in: "header",
  required: false,
  description,
  schema: { type: "string" },
});

function ingest(operationId: string, inPath: boolean): Operation {
  const event = jsonSchema(EventSchema, "input");
  const batch = {
    oneOf: [
      event,
      { type: "array", items: event },
      { type: "object", properties: { events: { type: "array", items: event } }, required: ["events"] },
    ],
  };
  return {
    operationId,
    summary: inPath ? "Send events; the key stands in the path" : "Send events",
    description:
      "At most 1,000 events and 5 MB after decompression, 64 KB an event. `Content-Encoding: gzip` or `zstd`. 202 means durable, also when every event was refused one by one: read `rejected`. Send a request again when the answer is 429 or 503, with the same bytes: nothing is counted twice.",
    tags: ["ingest"],
    security: inPath ? [] : [{ ingestKey: [] }, { ingestKeyHeader: [] }],
    parameters: [
      ...(inPath ? [keyParameter] : []),
      header("Idempotency-Key", "makes event ids for events without one: a byte-identical retry is the same events"),
      header("X-Request-Id", "echoed; 8 to 64 of A-Z a-z 0-9 _ -"),
    ],
    requestBody: {
      required: true,
      content: {
        "application/json": { schema: batch },
        "application/x-ndjson": { schema: { type: "string", description: "one event a line" } },
      },
    },
    responses: {
      "202": {
        description: "Durable; a verdict for each refused event",
        content: { "application/json": { schema: jsonSchema(IngestAnswerSchema, "output") } },
      },
      ...errorResponses(INGEST_ERRORS),
    },
  };
}

const user = [{ accessToken: [] }, { session: [] }];
const LiveQuerySchema = z.strictObject({ ...ORG_QUERY, ...FILTER_QUERY });
const filters = (): readonly Json[] => parametersOf(LiveQuerySchema, "query");

/** Path -> method -> operation. */
export function otherApps(): { [path: string]: { [method: string]: Operation } } {
  return {
    "/v1/events": { post: ingest("postEvents", false) },
    "/i/{key}/v1/events": { post: ingest("postEventsByPathKey", true) },
    "/api/v1/live": {
      get: {
        operationId: "getLive",
        summary: "Live frames over a WebSocket",
        description:
          "Upgrade with the session cookie and the page's own Origin, or with a one-use ticket. Frames: SNAPSHOT on connect, METRIC_UPDATE with absolute values of the windows that changed (at most one a second), EVENT for errors and security alerts. Resume with the last `seq`. Closes with 4401 when the rights ended.",
        tags: ["live"],
        security: [{ session: [] }],
        parameters: [
          ...filters(),
          {
            name: "ticket",
            in: "query",
            required: false,
            description: "from POST /api/v1/live/ticket",
            schema: { type: "string" },
          },
          {
            name: "since",
            in: "query",
            required: false,
            description: "the last `seq` seen",
            schema: { type: "string" },
          },
        ],
        responses: { "101": { description: "Switching protocols" }, ...errorResponses(LIVE_ERRORS) },
      },
    },
    "/api/v1/live/sse": {
      get: {
        operationId: "getLiveSse",
        summary: "The same frames as server-sent events",
        description: "`id:` is the frame's seq; reconnect with `Last-Event-ID`.",
        tags: ["live"],
        security: user,
        parameters: [...filters(), header("Last-Event-ID", "the last seq seen")],
        responses: {
          "200": {
            description: "A stream that does not end",
            content: { "text/event-stream": { schema: { type: "string" } } },
          },
          ...errorResponses(LIVE_ERRORS),
        },
      },
    },
    "/api/v1/live/ticket": {
      post: {
        operationId: "postLiveTicket",
        summary: "A one-use ticket for a WebSocket, good for 30 seconds",
        tags: ["live"],
        security: user,
        responses: {
          "200": {
            description: "OK",
            content: {
              "application/json": {
                schema: { type: "object", properties: { ticket: { type: "string" } }, required: ["ticket"] },
              },
            },
          },
          ...errorResponses(LIVE_ERRORS),
        },
      },
    },
  };
}
