/**
 * `npm test`: every check and every test, on a machine with nothing but git, Node and npm. Counts what each runner really ran and
 * ends with one line, `N passed, N failed`. Names as arguments run only those steps: `npm test -- unit workers`.
 *
 * Two lanes at a time: what computes (checks, unit, ClickHouse, workerd) beside what mostly waits (whole systems, browser). A
 * step's output is printed when it ends, so that the lanes do not mix.
 */
import { spawn } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { z } from "zod";
import { buildAll } from "./build.ts";
import { inRoot } from "./paths.ts";

interface Count {
  passed: number;
  failed: number;
  /** What failed and why, a paragraph each: said again at the end, where one looks first. */
  failures?: string[];
}

/** What a step's tools print, kept until it ends. */
type Print = (text: string) => void;

interface Step {
  name: string;
  run: (print: Print) => Promise<Count>;
}

const VitestReportSchema = z.object({
  numPassedTests: z.number(),
  numFailedTests: z.number(),
  numFailedTestSuites: z.number(),
  testResults: z.array(
    z.object({
      name: z.string(),
      message: z.string().default(""),
      assertionResults: z.array(
        z.object({ fullName: z.string(), status: z.string(), failureMessages: z.array(z.string()).default([]) }),
      ),
    }),
  ),
});

/** Characters of one failure in the closing list. */
const MAX_FAILURE_TEXT = 1_500;

/** Failed tests, and files that failed before a test of theirs did. */
function failuresIn({ testResults }: z.infer<typeof VitestReportSchema>): string[] {
  return testResults.flatMap(({ name, message, assertionResults }) => [
    ...(message === "" ? [] : [`${name}\n${message.slice(0, MAX_FAILURE_TEXT)}`]),
    ...assertionResults
      .filter(({ status }) => status === "failed")
      .map((test) => `${name} > ${test.fullName}\n${test.failureMessages.join("\n").slice(0, MAX_FAILURE_TEXT)}`),
  ]);
}

const OUTPUT = inRoot("test-output");

function command(name: string, args: readonly string[], print: Print): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(inRoot("node_modules/.bin", name), args, { cwd: inRoot(), stdio: ["ignore", "pipe", "pipe"] });
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", print);
    child.on("error", reject);
    child.on("close", (code) => resolve(code ?? 1));
  });
}

/** A tool that says yes or no: one check. */
const check = (name: string, tool: string, ...args: string[]): Step => ({
  name,
  run: async (print) =>
    (await command(tool, args, print)) === 0 ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 },
});

/** Vitest projects: their own counts; a run that leaves no report, or fails without a failed test, is one failure. */
const vitest = (name: string, ...projects: string[]): Step => ({
  name,
  run: async (print) => {
    const report = `${OUTPUT}/${name}.json`;
    rmSync(report, { force: true });
    const selected = projects.flatMap((project) => ["--project", project]);
    const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${report}`];
    const status = await command("vitest", ["run", ...selected, ...reporters, "--silent=passed-only"], print);
    if (!existsSync(report)) return { passed: 0, failed: 1 };
    const result = VitestReportSchema.parse(JSON.parse(readFileSync(report, "utf8")));
    const failed = result.numFailedTests === 0 && status !== 0 ? 1 : result.numFailedTests;
    return { passed: result.numPassedTests, failed, failures: failuresIn(result) };
  },
});

const COMPUTING: Step[] = [
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
];
const WAITING: Step[] = [vitest("e2e", "e2e"), vitest("browser", "browser")];
const STEPS = [...COMPUTING, ...WAITING];

interface Result extends Count {
  name: string;
  seconds: number;
}

async function runLane(steps: readonly Step[]): Promise<Result[]> {
  const results: Result[] = [];
  for (const { name, run } of steps) {
    const start = performance.now();
    console.log(`-- ${name} ...`);
    let output = "";
    const count = await run((text) => {
      output += text;
    });
    const seconds = (performance.now() - start) / 1_000;
    console.log(`\n== ${name} (${seconds.toFixed(1)} s)\n${output}`);
    results.push({ name, ...count, seconds });
  }
  return results;
}

const line = ({ name, passed, failed, seconds }: Result): string =>
  `${failed > 0 ? "FAILED" : "ok    "} ${name.padEnd(18)} ${String(passed).padStart(5)} passed ${String(failed).padStart(3)} failed ${seconds.toFixed(1).padStart(7)} s`;

async function main(): Promise<void> {
  const wanted = process.argv.slice(2);
  const unknown = wanted.filter((name) => !STEPS.some((step) => step.name === name));
  if (unknown.length > 0)
    throw new Error(`unknown step ${unknown.join(", ")}; known: ${STEPS.map(({ name }) => name).join(", ")}`);
  mkdirSync(OUTPUT, { recursive: true });
  await buildAll();
  const chosen = (steps: readonly Step[]): Step[] =>
    steps.filter(({ name }) => wanted.length === 0 || wanted.includes(name));
  const lanes = await Promise.all([runLane(chosen(COMPUTING)), runLane(chosen(WAITING))]);
  const total: Count = { passed: 0, failed: 0 };
  for (const failure of lanes.flat().flatMap(({ failures }) => failures ?? [])) console.log(`\nFAILED ${failure}`);
  console.log("");
  for (const result of lanes.flat()) {
    console.log(line(result));
    total.passed += result.passed;
    total.failed += result.failed;
  }
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
