/** Writes database ids into the text of wrangler.toml, leaving every other byte alone. Pure; called by main.ts. */

/** The text with the ids of the named databases; a database appears once by its name. Throws when one does not appear. */
export function writeIds(toml: string, ids: ReadonlyMap<string, string>): string {
  let text = toml;
  for (const [name, id] of ids) {
    const place = new RegExp(
      `(database_name = "${name.replace(/[^\w-]/g, "\\$&")}"\\s*\\n\\s*database_id = ")[^"]*(")`,
    );
    if (!place.test(text)) throw new Error(`wrangler.toml has no database_id after database_name = "${name}"`);
    text = text.replace(place, (_, before: string, after: string) => `${before}${id}${after}`);
  }
  return text;
}

/** Changed lines as a patch: `@@ line`, `-` before, `+` after. Ids replace ids, so lines keep their places. */
export function patchOf(before: string, after: string): string {
  const [old, now] = [before.split("\n"), after.split("\n")];
  return old
    .flatMap((line, n) => (line === now[n] ? [] : [`@@ ${n + 1} @@`, `-${line}`, `+${now[n] ?? ""}`]))
    .join("\n");
}
