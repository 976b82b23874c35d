/**
 * What is there on Cloudflare, as wrangler tells it. Called by provision (to leave alone what exists) and deploy-check.
 * Reads only. "Not there" is an answer; any other failure is a WranglerError, so that nothing is created twice by mistake.
 */
import { z } from "zod";
import type { Jurisdiction, Resources } from "./resources.ts";
import { type RunWrangler, WranglerError } from "./wrangler.ts";

export interface Account {
  /** Queue name -> its jurisdiction. */
  queues: Map<string, string | undefined>;
  databases: Map<string, { id: string; jurisdiction: string | undefined }>;
  /** Bucket name -> jurisdictions in which a bucket of this name exists (the same name may exist in several). */
  buckets: Map<string, Set<string>>;
  /** Bucket name -> lifecycle rules of the one we bind. */
  lifecycles: Map<string, LifecycleRule[]>;
  secrets: Set<string>;
}

export interface LifecycleRule {
  name: string;
  prefix: string;
  action: string;
  enabled: boolean;
}

/** R2's name for no jurisdiction. */
export const DEFAULT_JURISDICTION = "default";

/** What buckets, rules, queues and databases of `resources` exist, and which secrets the Worker has. */
export async function readAccount(run: RunWrangler, resources: Resources): Promise<Account> {
  const databases = await readDatabases(run);
  const account: Account = {
    queues: new Map(),
    databases,
    buckets: new Map(),
    lifecycles: new Map(),
    secrets: await readSecrets(run, resources.worker),
  };
  for (const { name } of resources.queues) {
    const queue = await unlessMissing(run, ["queues", "info", name]);
    if (queue !== undefined) account.queues.set(name, /^Jurisdiction: (\S+)$/m.exec(queue)?.[1]);
  }
  for (const jurisdiction of [undefined, "eu"] as const) {
    const listed = await output(run, ["r2", "bucket", "list", ...jurisdictionArgs(jurisdiction)]);
    for (const [, name = ""] of listed.matchAll(/^name:\s+(\S+)$/gm)) {
      account.buckets.set(name, (account.buckets.get(name) ?? new Set()).add(jurisdiction ?? DEFAULT_JURISDICTION));
    }
  }
  for (const { name, jurisdiction } of resources.buckets) {
    if (account.buckets.get(name)?.has(jurisdiction ?? DEFAULT_JURISDICTION) !== true) continue;
    const listed = await output(run, ["r2", "bucket", "lifecycle", "list", name, ...jurisdictionArgs(jurisdiction)]);
    account.lifecycles.set(name, parseLifecycle(listed));
  }
  return account;
}

export const jurisdictionArgs = (jurisdiction: Jurisdiction): string[] =>
  jurisdiction === undefined ? [] : ["--jurisdiction", jurisdiction];

/** The blocks of `label: value` lines that `r2 bucket lifecycle list` prints. */
export function parseLifecycle(text: string): LifecycleRule[] {
  return text.split(/\n\s*\n/).flatMap((block) => {
    const field = (label: string): string => new RegExp(`^${label}:\\s+(.+)$`, "m").exec(block)?.[1]?.trim() ?? "";
    const name = field("name");
    return name === ""
      ? []
      : [{ name, prefix: field("prefix"), action: field("action"), enabled: field("enabled") === "Yes" }];
  });
}

const DatabasesSchema = z.array(
  z.looseObject({ uuid: z.string(), name: z.string(), jurisdiction: z.string().nullish() }),
);

async function readDatabases(run: RunWrangler): Promise<Account["databases"]> {
  const list = DatabasesSchema.parse(JSON.parse(await output(run, ["d1", "list", "--json"])));
  return new Map(
    list.map(({ name, uuid, jurisdiction }) => [name, { id: uuid, jurisdiction: jurisdiction ?? undefined }]),
  );
}

async function readSecrets(run: RunWrangler, worker: string): Promise<Set<string>> {
  const listed = await unlessMissing(run, ["secret", "list", "--name", worker, "--format", "json"]);
  if (listed === undefined) return new Set();
  return new Set(
    z
      .array(z.looseObject({ name: z.string() }))
      .parse(JSON.parse(listed))
      .map(({ name }) => name),
  );
}

const MISSING = /does not exist|not found/i;

async function unlessMissing(run: RunWrangler, args: readonly string[]): Promise<string | undefined> {
  const ran = await run(args);
  if (ran.code === 0) return ran.stdout;
  if (MISSING.test(ran.stdout + ran.stderr)) return undefined;
  throw new WranglerError(args, ran);
}

async function output(run: RunWrangler, args: readonly string[]): Promise<string> {
  const ran = await run(args);
  if (ran.code !== 0) throw new WranglerError(args, ran);
  return ran.stdout;
}
