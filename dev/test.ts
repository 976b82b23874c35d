/**
 * `npm test`: every check and every test, on a machine with nothing but git, Node and npm. Counts what each runner really ran and
 * ends with one line, `N passed, N failed`. Names as arguments run only those steps: `npm test -- unit workers`.
 */
import { spawn } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { z } from "zod";
import { buildAll } from "./build.ts";
import { inRoot } from "./paths.ts";

interface Count {
  passed: number;
  failed: number;
}

interface Step {
  name: string;
  run: () => Promise<Count>;
}

const VitestReportSchema = z.object({
  numPassedTests: z.number(),
  numFailedTests: z.number(),
  numFailedTestSuites: z.number(),
});

const OUTPUT = inRoot("test-output");

function command(name: string, args: readonly string[]): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(inRoot("node_modules/.bin", name), args, {
      cwd: inRoot(),
      stdio: ["ignore", "inherit", "inherit"],
    });
    child.on("error", reject);
    child.on("exit", (code) => resolve(code ?? 1));
  });
}

/** A tool that says yes or no: one check. */
const check = (name: string, tool: string, ...args: string[]): Step => ({
  name,
  run: async () => ((await command(tool, args)) === 0 ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 }),
});

/** Vitest projects: their own counts; a run that leaves no report, or fails without a failed test, is one failure. */
const vitest = (name: string, ...projects: string[]): Step => ({
  name,
  run: async () => {
    const report = `${OUTPUT}/${name}.json`;
    rmSync(report, { force: true });
    const selected = projects.flatMap((project) => ["--project", project]);
    const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${report}`];
    const status = await command("vitest", ["run", ...selected, ...reporters, "--silent=passed-only"]);
    if (!existsSync(report)) return { passed: 0, failed: 1 };
    const result = VitestReportSchema.parse(JSON.parse(readFileSync(report, "utf8")));
    const failed = result.numFailedTests === 0 && status !== 0 ? 1 : result.numFailedTests;
    return { passed: result.numPassedTests, failed };
  },
});

const STEPS: Step[] = [
  check("lint", "biome", "ci", "."),
  check("types-worker", "tsc", "-p", "tsconfig.json"),
  check("types-node", "tsc", "-p", "tsconfig.node.json"),
  check("types-test", "tsc", "-p", "test/tsconfig.json"),
  check("types-web", "tsc", "-p", "web/tsconfig.json"),
  check("types-browser", "tsc", "-p", "test/browser/tsconfig.json"),
  check(
    "imports",
    "depcruise",
    "--config",
    ".dependency-cruiser.cjs",
    "workers",
    "durable-objects",
    "queues",
    "workflows",
    "schema",
    "web/src",
    "dev",
    "bench",
    "ops",
  ),
  check("dead-code", "knip"),
  ...["", "staging", "production"].map((name) =>
    check(
      `deploy-${name || "top-level"}`,
      "wrangler",
      "deploy",
      "--dry-run",
      "--outdir",
      `${OUTPUT}/deploy`,
      "--env",
      name,
    ),
  ),
  vitest("unit", "unit"),
  vitest("clickhouse", "clickhouse"),
  vitest("workers", "workers:*"),
  vitest("e2e", "e2e"),
  vitest("browser", "browser"),
];

async function main(): Promise<void> {
  const wanted = process.argv.slice(2);
  const unknown = wanted.filter((name) => !STEPS.some((step) => step.name === name));
  if (unknown.length > 0)
    throw new Error(`unknown step ${unknown.join(", ")}; known: ${STEPS.map(({ name }) => name).join(", ")}`);
  mkdirSync(OUTPUT, { recursive: true });
  await buildAll();
  const total: Count = { passed: 0, failed: 0 };
  const lines: string[] = [];
  for (const step of STEPS) {
    if (wanted.length > 0 && !wanted.includes(step.name)) continue;
    const start = performance.now();
    console.log(`\n== ${step.name}`);
    const { passed, failed } = await step.run();
    total.passed += passed;
    total.failed += failed;
    const seconds = ((performance.now() - start) / 1_000).toFixed(1);
    lines.push(
      `${failed > 0 ? "FAILED" : "ok    "} ${step.name.padEnd(18)} ${String(passed).padStart(5)} passed ${String(failed).padStart(3)} failed ${seconds.padStart(7)} s`,
    );
  }
  console.log(`\n${lines.join("\n")}`);
  console.log(`${total.passed} passed, ${total.failed} failed`);
  process.exitCode = total.failed > 0 ? 1 : 0;
}

process.on("disconnect", () => process.exit(1));
process.channel?.unref();
main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  console.log("0 passed, 1 failed");
  process.exitCode = 1;
});
