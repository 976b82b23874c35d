/** `npm run generate`: new D1 migrations from the drizzle schemas. Forward only; a migration that has landed is never edited. */
import { runTool } from "./build.ts";

for (const config of ["drizzle.routing.config.ts", "drizzle.config-db.config.ts"]) {
  console.log(await runTool("drizzle-kit", ["generate", "--config", config]));
}
