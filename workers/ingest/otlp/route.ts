/**
 * POST /v1/logs, /v1/metrics, /v1/traces: the HTTP side of OTLP. Mounted by the ingest app, which lets a request in and charges it.
 * Every answer, also of an error, is in the encoding of the request.
 */
import type { Context } from "hono";
import { ERROR_STATUS, PublicError } from "../../../schema/errors.ts";
import { MAX_OTLP_BODY_BYTES } from "../../../schema/limits.ts";
import { type AppEnv, toPublicError } from "../../shared/http.ts";
import { errorText, log } from "../../shared/log.ts";
import { type BodyBudget, withBody } from "../read-body.ts";
import type { OtlpAccepted, OtlpRequest } from "./accept.ts";
import type { Encoding, Signal } from "./decode.ts";
import { accepted, encodingOf, refusal } from "./respond.ts";

export const SIGNALS: readonly Signal[] = ["logs", "metrics", "traces"];

/** What the app does for every request, and then with its body. */
export interface OtlpDoor {
  budget: BodyBudget;
  /** Lets the request in; the part of an OtlpRequest that is known before its body is. Throws PublicError. */
  enter(c: Context<AppEnv>): Promise<Omit<OtlpRequest, "signal" | "encoding" | "body">>;
  accept(c: Context<AppEnv>, request: OtlpRequest): Promise<OtlpAccepted>;
}

/** The handler of one signal. */
export function postOtlp(signal: Signal, door: OtlpDoor): (c: Context<AppEnv>) => Promise<Response> {
  return (c) =>
    inOtlp(c, async (encoding) => {
      const entered = await door.enter(c);
      if (encoding === undefined) {
        const message = "content-type must be application/x-protobuf or application/json";
        throw new PublicError("unsupported_media_type", message);
      }
      const use = (body: Uint8Array) => door.accept(c, { ...entered, signal, encoding, body });
      const { refused } = await withOtlpBody(c, encoding, door.budget, use);
      return accepted(signal, encoding, refused);
    });
}

/** Any other method on these paths; `preflight` answers a browser's question. */
export function otherMethod(preflight: (c: Context<AppEnv>) => Response | undefined) {
  return (c: Context<AppEnv>): Promise<Response> =>
    inOtlp(c, async () => {
      const answer = preflight(c);
      if (answer !== undefined) return answer;
      throw new PublicError("method_not_allowed", "this path takes POST");
    });
}

/** No bytes at all are a message in protobuf: an export of nothing. */
async function withOtlpBody<T>(
  c: Context<AppEnv>,
  encoding: Encoding,
  budget: BodyBudget,
  use: (body: Uint8Array) => Promise<T>,
): Promise<T> {
  const source = {
    stream: c.req.raw.body,
    contentLength: c.req.header("content-length"),
    contentEncoding: c.req.header("content-encoding"),
  };
  try {
    return await withBody(source, MAX_OTLP_BODY_BYTES, budget, use);
  } catch (error) {
    const empty = error instanceof PublicError && error.code === "empty_body";
    if (!empty || encoding !== "protobuf") throw error;
    return await use(new Uint8Array(0));
  }
}

async function inOtlp(
  c: Context<AppEnv>,
  handle: (encoding: Encoding | undefined) => Promise<Response>,
): Promise<Response> {
  const encoding = encodingOf(c.req.header("content-type"));
  try {
    return await handle(encoding);
  } catch (error) {
    const known = toPublicError(error, "unavailable");
    const status = ERROR_STATUS[known.code];
    const requestId = c.get("requestId");
    if (status >= 500) {
      const cause = errorText(known.cause ?? known);
      log.error("request_failed", { app: "ingest", request_id: requestId, status, cause });
    }
    return refusal(encoding ?? "json", requestId, known);
  }
}
