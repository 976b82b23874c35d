/**
 * All test projects: pure modules and ClickHouse for development in node; every folder of test/workers that has a wrangler.toml
 * inside workerd; the whole system (e2e) and the browser one file at a time, because each starts everything.
 */
import { existsSync, readdirSync } from "node:fs";
import { cloudflareTest } from "@cloudflare/vitest-plugin";
import { defineConfig } from "vitest/config";

const workerProjects = readdirSync("test/workers").filter((name) => existsSync(`test/workers/${name}/wrangler.toml`));

/** Starting the whole system takes seconds, its fault runs a minute. */
const E2E_TIMEOUT_MS = 300_000;

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: "unit",
          include: ["test/unit/**/*.test.{ts,tsx}"],
          environment: "node",
          // Property tests take seconds, on a busy machine many.
          testTimeout: 60_000,
        },
      },
      {
        test: {
          name: "clickhouse",
          include: ["test/clickhouse/**/*.test.ts"],
          environment: "node",
          testTimeout: 60_000,
          hookTimeout: 60_000,
          fileParallelism: false,
        },
      },
      ...workerProjects.map((name) => ({
        plugins: [cloudflareTest({ wrangler: { configPath: `./test/workers/${name}/wrangler.toml` } })],
        test: {
          name: `workers:${name}`,
          include: [`test/workers/${name}/**/*.test.ts`],
          // Property tests against ClickHouse take seconds, on a busy machine many.
          testTimeout: 90_000,
          ...(existsSync(`test/workers/${name}/global-setup.ts`)
            ? { globalSetup: [`./test/workers/${name}/global-setup.ts`] }
            : {}),
        },
      })),
      ...["e2e", "browser"].map((name) => ({
        test: {
          name,
          include: [`test/${name}/**/*.test.ts`],
          environment: "node" as const,
          testTimeout: E2E_TIMEOUT_MS,
          hookTimeout: E2E_TIMEOUT_MS,
          fileParallelism: false,
        },
      })),
    ],
  },
});
