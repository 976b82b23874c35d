/**
 * What the page has asked the API: one cache, shared by all views, on TanStack Query. Views use `useApi`, changes `useChange`.
 * Failures are ApiFailure in words; a lost session leads to the sign-in from one place.
 */
import {
  type InfiniteData,
  keepPreviousData,
  QueryCache,
  QueryClient,
  type UseInfiniteQueryResult,
  type UseMutationResult,
  type UseQueryResult,
  useInfiniteQuery,
  useMutation,
  useQuery,
  useQueryClient,
} from "@tanstack/react-query";
import { useRouteContext } from "@tanstack/react-router";
import type { z } from "zod";
import { FailureError } from "../ui/failure-panel.tsx";
import type { ApiFailure, ApiRequest } from "./client.ts";
import type { Api } from "./endpoints.ts";

export type ApiCache = QueryClient;

/** Moving between views within this time asks nothing again. */
const FRESH_MS = 10_000;
/** Views left this long ago are forgotten. */
const KEPT_MS = 5 * 60_000;
const MAX_RETRIES = 2;

/** `onSignedOut`: somebody's session ended; called once per failed request. */
export function createApiCache(onSignedOut: () => void): ApiCache {
  return new QueryClient({
    queryCache: new QueryCache({
      onError: (error) => {
        if (failureOf(error)?.kind === "unauthorized") onSignedOut();
      },
    }),
    defaultOptions: {
      queries: {
        staleTime: FRESH_MS,
        gcTime: KEPT_MS,
        retry: mayRetry,
        networkMode: "always",
        // Off by default in this network mode: what failed or grew old meanwhile is asked again once the device is online.
        refetchOnReconnect: true,
      },
      mutations: { retry: false, networkMode: "always" },
    },
  });
}

/** Only what may pass by itself is tried again: no answer, and 5xx. A question that took too long would only take as long again. */
function mayRetry(count: number, error: Error): boolean {
  const failure = failureOf(error);
  if (failure === null || count >= MAX_RETRIES) return false;
  if (failure.code === "query_timeout") return false;
  return failure.kind === "network" || failure.status >= 502;
}

/** When it is asked again unasked: as the API says after a refusal that passes by itself (429, 503), else as the view wants. */
function intervalOf(refreshMs: number | undefined): (query: { state: { error: Error | null } }) => number | false {
  return ({ state: { error } }) => {
    const wait = error === null ? null : (failureOf(error)?.retryAfterSeconds ?? null);
    return wait === null ? (refreshMs ?? false) : (wait + 1) * 1_000;
  };
}

/** The API's own words about an error; null when it is a fault of this page. */
export function failureOf(error: unknown): ApiFailure | null {
  return error instanceof FailureError ? error.failure : null;
}

/** Values of a query string; undefined, null and "" are left out, lists are repeated. */
export type Params = Record<string, string | number | boolean | readonly string[] | undefined | null>;

/** Path and query; the same parameters in any order give the same text. */
export function pathWith(path: string, params: Params): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(params).sort(([a], [b]) => (a < b ? -1 : 1))) {
    for (const one of Array.isArray(value) ? value : [value]) {
      if (one !== undefined && one !== null && one !== "") query.append(name, String(one));
    }
  }
  const text = query.toString();
  return text === "" ? path : `${path}?${text}`;
}

export interface ApiQueryOptions {
  /** False: not asked yet (something it needs is missing). */
  enabled?: boolean;
  /** Asked again so often while the page is seen; for ranges that end now. */
  refreshMs?: number | undefined;
  /** A POST that only reads: its body. */
  body?: unknown;
  /** Waits for its turn among the page's questions. */
  queued?: boolean;
}

/**
 * The answer of a GET (or of a POST that reads). While new parameters load, the answer to the ones before stays (`isPlaceholderData`),
 * so that nothing jumps.
 */
export function useApi<T>(
  path: string,
  params: Params,
  schema: z.ZodType<T>,
  { enabled = true, refreshMs, body, queued = false }: ApiQueryOptions = {},
): UseQueryResult<T, Error> {
  const api = useApiClient();
  const address = pathWith(path, params);
  return useQuery({
    queryKey: [address, body ?? null],
    queryFn: ({ signal }) =>
      send(api, {
        method: body === undefined ? "GET" : "POST",
        path: address,
        schema,
        signal,
        queued,
        ...(body === undefined ? {} : { body }),
      }),
    enabled,
    placeholderData: keepPreviousData,
    refetchInterval: intervalOf(refreshMs),
  });
}

/** What a route with cursor pages answers. */
export interface CursorPage {
  next_cursor: string | null;
}

/**
 * The pages of a GET with a cursor, from the first one on; `fetchNextPage` adds one. While new parameters load, the pages to the ones
 * before stay (`isPlaceholderData`). Asked once: what follows a range that moves on is for the caller.
 */
export function useApiPages<T extends CursorPage>(
  path: string,
  params: Params,
  schema: z.ZodType<T>,
  enabled = true,
): UseInfiniteQueryResult<InfiniteData<T, string | null>, Error> {
  const api = useApiClient();
  return useInfiniteQuery({
    queryKey: pagesKey(path, params),
    queryFn: ({ signal, pageParam }) =>
      send(api, { method: "GET", path: pathWith(path, { ...params, cursor: pageParam }), schema, signal }),
    initialPageParam: null as string | null,
    getNextPageParam: ({ next_cursor }) => next_cursor,
    enabled,
    placeholderData: keepPreviousData,
    refetchInterval: intervalOf(undefined),
  });
}

/** Where the cache keeps the pages of `useApiPages`. */
export function pagesKey(path: string, params: Params): readonly [string, "pages"] {
  return [pathWith(path, params), "pages"];
}

/** A change; afterwards every answer under the given paths is asked again. */
export function useChange<Input, T>(
  requestOf: (input: Input) => ApiRequest<T>,
  invalidates: readonly string[],
): UseMutationResult<T, Error, Input> {
  const api = useApiClient();
  const cache = useQueryClient();
  return useMutation({
    mutationFn: (input: Input) => send(api, requestOf(input)),
    onSuccess: () =>
      cache.invalidateQueries({
        predicate: ({ queryKey: [address] }) =>
          typeof address === "string" && invalidates.some((path) => address.startsWith(path)),
      }),
  });
}

/** The API client of this page. */
export function useApiClient(): Api {
  return useRouteContext({ from: "__root__" }).api;
}

async function send<T>(api: Api, request: ApiRequest<T>): Promise<T> {
  const result = await api.call(request);
  if (result.ok) return result.value;
  throw new FailureError(result.failure);
}
