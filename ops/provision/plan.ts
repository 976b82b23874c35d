/**
 * The wrangler commands that bring an account to what wrangler.toml needs, and what is wrong with an account: both pure.
 * Called by main.ts and check-main.ts.
 */
import { type Account, DEFAULT_JURISDICTION, jurisdictionArgs } from "./account.ts";
import { isPlaceholder, type Resources } from "./resources.ts";

/** Longest retention there is: an outage of two weeks loses nothing that waits in a queue. */
const RETENTION_S = 14 * 86_400;
/** Copies of packs are for replay. Receipts, spill and dead letters are never expired by rule. */
const PACKS_RULE = { name: "packs-7-days", prefix: "packs/", days: 7 } as const;

export interface Command {
  args: string[];
  /** The secret to give on stdin; the value is made or looked up when the command runs. */
  secret?: string;
}

export const EMPTY_ACCOUNT: Account = {
  queues: new Map(),
  databases: new Map(),
  buckets: new Map(),
  lifecycles: new Map(),
  secrets: new Set(),
};

/** Commands in the order to run them. Run again, they are those that are still needed, and settings that are set anew. */
export function planCommands(resources: Resources, account: Account, secrets: readonly string[]): Command[] {
  const commands: Command[] = [];
  const retention = ["--message-retention-period-secs", String(RETENTION_S)];
  for (const { name, jurisdiction } of resources.queues) {
    if (account.queues.has(name)) commands.push({ args: ["queues", "update", name, ...retention] });
    else commands.push({ args: ["queues", "create", name, ...retention, ...jurisdictionArgs(jurisdiction)] });
  }
  for (const { name, jurisdiction } of resources.databases) {
    if (!account.databases.has(name))
      commands.push({ args: ["d1", "create", name, ...jurisdictionArgs(jurisdiction)] });
  }
  for (const { name, jurisdiction } of resources.buckets) {
    const where = jurisdictionArgs(jurisdiction);
    if (account.buckets.get(name)?.has(jurisdiction ?? DEFAULT_JURISDICTION) !== true) {
      commands.push({ args: ["r2", "bucket", "create", name, ...where] });
    }
    if (!hasPacksRule(account, name)) {
      const { name: rule, prefix, days } = PACKS_RULE;
      const expire = ["--expire-days", String(days), "--force"];
      commands.push({ args: ["r2", "bucket", "lifecycle", "add", name, rule, prefix, ...expire, ...where] });
    }
  }
  for (const secret of secrets) {
    if (!account.secrets.has(secret))
      commands.push({ args: ["secret", "put", secret, "--name", resources.worker], secret });
  }
  return commands;
}

function hasPacksRule(account: Account, bucket: string): boolean {
  const { prefix, days } = PACKS_RULE;
  const rules = account.lifecycles.get(bucket) ?? [];
  return rules.some(
    (rule) => rule.enabled && rule.prefix === prefix && rule.action.includes(`Expire objects after ${days} days`),
  );
}

/** Why this environment must not be deployed; empty when nothing is wrong. What cannot be read back is not claimed. */
export function findProblems(resources: Resources, account: Account, secrets: readonly string[]): string[] {
  const problems: string[] = [];
  const wrong = (what: string, wanted: string | undefined, found: string | undefined): void => {
    if (wanted !== found) problems.push(`${what}: jurisdiction is ${found ?? "none"}, must be ${wanted ?? "none"}`);
  };
  if (resources.vars.JURISDICTIONS !== "enforced") problems.push('JURISDICTIONS: must be "enforced"');
  for (const { name, jurisdiction, deadLetters } of resources.queues) {
    if (!account.queues.has(name)) problems.push(`queue ${name}: missing`);
    else wrong(`queue ${name}`, jurisdiction, account.queues.get(name));
    const isDead = resources.queues.some((queue) => queue.deadLetters === name);
    if (deadLetters === undefined && !isDead)
      problems.push(`queue ${name}: has no dead-letter queue, messages would be deleted`);
  }
  for (const { binding, name, id, jurisdiction } of resources.databases) {
    const found = account.databases.get(name);
    if (isPlaceholder(id)) problems.push(`database ${binding}: wrangler.toml still has a placeholder id`);
    if (found === undefined) problems.push(`database ${name}: missing`);
    else {
      wrong(`database ${name}`, jurisdiction, found.jurisdiction);
      if (!isPlaceholder(id) && found.id !== id)
        problems.push(`database ${binding}: wrangler.toml says ${id}, ${name} is ${found.id}`);
    }
  }
  for (const { name, jurisdiction } of resources.buckets) {
    const wanted = jurisdiction ?? DEFAULT_JURISDICTION;
    const found = account.buckets.get(name);
    if (found === undefined) problems.push(`bucket ${name}: missing`);
    else if (!found.has(wanted)) wrong(`bucket ${name}`, wanted, [...found].join(", "));
    else if (!hasPacksRule(account, name))
      problems.push(`bucket ${name}: no rule expires packs/ after ${PACKS_RULE.days} days`);
  }
  for (const secret of secrets) if (!account.secrets.has(secret)) problems.push(`secret ${secret}: missing`);
  return problems;
}
