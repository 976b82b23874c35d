/**
 * Runs wrangler, found on the PATH, outside the checkout: with wrangler.toml in reach, `d1 info <name>` would look up the id
 * that stands there (perhaps a placeholder) and not the database. Used by account.ts and main.ts.
 */
import { spawn } from "node:child_process";
import { tmpdir } from "node:os";

export interface Ran {
  code: number;
  stdout: string;
  stderr: string;
}

/** Runs wrangler with these arguments; `stdin` is a secret's value. Rejects only when it cannot be started. */
export type RunWrangler = (args: readonly string[], stdin?: string) => Promise<Ran>;

export const runWrangler: RunWrangler = (args, stdin = "") =>
  new Promise((resolve, reject) => {
    const env = { ...process.env, WRANGLER_SEND_METRICS: "false", NO_COLOR: "1", FORCE_COLOR: "0" };
    const child = spawn("wrangler", args, { cwd: tmpdir(), env, stdio: ["pipe", "pipe", "pipe"] });
    let stdout = "";
    let stderr = "";
    child.stdout.on("data", (chunk: Buffer) => (stdout += chunk));
    child.stderr.on("data", (chunk: Buffer) => (stderr += chunk));
    child.on("error", reject);
    child.stdin.on("error", () => {});
    child.stdin.end(stdin);
    child.on("close", (code) => resolve({ code: code ?? 1, stdout, stderr }));
  });

/** A wrangler command failed; the message holds its arguments and output, never its stdin. */
export class WranglerError extends Error {
  override name = "WranglerError";
  constructor(args: readonly string[], { code, stdout, stderr }: Ran) {
    super(`wrangler ${args.join(" ")} ended with ${code}:\n${stdout}${stderr}`);
  }
}
