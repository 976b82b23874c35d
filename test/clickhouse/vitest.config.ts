/** Runs this folder alone: `npx vitest run --config test/clickhouse/vitest.config.ts`. */
import { defineConfig } from "vitest/config";

/** Every file starts a server of its own, which takes about a second. */
const HOOK_TIMEOUT_MS = 60_000;
const TEST_TIMEOUT_MS = 30_000;

export default defineConfig({
  root: import.meta.dirname,
  test: {
    name: "clickhouse",
    environment: "node",
    include: ["**/*.test.ts"],
    hookTimeout: HOOK_TIMEOUT_MS,
    testTimeout: TEST_TIMEOUT_MS,
  },
});
