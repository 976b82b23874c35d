/**
 * ClickHouse errors as the HTTP interface shows them: text, code and status. Called by every file of this folder that can
 * refuse a request. It does not write responses.
 */

/** Codes this server raises itself; all others come from the engine with their own text. */
export const ErrorCode = {
  UNEXPECTED_END_OF_FILE: [3, "UNEXPECTED_END_OF_FILE"],
  BAD_ARGUMENTS: [36, "BAD_ARGUMENTS"],
  NOT_IMPLEMENTED: [48, "NOT_IMPLEMENTED"],
  SYNTAX_ERROR: [62, "SYNTAX_ERROR"],
  UNKNOWN_TYPE_OF_QUERY: [78, "UNKNOWN_TYPE_OF_QUERY"],
  TOO_MANY_SIMULTANEOUS_QUERIES: [202, "TOO_MANY_SIMULTANEOUS_QUERIES"],
  QUERY_WITH_SAME_ID_IS_ALREADY_RUNNING: [216, "QUERY_WITH_SAME_ID_IS_ALREADY_RUNNING"],
  ZLIB_INFLATE_FAILED: [354, "ZLIB_INFLATE_FAILED"],
  INTO_OUTFILE_NOT_ALLOWED: [358, "INTO_OUTFILE_NOT_ALLOWED"],
  SESSION_NOT_FOUND: [372, "SESSION_NOT_FOUND"],
  SESSION_IS_LOCKED: [373, "SESSION_IS_LOCKED"],
  QUERY_WAS_CANCELLED: [394, "QUERY_WAS_CANCELLED"],
  UNKNOWN_QUERY_PARAMETER: [456, "UNKNOWN_QUERY_PARAMETER"],
  BROTLI_READ_FAILED: [475, "BROTLI_READ_FAILED"],
  AUTHENTICATION_FAILED: [516, "AUTHENTICATION_FAILED"],
  ZSTD_DECODER_FAILED: [561, "ZSTD_DECODER_FAILED"],
  STD_EXCEPTION: [1001, "STD_EXCEPTION"],
} as const satisfies Record<string, readonly [number, string]>;

export class ClickHouseError extends Error {
  override readonly name = "ClickHouseError";
  readonly code: number;
  /** The whole line, `Code: N. DB::Exception: ... (NAME)`, without the version. */
  readonly line: string;

  constructor(code: number, line: string, options?: ErrorOptions) {
    super(line, options);
    this.code = code;
    this.line = line;
  }
}

export function refuse(code: keyof typeof ErrorCode, message: string, cause?: unknown): ClickHouseError {
  const [number, name] = ErrorCode[code];
  return new ClickHouseError(number, `Code: ${number}. DB::Exception: ${message} (${name})`, { cause });
}

const NESTED = /^Code: \d+\. DB::Exception: (Code: \d+\. DB::Exception: .*) \(version [^()]*\)\. \([A-Z0-9_]+\)$/s;
/** What the engine adds because rows come from a spool file and not from the socket. */
const SPOOL_TRACES = [/: \(in file\/uri [^)]*\)/g, /: While executing File: data for INSERT was parsed from file/g];

/**
 * Turns a message of the engine into the line a server would send. `injected` are the fragments this server added to the
 * statement; ClickHouse quotes the statement in syntax errors, and the caller must see only their own text.
 */
export function fromEngine(error: unknown, injected: readonly string[] = []): ClickHouseError {
  if (error instanceof ClickHouseError) return error;
  let line = error instanceof Error ? error.message : String(error);
  for (let inner = NESTED.exec(line)?.[1]; inner !== undefined; inner = NESTED.exec(line)?.[1]) line = inner;
  for (const trace of SPOOL_TRACES) line = line.replace(trace, "");
  for (const fragment of injected) line = line.replaceAll(fragment, "");
  const code = /^Code: (\d+)\./.exec(line)?.[1];
  if (code === undefined) return refuse("STD_EXCEPTION", `std::exception. ${line}`, error);
  return new ClickHouseError(Number(code), line, { cause: error });
}

/** HTTP statuses of ClickHouse's own table (src/Server/HTTP/exceptionCodeToHTTPStatus.cpp); codes not listed are 500. */
const STATUS_OF_CODES: readonly (readonly [status: number, codes: readonly number[]])[] = [
  [400, [6, 8, 15, 25, 26, 27, 36, 37, 38, 41, 44, 53, 62, 72, 117, 123, 167, 168, 223, 321, 376, 427, 441, 675, 676]],
  [401, [194]],
  [403, [192, 193, 497, 512, 516]],
  [404, [46, 47, 50, 56, 60, 63, 73, 78, 81, 115, 152, 336, 511]],
  [408, [159]],
  [411, [381]],
  [413, [229]],
  [415, [779]],
  [501, [48]],
  [503, [76, 209, 439]],
];

export function statusOf(code: number): number {
  return STATUS_OF_CODES.find(([, codes]) => codes.includes(code))?.[0] ?? 500;
}
