/**
 * Splits SQL text into tokens with their offsets and bracket depth. Called by statement.ts, which only needs to know where
 * clauses begin; it deliberately knows no grammar and reports no errors: the engine does that, on the original text.
 */

export type TokenKind = "word" | "quoted" | "literal" | "symbol";

export interface Token {
  kind: TokenKind;
  /** Words in upper case, so that keywords compare directly; everything else as written. */
  text: string;
  /** As written. */
  raw: string;
  start: number;
  end: number;
  /** Number of open brackets around the token; a bracket itself counts as outside. */
  depth: number;
}

const WORD = /[A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*/y;
const NUMBER = /\d[\w.]*/y;
const HEREDOC_TAG = /\$\w*\$/y;

/** Yields tokens lazily: an INSERT is understood from its first few words and its data is never scanned. */
export function* tokenize(text: string): Generator<Token, void, undefined> {
  let depth = 0;
  let at = 0;
  while (at < text.length) {
    const next = skipBlank(text, at);
    if (next > at) {
      at = next;
      continue;
    }
    const char = text.charAt(at);
    if (char === "'") {
      const end = endOfQuoted(text, at, "'");
      const raw = text.slice(at, end);
      yield { kind: "literal", text: raw, raw, start: at, end, depth };
      at = end;
    } else if (char === '"' || char === "`") {
      const end = endOfQuoted(text, at, char);
      const raw = text.slice(at, end);
      yield { kind: "quoted", text: raw, raw, start: at, end, depth };
      at = end;
    } else {
      const end = matchEnd(WORD, text, at) ?? matchEnd(NUMBER, text, at) ?? endOfHeredoc(text, at) ?? at + 1;
      const kind = kindOf(char, end - at);
      if (kind === "symbol" && ")]}".includes(char)) depth = Math.max(0, depth - 1);
      const raw = text.slice(at, end);
      yield { kind, text: kind === "word" ? raw.toUpperCase() : raw, raw, start: at, end, depth };
      if (kind === "symbol" && "([{".includes(char)) depth += 1;
      at = end;
    }
  }
}

function kindOf(first: string, length: number): TokenKind {
  if (/[A-Za-z_\u0080-\uffff]/.test(first)) return "word";
  if (/\d/.test(first) || (first === "$" && length > 1)) return "literal";
  return "symbol";
}

function matchEnd(pattern: RegExp, text: string, at: number): number | undefined {
  pattern.lastIndex = at;
  return pattern.test(text) ? pattern.lastIndex : undefined;
}

function skipBlank(text: string, at: number): number {
  let end = at;
  while (end < text.length && /\s/.test(text.charAt(end))) end += 1;
  if (text.startsWith("--", end) || text.startsWith("# ", end) || text.startsWith("#!", end)) {
    const newline = text.indexOf("\n", end);
    return newline === -1 ? text.length : newline + 1;
  }
  if (text.startsWith("/*", end)) {
    const close = text.indexOf("*/", end + 2);
    return close === -1 ? text.length : close + 2;
  }
  return end;
}

function endOfQuoted(text: string, at: number, quote: string): number {
  let end = at + 1;
  while (end < text.length) {
    const char = text.charAt(end);
    if (char === "\\") end += 2;
    else if (char === quote && text.charAt(end + 1) === quote) end += 2;
    else if (char === quote) return end + 1;
    else end += 1;
  }
  return text.length;
}

function endOfHeredoc(text: string, at: number): number | undefined {
  const open = matchEnd(HEREDOC_TAG, text, at);
  if (open === undefined) return undefined;
  const close = text.indexOf(text.slice(at, open), open);
  return close === -1 ? text.length : close + (open - at);
}
