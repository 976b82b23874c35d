/**
 * `npm run import -- <file|folder> [options]`: the command line of the importers. Reads arguments and .tenfold/dev.json,
 * prints progress on stderr and the summary on stdout. Exit code 0: everything read is stored; 1: something is not; 2: usage.
 */
import { userInfo } from "node:os";
import { parseArgs } from "node:util";
import { z } from "zod";
import { SECOND_MS } from "../../schema/limits.ts";
import { createIngestClient } from "../demo/ingest-client.ts";
import { type DevJson, readDevJson } from "../dev-json.ts";
import { dataDirectory } from "../paths.ts";
import { FORMATS } from "./files.ts";
import { summaryText } from "./report.ts";
import { importFiles } from "./run.ts";

const USAGE = `usage: npm run import -- <file|folder> [options]
  --key <ingest key>   default: the first organisation of .tenfold/dev.json
  --url <origin>       default: that of .tenfold/dev.json, else http://127.0.0.1:8787
  --format <format>    auto (default), ${FORMATS.join(", ")}
  --user <user id>     user of events made from session logs; default: your log-in name
  --dry-run            read and count, send nothing
Files: NDJSON or CSV of events; Claude Code logs (~/.claude/projects); Codex logs (~/.codex/sessions).
Of session logs only counts, names, models, tokens and times are sent, never prompts, code, arguments or outputs.`;

/** Attempts of one request before the import goes on without it: about five minutes of an absent server. */
const MAX_ATTEMPTS = 15;
const PROGRESS_MS = 1 * SECOND_MS;

/** What a running `npm start` wrote; undefined when there is none. */
function runningSystem(): DevJson | undefined {
  try {
    return readDevJson(dataDirectory());
  } catch {
    return undefined;
  }
}

function usage(problem: string): number {
  console.error(`${problem}\n\n${USAGE}`);
  return 2;
}

function progressPrinter(): (progress: { bytes: number; totalBytes: number; events: number }) => void {
  let last = Date.now();
  return ({ bytes, totalBytes, events }) => {
    if (Date.now() - last < PROGRESS_MS) return;
    last = Date.now();
    const share = totalBytes === 0 ? 100 : Math.floor((100 * bytes) / totalBytes);
    console.error(`${share} %  ${(bytes / 1e6).toFixed(0)} of ${(totalBytes / 1e6).toFixed(0)} MB  ${events} events`);
  };
}

/** Runs the command; resolves with the exit code. */
async function main(args: string[]): Promise<number> {
  let parsed: ReturnType<typeof parse>;
  try {
    parsed = parse(args);
  } catch (error) {
    return usage(error instanceof Error ? error.message : String(error));
  }
  const { values, positionals } = parsed;
  if (values.help === true) {
    console.log(USAGE);
    return 0;
  }
  const [path] = positionals;
  if (path === undefined || positionals.length > 1) return usage("one file or folder is needed");
  const format = z.enum(["auto", ...FORMATS]).safeParse(values.format ?? "auto");
  if (!format.success) return usage(`unknown format ${values.format}`);
  const dryRun = values["dry-run"] === true;
  const dev = runningSystem();
  const key = values.key ?? dev?.orgs[0]?.ingest_key;
  if (key === undefined && !dryRun) return usage("no --key, and no .tenfold/dev.json to take one from");
  const url = values.url ?? dev?.url ?? "http://127.0.0.1:8787";
  if (!URL.canParse(url)) return usage(`not a URL: ${url}`);

  const client =
    dryRun || key === undefined
      ? undefined
      : createIngestClient({
          url,
          key,
          encoding: "zstd",
          maxAttempts: MAX_ATTEMPTS,
          onRetry: ({ waitMs, reason }) => console.error(`${reason}; again in ${(waitMs / SECOND_MS).toFixed(1)} s`),
        });
  try {
    const user = values.user ?? userInfo().username;
    const onProgress = progressPrinter();
    const summary = await importFiles({ path, format: format.data, user, now: Date.now(), client, onProgress });
    console.log(summaryText(summary, dryRun));
    return summary.badLines + summary.rejected + summary.failed === 0 ? 0 : 1;
  } catch (error) {
    console.error(`import failed: ${error instanceof Error ? error.message : String(error)}`);
    return 1;
  }
}

function parse(args: string[]) {
  return parseArgs({
    args,
    allowPositionals: true,
    options: {
      key: { type: "string" },
      url: { type: "string" },
      format: { type: "string" },
      user: { type: "string" },
      "dry-run": { type: "boolean" },
      help: { type: "boolean", short: "h" },
    },
  });
}

process.exitCode = await main(process.argv.slice(2));
