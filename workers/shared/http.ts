/**
 * What every Hono app shares: request ids, the one error body, masking of everything unexpected.
 * Used by the apps under workers/. Holds no routes.
 */
import { type Context, Hono, type MiddlewareHandler } from "hono";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import { ERROR_STATUS, type ErrorBody, type ErrorCode, PublicError } from "../../schema/errors.ts";
import { ConfigError, type Env } from "./env.ts";
import type { QuotaState } from "./lease-account.ts";
import { errorText, log } from "./log.ts";
import { setSafetyHeaders } from "./security-headers.ts";

export interface AppEnv {
  Bindings: Env;
  /**
   * `allowedOrigin`: a page's origin that the request's ingest key allows (ingest only). `rateLimit`: where the caller stands
   * with the limit that was checked; it goes into the X-RateLimit headers.
   */
  Variables: { requestId: string; allowedOrigin?: string; rateLimit?: QuotaState };
}

const REQUEST_ID = /^[A-Za-z0-9_-]{8,64}$/;

/** Gives each request an id (the client's own X-Request-Id when it is sane) and echoes it. */
export const requestId: MiddlewareHandler<AppEnv> = async (c, next) => {
  const given = c.req.header("x-request-id");
  const id = given !== undefined && REQUEST_ID.test(given) ? given : crypto.randomUUID();
  c.set("requestId", id);
  await next();
  c.header("x-request-id", id);
};

const safetyHeaders: MiddlewareHandler<AppEnv> = async (c, next) => {
  await next();
  setSafetyHeaders(c.res.headers, c.req.url);
};

/** The error body with its status and headers. */
export function errorResponse(id: string, error: PublicError): Response {
  const body: ErrorBody = {
    error: {
      code: error.code,
      message: error.message,
      request_id: id,
      ...(error.details === undefined ? {} : { details: error.details }),
    },
  };
  const headers: Record<string, string> = {
    "content-type": "application/json",
    "x-request-id": id,
    "cache-control": "no-store",
  };
  if (error.retryAfter !== undefined) headers["retry-after"] = String(error.retryAfter);
  if (error.code === "unauthorized") headers["www-authenticate"] = "Bearer";
  return new Response(JSON.stringify(body), { status: ERROR_STATUS[error.code], headers });
}

/** Turns any thrown value into a PublicError; `masked` is the code for what nobody expected. */
export function toPublicError(error: unknown, masked: ErrorCode): PublicError {
  if (error instanceof PublicError) return error;
  const unavailable = masked === "unavailable" || error instanceof ConfigError;
  return unavailable
    ? new PublicError("unavailable", "the service is not available, please retry", { retryAfter: 1, cause: error })
    : new PublicError(masked, "something went wrong on our side", { cause: error });
}

/**
 * A Hono app with request ids and error handling. `masked`: ingest answers 503 for faults of ours, because OTLP
 * clients drop data on 500; the API answers 500.
 */
export function createApp(app: string, masked: "internal" | "unavailable"): Hono<AppEnv> {
  const hono = new Hono<AppEnv>();
  hono.use(requestId, safetyHeaders);
  hono.onError((error, c: Context<AppEnv>) => {
    const answer = toPublicError(error, masked);
    const status = ERROR_STATUS[answer.code];
    if (status >= 500) {
      log.error("request_failed", {
        app,
        request_id: c.get("requestId"),
        status,
        cause: errorText(answer.cause ?? answer),
      });
    }
    return errorResponse(c.get("requestId"), answer);
  });
  hono.notFound((c) =>
    errorResponse(c.get("requestId"), new PublicError("not_found", "there is nothing at this path")),
  );
  return hono;
}

/** A JSON answer. */
export function json(
  body: unknown,
  status: ContentfulStatusCode = 200,
  headers: Record<string, string> = {},
): Response {
  return new Response(JSON.stringify(body), { status, headers: { "content-type": "application/json", ...headers } });
}
