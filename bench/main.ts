/**
 * `npm run bench -- <name> [...]`: prints a table and writes bench-output/<name>.json. Each figure stands beside its limit from the
 * same interleaved run: the machines are noisy, ratios are not.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { inRoot } from "../dev/paths.ts";
import type { BenchResult } from "./result.ts";

const BENCHES: Record<string, () => Promise<{ run(): Promise<BenchResult> }>> = {
  ingest: () => import("./ingest.ts"),
  validate: () => import("./validate.ts"),
  pack: () => import("./pack.ts"),
  clickhouse: () => import("./clickhouse.ts"),
  store: () => import("./store.ts"),
  tables: () => import("./tables.ts"),
  freshness: () => import("./freshness.ts"),
  reconnect: () => import("./reconnect.ts"),
  apply: () => import("./apply.ts"),
  fanout: () => import("./fanout.ts"),
  quota: () => import("./quota.ts"),
  query: () => import("./query.ts"),
  "noisy-reader": () => import("./noisy-reader.ts"),
  web: () => import("./web.ts"),
  otlp: () => import("./otlp.ts"),
};

const names = process.argv.slice(2);
const unknown = names.filter((name) => BENCHES[name] === undefined);
if (names.length === 0 || unknown.length > 0) {
  console.error(`usage: npm run bench -- <name> [...]; names: ${Object.keys(BENCHES).join(", ")}`);
  process.exit(1);
}
mkdirSync(inRoot("bench-output"), { recursive: true });
for (const name of names) {
  const load = BENCHES[name];
  if (load === undefined) continue;
  const result = await (await load()).run();
  console.log(`\n${result.title}`);
  console.table(result.rows);
  for (const note of result.notes ?? []) console.log(`  ${note}`);
  writeFileSync(inRoot("bench-output", `${name}.json`), `${JSON.stringify(result, null, 2)}\n`);
}
process.exit(0);
