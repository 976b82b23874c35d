/**
 * The one way the page talks HTTP: same-origin requests whose answers are parsed, and whose failures are values.
 * Called by api/endpoints.ts. It retries nothing and shows nothing; callers decide.
 */
import { z } from "zod";

/** A request that takes longer is given up: people press retry before that. */
const TIMEOUT_MS = 15_000;

export type ApiFailureKind = "unauthorized" | "forbidden" | "network" | "refused" | "broken";

/** Why a request failed, in words for people. `requestId` is what support asks for. */
export interface ApiFailure {
  kind: ApiFailureKind;
  /** HTTP status; 0 when no answer came. */
  status: number;
  code: string | null;
  message: string;
  requestId: string | null;
  retryAfterSeconds: number | null;
}

export type ApiResult<T> = { ok: true; value: T } | { ok: false; failure: ApiFailure };

export interface HttpRequest {
  method: string;
  headers: Record<string, string>;
  body?: string;
  signal: AbortSignal;
  credentials: "same-origin";
}

export interface HttpAnswer {
  ok: boolean;
  status: number;
  headers: { get(name: string): string | null };
  text(): Promise<string>;
}

/** The part of `fetch` that is needed, so that tests can pass their own. */
export type Fetch = (path: string, request: HttpRequest) => Promise<HttpAnswer>;

/** Only what the page shows of the error body; codes it does not know stay readable. */
const ErrorAnswerSchema = z.object({
  error: z.object({
    code: z.string(),
    message: z.string(),
    request_id: z.string(),
    // What is wrong with a body, part by part, or how large a question is; other errors carry other details.
    details: z
      .union([
        z.array(z.object({ path: z.string(), message: z.string() })),
        z.object({ estimated_events: z.number(), limit: z.number() }),
      ])
      .optional()
      .catch(undefined),
  }),
});

export interface ApiRequest<T> {
  method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  path: string;
  schema: z.ZodType<T>;
  body?: unknown;
  signal?: AbortSignal;
  /** Waits for its turn: of a tenant's questions over single events the API answers four at a time. */
  queued?: boolean;
}

/** Sends a request and parses the answer. Answers that may be kept are asked about again by the browser itself (ETag). Never throws, except when `signal` is aborted by the caller. */
export async function call<T>(fetch: Fetch, request: ApiRequest<T>): Promise<ApiResult<T>> {
  const timeout = AbortSignal.timeout(TIMEOUT_MS);
  const signal = request.signal === undefined ? timeout : AbortSignal.any([request.signal, timeout]);
  let response: HttpAnswer;
  let text: string;
  try {
    response = await fetch(request.path, {
      method: request.method,
      credentials: "same-origin",
      signal,
      headers: {
        accept: "application/json",
        ...(request.body === undefined ? {} : { "content-type": "application/json" }),
      },
      ...(request.body === undefined ? {} : { body: JSON.stringify(request.body) }),
    });
    text = await response.text();
  } catch (error) {
    if (request.signal?.aborted === true) throw error;
    return { ok: false, failure: noAnswer(timeout.aborted) };
  }
  if (!response.ok) return { ok: false, failure: refusal(response, text) };
  const parsed = request.schema.safeParse(readJson(text));
  if (parsed.success) return { ok: true, value: parsed.data };
  return {
    ok: false,
    failure: {
      ...describe("broken", response, null),
      message: "Tenfold answered with something this page does not understand. Reload to get the newest page.",
    },
  };
}

function noAnswer(timedOut: boolean): ApiFailure {
  return {
    kind: "network",
    status: 0,
    code: null,
    message: timedOut ? "Tenfold took too long to answer." : "Tenfold cannot be reached. Check your connection.",
    requestId: null,
    retryAfterSeconds: null,
  };
}

function refusal(response: HttpAnswer, text: string): ApiFailure {
  const parsed = ErrorAnswerSchema.safeParse(readJson(text));
  const body = parsed.success ? parsed.data.error : null;
  const kind = response.status === 401 ? "unauthorized" : response.status === 403 ? "forbidden" : "refused";
  return {
    ...describe(kind, response, body?.request_id ?? null),
    code: body?.code ?? null,
    message: body === null ? `Tenfold answered with status ${response.status}.` : messageOf(body),
  };
}

/** The message, and which parts of what was sent it is about: the body is not valid (allowed_ips.0: is no address). */
function messageOf({ message, details = [] }: z.infer<typeof ErrorAnswerSchema>["error"]): string {
  if (!Array.isArray(details)) {
    const [events, limit] = [details.estimated_events, details.limit].map((count) => count.toLocaleString("en-US"));
    return `${message} (about ${events} events; the plan reads at most ${limit} at once)`;
  }
  if (details.length === 0) return message;
  return `${message} (${details.map(({ path, message: why }) => (path === "" ? why : `${path}: ${why}`)).join("; ")})`;
}

function describe(kind: ApiFailureKind, response: HttpAnswer, requestId: string | null): ApiFailure {
  const retryAfter = Number(response.headers.get("retry-after") ?? Number.NaN);
  return {
    kind,
    status: response.status,
    code: null,
    message: "",
    requestId: requestId ?? response.headers.get("x-request-id"),
    retryAfterSeconds: Number.isFinite(retryAfter) && retryAfter >= 0 ? retryAfter : null,
  };
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
