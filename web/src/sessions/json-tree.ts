/**
 * Any JSON value as the rows of a tree that opens and closes. Whatever a sender wrote must not hang or break the page: it never
 * recurses, shows a part of what is long, and writes out characters that would hide or turn the text around. Pure.
 */

/** Rows on screen, members of one node, characters of one text. */
const MAX_ROWS = 1_000;
const MAX_MEMBERS = 100;
export const MAX_TEXT = 2_000;
/** Levels that are open at first. */
const OPEN_DEPTH = 2;

export interface JsonRow {
  /** Unique in the tree; what is opened and closed by. */
  path: string;
  depth: number;
  /** Null: a member of the tree's root without a name. */
  name: string | null;
  kind: "object" | "array" | "string" | "number" | "boolean" | "null" | "more";
  /** The value, or what a closed node holds. */
  text: string;
  expandable: boolean;
  open: boolean;
}

interface Waiting {
  path: string;
  depth: number;
  name: string | null;
  value: unknown;
}

/** `toggled`: nodes that are not as they were at first. The root's members come first; the root itself is no row. */
export function jsonRows(root: unknown, toggled: ReadonlySet<string>): JsonRow[] {
  const rows: JsonRow[] = [];
  const waiting: Waiting[] = membersOf({ path: "", depth: -1, name: null, value: root }).toReversed();
  while (waiting.length > 0) {
    const next = waiting.pop();
    if (next === undefined) break;
    if (rows.length >= MAX_ROWS) {
      rows.push(moreRow("…", 0, "the rest is not shown: copy it as JSON"));
      break;
    }
    const row = rowOf(next, toggled);
    rows.push(row);
    if (row.expandable && row.open) waiting.push(...membersOf(next).toReversed());
  }
  return rows;
}

/** Stands for what a node holds beyond MAX_MEMBERS. */
const REST = Symbol("rest");

function membersOf({ path, depth, value }: Waiting): Waiting[] {
  const entries: [string, unknown][] = isNode(value) ? Object.entries(value) : [["", value]];
  const shown = entries.slice(0, MAX_MEMBERS).map(
    ([name, member]): Waiting => ({
      path: `${path}/${name.replaceAll("~", "~0").replaceAll("/", "~1")}`,
      depth: depth + 1,
      name: isNode(value) ? name : null,
      value: member,
    }),
  );
  const rest = entries.length - shown.length;
  if (rest > 0) shown.push({ path: `${path}/`, depth: depth + 1, name: String(rest), value: REST });
  return shown;
}

function rowOf({ path, depth, name, value }: Waiting, toggled: ReadonlySet<string>): JsonRow {
  if (value === REST) return moreRow(`${path}…`, depth, `${name ?? ""} more`);
  const base = { path, depth, name: name === null ? null : plainText(name), expandable: false, open: false };
  if (isNode(value)) {
    const array = Array.isArray(value);
    const size = array ? value.length : Object.keys(value).length;
    const expandable = size > 0;
    const open = expandable && depth + 1 < OPEN_DEPTH !== toggled.has(path);
    const text = array ? (expandable ? `[ ${size} ]` : "[ ]") : expandable ? `{ ${size} }` : "{ }";
    return { ...base, kind: array ? "array" : "object", text, expandable, open };
  }
  if (typeof value === "string") {
    const cut = value.length > MAX_TEXT ? `${value.slice(0, MAX_TEXT)}… (${value.length} characters)` : value;
    return { ...base, kind: "string", text: plainText(cut) };
  }
  const kind = typeof value === "number" ? "number" : typeof value === "boolean" ? "boolean" : "null";
  return { ...base, kind, text: Object.is(value, -0) ? "-0" : String(value ?? null) };
}

function moreRow(path: string, depth: number, text: string): JsonRow {
  return { path, depth, name: null, kind: "more", text, expandable: false, open: false };
}

function isNode(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}

/** Control and direction characters by their number: seen as they are, they would hide or reorder what is beside them. */
export function plainText(text: string): string {
  return text.replace(
    /(?![\t\n])\p{Cc}|[\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff]|\p{Cs}/gu,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** The whole value, indented. */
export function jsonText(value: unknown): string {
  return JSON.stringify(value, null, 2) ?? "null";
}
