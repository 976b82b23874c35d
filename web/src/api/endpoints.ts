/**
 * The API routes the page uses, typed. Made once by main.tsx and handed down through the router's context.
 */
import { z } from "zod";
import { type Ticket, TicketSchema } from "../../../schema/live.ts";
import { type ApiRequest, type ApiResult, call, type Fetch } from "./client.ts";
import { type Me, MeSchema } from "./me.ts";
import { makeTurns } from "./turns.ts";

export interface Api {
  /** Signs in; the answer sets an HttpOnly cookie. */
  signIn(email: string, password: string): Promise<ApiResult<unknown>>;
  signOut(): Promise<ApiResult<unknown>>;
  /** Who is signed in; `org` picks one of their organisations. */
  me(org?: string): Promise<ApiResult<Me>>;
  /** A one-use ticket that extends an open live connection. */
  liveTicket(org: string): Promise<ApiResult<Ticket>>;
  /** Any other route: the schema is the API's own, from schema/api. */
  call<T>(request: ApiRequest<T>): Promise<ApiResult<T>>;
}

/** Questions of one page at a time: fewer than the API runs for a tenant, so that a dashboard of many tiles is not refused. */
const MAX_QUESTIONS = 3;

/** The answers of sign-in and sign-out matter only by their status and cookie. */
const AnySchema = z.unknown();

export function createApi(fetch: Fetch): Api {
  const inTurn = makeTurns(MAX_QUESTIONS);
  return {
    signIn: (email, password) =>
      call(fetch, {
        method: "POST",
        path: "/api/auth/sign-in/email",
        schema: AnySchema,
        body: { email, password },
      }),
    signOut: () => call(fetch, { method: "POST", path: "/api/auth/sign-out", schema: AnySchema, body: {} }),
    me: (org) =>
      call(fetch, {
        method: "GET",
        path: org === undefined ? "/api/v1/me" : `/api/v1/me?${new URLSearchParams({ org })}`,
        schema: MeSchema,
      }),
    liveTicket: (org) =>
      call(fetch, {
        method: "POST",
        path: `/api/v1/live/ticket?${new URLSearchParams({ org })}`,
        schema: TicketSchema,
        body: {},
      }),
    call: (request) => (request.queued === true ? inTurn(() => call(fetch, request)) : call(fetch, request)),
  };
}
