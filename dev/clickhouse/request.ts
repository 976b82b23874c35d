/**
 * Reads the URL and the headers of one request into plain values. Called by server.ts. It neither reads the body nor checks
 * the credentials it finds.
 */

import { refuse } from "./errors.ts";

export interface Credentials {
  user: string;
  password: string;
}

export interface QueryRequest {
  /** Text of `query=`; the body continues it. */
  query: string;
  database: string | undefined;
  defaultFormat: string | undefined;
  queryId: string | undefined;
  session: { id: string; timeoutSeconds: number; mustExist: boolean } | undefined;
  credentials: Credentials | undefined;
  settings: Map<string, string>;
  /** Values as ClickHouse takes them in `param_name`: escaped like a TSV field. */
  parameters: Map<string, string>;
  /** Keep the whole answer back until the query has succeeded. */
  waitEndOfQuery: boolean;
  /** Bytes of answer kept back, in which an error still becomes an HTTP status. */
  bufferBytes: number;
  acceptEncoding: string;
  /** Length of the statement; parameters and rows do not count. */
  maxQueryBytes: number;
}

/** ClickHouse's DBMS_DEFAULT_BUFFER_SIZE: an error in the first 1 MiB of the answer still gets its own status. */
const DEFAULT_BUFFER_BYTES = 1024 * 1024;
/** A client may ask for more; this is what one answer may hold in memory. */
const MAX_BUFFER_BYTES = 16 * 1024 * 1024;
/** Beyond this a server refuses a statement unless `max_query_size` says otherwise. */
const DEFAULT_MAX_QUERY_BYTES = 256 * 1024;
const DEFAULT_SESSION_SECONDS = 60;
const MAX_SESSION_SECONDS = 3600;

const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;
/** Read below, or without a meaning for one local process (quotas, roles, stack traces). */
const NOT_SETTINGS = new Set([
  "query",
  "database",
  "default_format",
  "query_id",
  "session_id",
  "session_timeout",
  "session_check",
  "session_timezone_id",
  "user",
  "password",
  "quota_key",
  "stacktrace",
  "role",
  "buffer_size",
  "max_query_size",
  "wait_end_of_query",
  "client_protocol_version",
  "close_session",
]);

export type Headers = Record<string, string | string[] | undefined>;

export function parseRequest(method: string, search: URLSearchParams, headers: Headers): QueryRequest {
  const settings = new Map<string, string>();
  const parameters = new Map<string, string>();
  for (const [name, value] of search) {
    if (name.startsWith("param_")) addParameter(parameters, name, value);
    else if (name === "compress" || name === "decompress") refuseNativeCompression(name, value);
    else if (!NOT_SETTINGS.has(name)) addSetting(settings, name, value);
  }
  // ClickHouse: a GET can only read.
  if (method !== "POST" && !settings.has("readonly")) settings.set("readonly", "2");
  const maxQueryBytes = wholeNumber("max_query_size", search.get("max_query_size")) || DEFAULT_MAX_QUERY_BYTES;
  const bufferBytes = search.get("buffer_size") ?? settings.get("http_response_buffer_size");
  return {
    query: search.get("query") ?? "",
    database: nonEmpty(search.get("database")) ?? header(headers, "x-clickhouse-database"),
    defaultFormat: nonEmpty(search.get("default_format")) ?? header(headers, "x-clickhouse-format"),
    queryId: nonEmpty(search.get("query_id")) ?? header(headers, "x-clickhouse-query-id"),
    session: parseSession(search),
    credentials: parseCredentials(search, headers),
    settings,
    parameters,
    waitEndOfQuery: isOn(search.get("wait_end_of_query")) || isOn(settings.get("http_wait_end_of_query")),
    bufferBytes: Math.min(wholeNumber("buffer_size", bufferBytes) || DEFAULT_BUFFER_BYTES, MAX_BUFFER_BYTES),
    maxQueryBytes,
    acceptEncoding: isOn(settings.get("enable_http_compression")) ? (header(headers, "accept-encoding") ?? "") : "",
  };
}

export function addParameter(parameters: Map<string, string>, field: string, value: string): void {
  const name = field.slice("param_".length);
  if (!NAME.test(name)) throw refuse("BAD_ARGUMENTS", `Bad name of a query parameter: ${name}`);
  parameters.set(name, value);
}

function addSetting(settings: Map<string, string>, name: string, value: string): void {
  if (!NAME.test(name)) throw refuse("BAD_ARGUMENTS", `Bad name of a setting: ${name}`);
  settings.set(name, value);
}

function refuseNativeCompression(name: string, value: string): void {
  if (isOn(value)) throw refuse("NOT_IMPLEMENTED", `${name}=1 is not implemented here, use HTTP compression`);
}

function parseSession(search: URLSearchParams): QueryRequest["session"] {
  const id = search.get("session_id");
  if (id === null || id === "") return undefined;
  const asked = wholeNumber("session_timeout", search.get("session_timeout")) || DEFAULT_SESSION_SECONDS;
  return { id, timeoutSeconds: Math.min(asked, MAX_SESSION_SECONDS), mustExist: isOn(search.get("session_check")) };
}

function parseCredentials(search: URLSearchParams, headers: Headers): Credentials | undefined {
  const user = header(headers, "x-clickhouse-user");
  const key = header(headers, "x-clickhouse-key");
  if (user !== undefined || key !== undefined) return { user: user ?? "default", password: key ?? "" };
  const basic = /^Basic\s+(\S+)$/i.exec(header(headers, "authorization") ?? "")?.[1];
  if (basic !== undefined) {
    const pair = Buffer.from(basic, "base64").toString("utf8");
    const colon = pair.indexOf(":");
    return colon === -1
      ? { user: pair, password: "" }
      : { user: pair.slice(0, colon), password: pair.slice(colon + 1) };
  }
  if (!search.has("user") && !search.has("password")) return undefined;
  return { user: search.get("user") ?? "default", password: search.get("password") ?? "" };
}

function header(headers: Headers, name: string): string | undefined {
  const value = headers[name];
  return nonEmpty(typeof value === "string" ? value : value?.[0]);
}

function nonEmpty(value: string | null | undefined): string | undefined {
  return value === null || value === "" ? undefined : value;
}

function isOn(value: string | null | undefined): boolean {
  return value === "1" || value?.toLowerCase() === "true";
}

function wholeNumber(name: string, value: string | null | undefined): number {
  if (value === null || value === undefined) return 0;
  if (!/^\d+$/.test(value)) throw refuse("BAD_ARGUMENTS", `${name} must be a whole number, not ${value}`);
  return Number(value);
}
