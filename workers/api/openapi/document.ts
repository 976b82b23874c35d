/**
 * The OpenAPI 3.1 document: made from the route table and the zod schemas, with the routes of the other apps described
 * in other-apps.ts. Pure; called by routes/docs.ts.
 */
import { SavedQuerySchema } from "../../../schema/api/query.ts";
import { FilterSchema } from "../../../schema/api/query-parts.ts";
import { ErrorBodySchema, type ErrorCode } from "../../../schema/errors.ts";
import type { Route } from "../route.ts";
import { otherApps, otherSchemas } from "./other-apps.ts";
import { errorResponses, type Json, jsonSchema, type Operation, parametersOf } from "./parts.ts";

export interface OpenApiDocument {
  openapi: "3.1.0";
  info: { title: string; version: string; description: string };
  paths: { [path: string]: { [method: string]: Operation } };
  components: { schemas: { [name: string]: Json }; securitySchemes: Json };
}

const DESCRIPTION = `Live analytics for AI coding agents.
Times are ISO 8601, ranges half-open [from, to), UTC. Money is integer nano-USD as a decimal string.
Every error has the body {"error":{"code","message","request_id","details"}}; quote the request id when you ask for help.
A request that names another organisation is 403; an object of another organisation does not exist: 404.`;

/** The document for these routes. */
export function openApiDocument(routes: readonly Route[], version: string): OpenApiDocument {
  const paths: OpenApiDocument["paths"] = {};
  for (const route of routes) {
    const path = route.path.replace(/:(\w+)/g, "{$1}");
    paths[path] = { ...paths[path], [route.method]: operationOf(route) };
  }
  for (const [path, methods] of Object.entries(otherApps())) paths[path] = { ...paths[path], ...methods };
  return {
    openapi: "3.1.0",
    info: { title: "Tenfold API", version, description: DESCRIPTION },
    paths,
    components: {
      schemas: {
        Error: jsonSchema(ErrorBodySchema, "output"),
        QueryFilter: jsonSchema(FilterSchema, "input"),
        SavedQuery: jsonSchema(SavedQuerySchema, "input"),
        ...otherSchemas(),
      },
      securitySchemes: {
        accessToken: {
          type: "http",
          scheme: "bearer",
          bearerFormat: "JWT",
          description: "for one organisation: 10 min, or a program's token `tft_…`, which only reads",
        },
        session: { type: "apiKey", in: "cookie", name: "__Host-tenfold", description: "set by sign-in, 12 h" },
        ingestKey: { type: "http", scheme: "bearer", description: "tf_…, may only send events" },
        ingestKeyHeader: { type: "apiKey", in: "header", name: "X-API-Key" },
      },
    },
  };
}

function operationOf(route: Route): Operation {
  const parameters = [...parametersOf(route.params, "path"), ...parametersOf(route.query, "query")];
  return {
    operationId: `${route.method}${route.path.replace(/[^a-zA-Z]+(\w)?/g, (_, next?: string) => next?.toUpperCase() ?? "")}`,
    summary: route.summary,
    ...(route.description === undefined ? {} : { description: route.description }),
    tags: route.tags,
    security: "public" in route.access ? [] : [{ accessToken: [] }, { session: [] }],
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(route.body === undefined
      ? {}
      : {
          requestBody: {
            required: true,
            content: { "application/json": { schema: jsonSchema(route.body, "input") } },
          },
        }),
    responses: {
      "200": {
        description: "OK",
        content: { [route.contentType]: { schema: jsonSchema(route.answer, "output") } },
      },
      ...errorResponses(errorsOf(route)),
    },
  };
}

/** What a route may answer besides its 200. */
function errorsOf(route: Route): ErrorCode[] {
  const guarded = "permission" in route.access;
  const people = guarded || route.tags.includes("auth");
  return [
    "invalid_request",
    ...(route.body ? (["invalid_body", "empty_body", "payload_too_large", "unsupported_media_type"] as const) : []),
    ...(people ? (["unauthorized", "forbidden", "org_suspended", "unavailable"] as const) : []),
    ...(route.params || (guarded && route.body) ? (["not_found"] as const) : []),
    ...(guarded && route.method !== "get" ? (["conflict"] as const) : []),
    ...(guarded ? (["query_too_expensive", "query_timeout"] as const) : []),
    "rate_limited",
    "internal",
  ];
}
