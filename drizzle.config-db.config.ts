import { defineConfig } from "drizzle-kit";

export default defineConfig({
  dialect: "sqlite",
  schema: "./schema/d1/config.ts",
  out: "./schema/d1/migrations/config",
});
