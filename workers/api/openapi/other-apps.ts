/**
 * Routes of the ingest and realtime apps, for the one OpenAPI document. Those apps do not use the route table: ingest has its own
 * parser, realtime answers with sockets and streams. Bodies come from the same schemas that they check with.
 */
import { z } from "zod";
import { ORG_QUERY } from "../../../schema/api/filters.ts";
import type { ErrorCode } from "../../../schema/errors.ts";
import { EventSchema, IngestAnswerSchema } from "../../../schema/event.ts";
import {
  LIVE_CLOSE,
  LIVE_TOTALS,
  LiveFilterSchema,
  ServerFrameSchema,
  SnapshotFrameSchema,
  TicketSchema,
} from "../../../schema/live.ts";
import { header, INGEST_ERRORS, keyParameter } from "./ingest-parts.ts";
import { otlpPaths, otlpSchemas } from "./otlp-paths.ts";
import { errorResponses, type Json, jsonSchema, type Operation, parametersOf, ref } from "./parts.ts";

const LIVE_ERRORS: readonly ErrorCode[] = [
  "invalid_request",
  "unauthorized",
  "forbidden",
  "org_suspended",
  "rate_limited",
  "unavailable",
];

function ingest(operationId: string, inPath: boolean): Operation {
  const event = ref("Event");
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
        content: { "application/json": { schema: ref("IngestAnswer") } },
      },
      ...errorResponses(INGEST_ERRORS),
    },
  };
}

const person = [{ accessToken: [] }, { session: [] }];
const LiveQuerySchema = z.strictObject({ ...ORG_QUERY, ...LiveFilterSchema.shape });
const filters = (): readonly Json[] => parametersOf(LiveQuerySchema, "query");
const query = (name: string, description: string): Json => ({
  name,
  in: "query",
  required: false,
  description,
  schema: { type: "string" },
});

const FRAMES =
  "Frames: SNAPSHOT on connect, METRIC_UPDATE with the absolute values of changed windows (at most one a second; reading one twice is harmless), EVENT for errors and security alerts, RENEWED. Totals are arrays in a fixed order: " +
  `${LIVE_TOTALS.join(", ")}; trailing zeros are left out.`;

function live(id: string, summary: string, description: string, parameters: readonly Json[], answer: Json): Operation {
  return {
    operationId: id,
    summary,
    description,
    tags: ["live"],
    security: person,
    parameters,
    responses: { ...answer, ...errorResponses(LIVE_ERRORS) },
  };
}

const ok = (type: string, schema: string, description: string): Json => ({
  "200": { description, content: { [type]: { schema: ref(schema) } } },
});

/** The schemas that these routes refer to. */
export function otherSchemas(): { [name: string]: Json } {
  return {
    Event: jsonSchema(EventSchema, "input"),
    IngestAnswer: jsonSchema(IngestAnswerSchema, "output"),
    ...otlpSchemas(),
    LiveFrame: jsonSchema(ServerFrameSchema, "output"),
    LiveSnapshot: jsonSchema(SnapshotFrameSchema, "output"),
    LiveTicket: jsonSchema(TicketSchema, "output"),
  };
}

/** Path -> method -> operation. */
export function otherApps(): { [path: string]: { [method: string]: Operation } } {
  const since = query("since", "`<epoch>.<seq>` of the last frame seen: only what changed after it is sent");
  return {
    "/v1/events": { post: ingest("postEvents", false) },
    "/i/{key}/v1/events": { post: ingest("postEventsByPathKey", true) },
    ...otlpPaths(),
    "/api/v1/live": {
      get: live(
        "getLive",
        "Live frames over a WebSocket",
        `Upgrade with the session cookie and the page's own Origin, or with a one-use ticket. ${FRAMES} Send {"kind":"RENEW","ticket"} within ten minutes; the socket closes with ${LIVE_CLOSE.expired} when its grant ends and ${LIVE_CLOSE.revoked} when the rights changed.`,
        [...filters(), query("ticket", "from POST /api/v1/live/ticket; needs no other credentials"), since],
        { "101": { description: "Switching protocols" } },
      ),
    },
    "/api/v1/live/sse": {
      get: live(
        "getLiveSse",
        "The same frames as server-sent events",
        `${FRAMES} \`id:\` is the frame's cursor; a browser reconnects with \`Last-Event-ID\` by itself.`,
        [...filters(), since, header("Last-Event-ID", "the same as `since`")],
        ok("text/event-stream", "LiveFrame", "A stream that does not end; each `data:` is one frame"),
      ),
    },
    "/api/v1/live/snapshot": {
      get: live(
        "getLiveSnapshot",
        "What is live now, once, for programs",
        FRAMES,
        filters(),
        ok("application/json", "LiveSnapshot", "OK"),
      ),
    },
    "/api/v1/live/ticket": {
      post: live(
        "postLiveTicket",
        "A one-use ticket for a WebSocket, good for 30 seconds",
        "For browsers on another origin and for programs: an access token never stands in a URL.",
        parametersOf(z.strictObject(ORG_QUERY), "query"),
        ok("application/json", "LiveTicket", "OK"),
      ),
    },
  };
}
