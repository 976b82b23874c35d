/**
 * What a statement is, and where the server has to cut it: a SELECT is sent INTO OUTFILE (a pipe), an INSERT reads FROM INFILE
 * (the spooled body). Called by run.ts and body.ts. It does not validate SQL: anything unknown is a command and goes to the
 * engine as it is.
 */

import { refuse } from "./errors.ts";
import { type Token, tokenize } from "./lexer.ts";

export type Statement =
  | { kind: "empty" }
  | { kind: "select"; format: string | undefined; outfileAt: number }
  | { kind: "insert"; format: string | undefined; infileAt: number; formatAt: number; dataAt: number }
  /** `scoped` changes the connection (SET, USE, temporary tables), so it must not run on a shared one. */
  | { kind: "command"; format: string | undefined; scoped: boolean };

const SELECT_STARTS = new Set(["SELECT", "WITH", "FROM"]);

export function classify(text: string): Statement {
  const tokens = tokenize(text);
  const first = tokens.next();
  if (first.done) return { kind: "empty" };
  if (first.value.text === "INSERT") {
    const insert = readInsert(text, tokens);
    if (insert !== undefined) return insert;
  }
  const all = [...tokenize(text)];
  const body = withoutTerminator(all);
  const start = body[0];
  if (start === undefined) return { kind: "empty" };
  const format = trailingFormat(body);
  const opening = body.find((token) => token.text !== "(");
  if (opening?.kind === "word" && SELECT_STARTS.has(opening.text) && !hasTopLevel(body, "INSERT")) {
    if (hasPair(body, "INTO", "OUTFILE")) throw refuse("INTO_OUTFILE_NOT_ALLOWED", "INTO OUTFILE is not allowed");
    return { kind: "select", format: format?.name, outfileAt: format?.at ?? endOf(body) };
  }
  const scoped =
    start.text === "SET" || start.text === "USE" || (start.text === "CREATE" && hasTopLevel(body, "TEMPORARY"));
  return { kind: "command", format: format?.name, scoped };
}

/** Reads up to where the data begins; undefined for INSERT SELECT, which has no data. */
function readInsert(text: string, tokens: Iterator<Token, void>): Statement | undefined {
  let infileAt: number | undefined;
  let previous = "INSERT";
  let named = false;
  let end = text.length;
  for (let step = tokens.next(); !step.done; step = tokens.next()) {
    const token = step.value;
    const { kind, start, depth } = token;
    const word = kind === "word" ? token.text : "";
    const opensSelect = (word === "SELECT" || word === "WITH") && (depth === 0 || previous === "(");
    if (opensSelect && named) return undefined;
    if (depth === 0 && named) {
      if (word === "FROM") {
        throw refuse("UNKNOWN_TYPE_OF_QUERY", "Query has infile and was send directly to server");
      }
      if (word === "SETTINGS") infileAt = start;
      if (word === "VALUES") {
        return { kind: "insert", format: "Values", infileAt: infileAt ?? start, formatAt: start, dataAt: token.end };
      }
      if (word === "FORMAT") {
        const name = tokens.next();
        if (name.done) return undefined;
        const dataAt = skipToData(text, name.value.end);
        const format = text.slice(name.value.start, name.value.end);
        return { kind: "insert", format, infileAt: infileAt ?? start, formatAt: start, dataAt };
      }
      if (token.text === ";") break;
    }
    const isPrefix = word === "INTO" || word === "TABLE" || word === "FUNCTION";
    if (!isPrefix && (kind === "word" || kind === "quoted" || token.text === "{")) named = true;
    previous = token.text;
    end = token.end;
  }
  return named
    ? { kind: "insert", format: undefined, infileAt: infileAt ?? end, formatAt: end, dataAt: text.length }
    : undefined;
}

/** ClickHouse drops blanks and one line break between the format name and the data. */
function skipToData(text: string, at: number): number {
  const blanks = /[ \t\f]*\r?\n?/y;
  blanks.lastIndex = at;
  blanks.test(text);
  return blanks.lastIndex;
}

function withoutTerminator(tokens: readonly Token[]): readonly Token[] {
  const terminator = tokens.findIndex((token) => token.text === ";" && token.depth === 0);
  if (terminator === -1) return tokens;
  const extra = tokens.slice(terminator).find((token) => token.text !== ";");
  if (extra !== undefined) {
    throw refuse("SYNTAX_ERROR", `Syntax error (Multi-statements are not allowed): failed at position ${extra.start}`);
  }
  return tokens.slice(0, terminator);
}

function trailingFormat(tokens: readonly Token[]): { name: string; at: number } | undefined {
  for (let i = tokens.length - 2; i > 0; i -= 1) {
    const [token, name, after] = [tokens[i], tokens[i + 1], tokens[i + 2]];
    if (token?.depth !== 0 || token.text !== "FORMAT" || name?.kind !== "word") continue;
    if (after === undefined || after.text === "SETTINGS") return { name: name.raw, at: token.start };
  }
  return undefined;
}

function hasTopLevel(tokens: readonly Token[], word: string): boolean {
  return tokens.some((token) => token.depth === 0 && token.kind === "word" && token.text === word);
}

function hasPair(tokens: readonly Token[], first: string, second: string): boolean {
  return tokens.some((token, i) => token.depth === 0 && token.text === first && tokens[i + 1]?.text === second);
}

function endOf(tokens: readonly Token[]): number {
  return tokens.at(-1)?.end ?? 0;
}

/** The names in `{name:Type}`: the engine keeps old values of a connection, so the server itself checks that all are given. */
export function parameterNames(text: string): string[] {
  const names = new Set<string>();
  const tokens = [...tokenize(text)];
  tokens.forEach((token, i) => {
    const [name, colon] = [tokens[i + 1], tokens[i + 2]];
    if (token.text === "{" && name?.kind === "word" && colon?.text === ":") names.add(name.raw);
  });
  return [...names];
}

export function sqlString(value: string): string {
  return `'${value.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
}
