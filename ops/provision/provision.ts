/**
 * Provisioning and its check, over one way to run wrangler. Called by main.ts and check-main.ts; the tests pass a fake account.
 * Neither prints a secret's value, and neither moves or deletes what exists.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { readAccount } from "./account.ts";
import type { Options } from "./options.ts";
import { patchOf, writeIds } from "./patch.ts";
import { type Command, EMPTY_ACCOUNT, findProblems, planCommands } from "./plan.ts";
import { readResources } from "./resources.ts";
import { SECRETS } from "./secrets.ts";
import { type RunWrangler, WranglerError } from "./wrangler.ts";

const NAMES = Object.keys(SECRETS);

/** What provisioning touches besides files. */
export interface Shell {
  run: RunWrangler;
  /** Holds the secrets that only the operator knows, by their names. */
  environment: Readonly<Record<string, string | undefined>>;
  print: (line: string) => void;
}

const isGiven = (secret: string): boolean => SECRETS[secret] === null;

/** How a command reads: a secret's value is never part of it. */
function shown({ args, secret }: Command): string {
  const source = secret === undefined ? "" : ` < ${isGiven(secret) ? `$${secret}` : "(generated)"}`;
  return `wrangler ${args.join(" ")}${source}`;
}

/**
 * Creates what the environment needs and does not have, and writes the database ids into the configuration file. A dry run
 * asks nobody and prints the commands for an empty account. Rejects when something is missing or in a wrong place at the end.
 */
export async function provision({ env, dryRun, config }: Options, { run, environment, print }: Shell): Promise<void> {
  const resources = readResources(config, env);
  if (dryRun) {
    for (const command of planCommands(resources, EMPTY_ACCOUNT, NAMES)) print(shown(command));
    print(`# then the ids of ${resources.databases.map(({ name }) => name).join(", ")} are written into wrangler.toml`);
    return;
  }
  const commands = planCommands(resources, await readAccount(run, resources), NAMES);
  const secrets = commands.flatMap(({ secret }) => secret ?? []);
  const unknown = secrets.filter((secret) => isGiven(secret) && !environment[secret]);
  if (unknown.length > 0)
    throw new Error(`only you know these; set them in the environment first: ${unknown.join(", ")}`);
  for (const command of commands) {
    print(shown(command));
    const { args, secret } = command;
    const ran = await run(args, secret === undefined ? undefined : (SECRETS[secret]?.() ?? environment[secret]));
    if (ran.code !== 0) throw new WranglerError(args, ran);
  }
  const account = await readAccount(run, resources);
  const ids = new Map(resources.databases.map(({ name }) => [name, account.databases.get(name)?.id ?? ""]));
  const before = readFileSync(config, "utf8");
  const after = writeIds(before, ids);
  print(before === after ? "wrangler.toml has the right ids" : patchOf(before, after));
  if (before !== after) writeFileSync(config, after);
  // What exists in a wrong place is never moved: jurisdictions are for ever, and data may be in it.
  const problems = findProblems(readResources(config, env), account, NAMES);
  if (problems.length > 0) throw new Error(`not done:\n${problems.join("\n")}`);
}

/** Reads every resource back. Rejects with every problem when one is not what the configuration needs. */
export async function deployCheck(
  { env, config }: Options,
  { run, print }: Pick<Shell, "run" | "print">,
): Promise<void> {
  const resources = readResources(config, env);
  const problems = findProblems(resources, await readAccount(run, resources), NAMES);
  if (problems.length > 0) {
    throw new Error([...problems, `${problems.length} problems: do not deploy ${env}`].join("\n"));
  }
  const { queues, databases, buckets } = resources;
  print(
    `${env}: ${queues.length} queues, ${databases.length} databases, ${buckets.length} buckets and the secrets are right`,
  );
}
