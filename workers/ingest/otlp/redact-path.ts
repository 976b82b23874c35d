/**
 * Reading and changing a value by the path a normaliser names: a top-level field of the event, or `metadata.` and names below it
 * (the prefix may be missing where no field has the name). Names hold dots themselves, so the longest name that is there wins.
 * Called by redact. Changes only copies: every object on the way to a change is copied first.
 */
type Bag = Record<string, unknown>;

const isBag = (value: unknown): value is Bag => typeof value === "object" && value !== null && !Array.isArray(value);

interface Place {
  names: string[];
}

const METADATA = "metadata.";

/** The names from the event down to the value; undefined when nothing is there. */
function find(event: object, path: string): Place | undefined {
  const root = event as Bag;
  if (path !== "metadata" && Object.hasOwn(root, path)) return { names: [path] };
  const below = path.startsWith(METADATA) ? path.slice(METADATA.length) : path;
  const names = descend(root.metadata, below);
  return names === undefined ? undefined : { names: ["metadata", ...names] };
}

function descend(value: unknown, path: string): string[] | undefined {
  if (!isBag(value)) return undefined;
  if (Object.hasOwn(value, path)) return [path];
  for (let dot = path.lastIndexOf("."); dot > 0; dot = path.lastIndexOf(".", dot - 1)) {
    const name = path.slice(0, dot);
    if (!Object.hasOwn(value, name)) continue;
    const rest = descend(value[name], path.slice(dot + 1));
    if (rest !== undefined) return [name, ...rest];
  }
  return undefined;
}

/** The value; undefined when there is none. */
export function readPath(event: object, path: string): unknown {
  // Nearly all: a field of the event, or one name below metadata.
  if (Object.hasOwn(event, path) && path !== "metadata") return (event as Bag)[path];
  const metadata = (event as Bag).metadata;
  if (path.startsWith(METADATA) && isBag(metadata)) {
    const name = path.slice(METADATA.length);
    if (Object.hasOwn(metadata, name)) return metadata[name];
  }
  const place = find(event, path);
  let value: unknown = event;
  for (const name of place?.names ?? [""]) value = isBag(value) && Object.hasOwn(value, name) ? value[name] : undefined;
  return value;
}

/** Puts another value where one is. */
export function writePath(event: object, path: string, value: unknown): void {
  const place = find(event, path);
  if (place === undefined) return;
  const [bag, name] = parentOf(event, place);
  bag[name] = value;
}

/** Takes the value out. */
export function removePath(event: object, path: string): void {
  const place = find(event, path);
  if (place === undefined) return;
  const [bag, name] = parentOf(event, place);
  delete bag[name];
}

/** The object that holds the value, with every object above it copied. */
function parentOf(event: object, { names }: Place): [Bag, string] {
  let bag = event as Bag;
  for (const name of names.slice(0, -1)) {
    const below = bag[name];
    const copy: Bag = isBag(below) ? { ...below } : {};
    bag[name] = copy;
    bag = copy;
  }
  return [bag, names.at(-1) ?? ""];
}
