/**
 * The `sql` tag: ClickHouse text in which a bare value is a type error. What may be interpolated: a bound parameter
 * (`param`), an identifier from a closed list (`identifier`), or another fragment. Values never reach the text.
 * Used by clickhouse-read.ts and workers/api/queries. Runs nothing.
 *
 * A fragment carries in its type whether it reads one tenant's rows (`Sql<"tenant">`); only `markTenant`, which
 * clickhouse-read.ts alone calls, makes the first one, and every fragment around it inherits the mark.
 */

export type Reach = "tenant" | "free";

/** ClickHouse parameter types in use, and the value each one takes. Times are ms since the epoch. */
export interface ParamValues {
  String: string;
  "Array(String)": readonly string[];
  UInt32: number;
  UInt64: number;
  Int64: number;
  /** A decimal integer: money may be past what a number holds exactly. */
  Int128: string;
  Float64: number;
  "Array(Float64)": readonly number[];
  "Array(UInt32)": readonly number[];
  "DateTime64(3, 'UTC')": number;
}
export type ParamType = keyof ParamValues;
type Bindable = ParamValues[ParamType];

/** A bound value: stands in the text as `{p0:Type}` and travels beside it. */
export class Param {
  readonly type: ParamType;
  readonly value: Bindable;
  readonly #kind = "param";
  constructor(type: ParamType, value: Bindable) {
    this.type = type;
    this.value = value;
  }
  static is(value: unknown): value is Param {
    return typeof value === "object" && value !== null && #kind in value;
  }
}

/** Binds a value. The same object used twice is one parameter. */
export function param<T extends ParamType>(type: T, value: ParamValues[T]): Param {
  return new Param(type, value);
}

class Identifier {
  readonly name: string;
  readonly #kind = "identifier";
  constructor(name: string) {
    this.name = name;
  }
  static is(value: unknown): value is Identifier {
    return typeof value === "object" && value !== null && #kind in value;
  }
}

const IDENTIFIER = /^[a-z_][a-z0-9_]*$/;

/** A column or function name out of `allowed`. Throws when it is not in the list, or is no plain name. */
export function identifier<const L extends readonly string[]>(allowed: L, name: L[number]): Identifier {
  if (!allowed.includes(name) || !IDENTIFIER.test(name)) throw new TypeError("not an identifier of the closed list");
  return new Identifier(name);
}

type Piece = string | Param;

/** A piece of ClickHouse text with its bound values. Made by `sql` only. */
export class Sql<R extends Reach = Reach> {
  declare readonly reach: R;
  readonly pieces: readonly Piece[];
  readonly #kind = "sql";
  constructor(pieces: readonly Piece[]) {
    this.pieces = pieces;
  }
  static is(value: unknown): value is Sql {
    return typeof value === "object" && value !== null && #kind in value;
  }
}

export type Part = Param | Identifier | Sql;
type ReachOf<P extends readonly Part[]> = Extract<P[number], Sql<"tenant">> extends never ? "free" : "tenant";

/** Makes a fragment. Throws when called as a function or with anything but a Part: the types are also checked at run time. */
export function sql<P extends readonly Part[]>(strings: TemplateStringsArray, ...parts: P): Sql<ReachOf<P>> {
  if (!Object.isFrozen(strings) || !Array.isArray(strings.raw)) throw new TypeError("sql is a template tag");
  const pieces: Piece[] = [];
  strings.forEach((text, i) => {
    pieces.push(text);
    if (i >= parts.length) return;
    const part: unknown = parts[i];
    if (Param.is(part)) pieces.push(part);
    else if (Identifier.is(part)) pieces.push(part.name);
    else if (Sql.is(part)) pieces.push(...part.pieces);
    else throw new TypeError("a bare value in sql: bind it with param()");
  });
  return new Sql(pieces);
}

/** Fragments with a separator between them; `empty` when there is none. */
export function joinSql(parts: readonly Sql<"free">[], separator: " AND " | ", ", empty: Sql<"free">): Sql<"free"> {
  const [first] = parts;
  if (first === undefined) return empty;
  const pieces: Piece[] = [...first.pieces];
  for (const part of parts.slice(1)) pieces.push(separator, ...part.pieces);
  return new Sql(pieces);
}

/** Marks a fragment as one tenant's rows. For clickhouse-read.ts, which puts org and scope into it; a test forbids others. */
export function markTenant(fragment: Sql<"free">): Sql<"tenant"> {
  return new Sql(fragment.pieces);
}

export interface Statement {
  text: string;
  /** Parameter name -> value, as the client takes them. */
  params: Record<string, Bindable>;
}

/** The text with numbered placeholders, and the values beside it. */
export function render(fragment: Sql): Statement {
  const names = new Map<Param, string>();
  const params: Statement["params"] = {};
  let text = "";
  for (const piece of fragment.pieces) {
    if (typeof piece === "string") {
      text += piece;
      continue;
    }
    let name = names.get(piece);
    if (name === undefined) {
      name = `p${names.size}`;
      names.set(piece, name);
      params[name] = bound(piece);
    }
    text += `{${name}:${piece.type}}`;
  }
  return { text, params };
}

/** DateTime64 takes seconds with a fraction; the rest goes as it is. */
function bound({ type, value }: Param): Bindable {
  return type === "DateTime64(3, 'UTC')" && typeof value === "number" ? (value / 1000).toFixed(3) : value;
}
