/**
 * The words of `npm run tenant` as a request: pure, so that every refusal can be tested. Called by main.ts. Sends nothing.
 */
import { parseArgs } from "node:util";
import type { z } from "zod";
import { FEATURE_NAMES } from "../../schema/api/settings.ts";
import { OrgIdSchema, PATCH_FIELDS, TenantCreateSchema, TenantPatchSchema } from "../../schema/operator-tenants.ts";

export const USAGE = `usage: npm run tenant -- <command>
  create <slug> --name NAME --residency us|eu|global [--region us|eu] [--plan PLAN] [--id ORG] [--admin EMAIL]
  list
  show <org>
  suspend <org>
  resume <org>
  set <org> <name>=<value> ...     a value of "default" goes back to the plan, "none" means no limit or empty
  usage <org> [--days 7]
names: ${[...PATCH_FIELDS.text, ...PATCH_FIELDS.number, ...FEATURE_NAMES].join(", ")}
where: the system that runs here, or --env NAME --url URL --token TOKEN (or TENFOLD_OPERATOR_TOKEN)`;

/** What reaches the operator app; undefined: that of the system that runs here. */
export interface Where {
  url: string | undefined;
  token: string | undefined;
}

export type Command =
  | { kind: "create"; body: z.infer<typeof TenantCreateSchema> }
  | { kind: "list" }
  | { kind: "show"; org: string }
  | { kind: "suspend" | "resume"; org: string }
  | { kind: "set"; org: string; body: z.infer<typeof TenantPatchSchema> }
  | { kind: "usage"; org: string; days: number };

/** Words that are no command; the message says what is wrong. */
export class UsageError extends Error {
  override name = "UsageError";
}

const OPTIONS = {
  env: { type: "string" },
  url: { type: "string" },
  token: { type: "string" },
  name: { type: "string" },
  residency: { type: "string" },
  region: { type: "string" },
  plan: { type: "string" },
  id: { type: "string" },
  admin: { type: "string" },
  days: { type: "string" },
} as const;
type Values = { [Name in keyof typeof OPTIONS]?: string | undefined };

/** The command and where to send it. Throws UsageError. */
export function parseCommand(words: readonly string[]): { command: Command; where: Where } {
  const { values, positionals } = parse(words);
  const { env, url, token } = values;
  if (env !== undefined && env !== "local" && url === undefined) {
    throw new UsageError(`--env ${env} needs --url: the address of that deployment`);
  }
  return { command: commandOf(positionals, values), where: { url, token } };
}

function parse(words: readonly string[]): { values: Values; positionals: string[] } {
  try {
    return parseArgs({ args: [...words], options: OPTIONS, allowPositionals: true });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

function commandOf([kind, subject, ...rest]: string[], values: Values): Command {
  if (kind !== "set" && rest.length > 0) throw new UsageError(`what is "${rest[0]}"?`);
  switch (kind) {
    case "create":
      return { kind, body: checked(TenantCreateSchema, createBody(subject, values)) };
    case "list":
      if (subject !== undefined) throw new UsageError("list takes no name; show does");
      return { kind };
    case "show":
    case "suspend":
    case "resume":
      return { kind, org: checked(OrgIdSchema, subject ?? "") };
    case "set":
      return { kind, org: checked(OrgIdSchema, subject ?? ""), body: checked(TenantPatchSchema, patchOf(rest)) };
    case "usage":
      return { kind, org: checked(OrgIdSchema, subject ?? ""), days: daysOf(values.days) };
    default:
      throw new UsageError(kind === undefined ? "which command?" : `unknown command "${kind}"`);
  }
}

function createBody(slug: string | undefined, values: Values): Record<string, unknown> {
  const { name = slug, residency, region, plan, id, admin } = values;
  const given = { org_id: id, name, slug, residency, primary_region: region, plan, admin_email: admin };
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
}

/** `max_seats=20 sso_enabled=true` as a patch. */
function patchOf(words: readonly string[]): Record<string, unknown> {
  if (words.length === 0) throw new UsageError("set what? name=value");
  const patch: Record<string, unknown> = {};
  for (const word of words) {
    const at = word.indexOf("=");
    if (at < 1) throw new UsageError(`"${word}" is not name=value`);
    const name = word.slice(0, at);
    if (Object.hasOwn(patch, name)) throw new UsageError(`${name} is set twice`);
    patch[name] = valueFrom(name, word.slice(at + 1));
  }
  return patch;
}

const has = (names: readonly string[], name: string): boolean => names.includes(name);

function valueFrom(name: string, text: string): unknown {
  if (text === "none") return null;
  if (has(PATCH_FIELDS.text, name) || text === "default") return text;
  if (has(PATCH_FIELDS.number, name)) {
    if (!/^\d+$/.test(text)) throw new UsageError(`${name} is a whole number, not "${text}"`);
    return Number(text);
  }
  if (has(PATCH_FIELDS.flag, name)) {
    if (text !== "true" && text !== "false") throw new UsageError(`${name} is true or false, not "${text}"`);
    return text === "true";
  }
  if (name.endsWith("residency")) {
    throw new UsageError(
      "residency never changes: create a tenant in the other residency and move the agents to its keys",
    );
  }
  throw new UsageError(`there is nothing called "${name}" to set`);
}

function daysOf(text: string | undefined): number {
  const days = Number(text ?? 7);
  if (!Number.isInteger(days) || days < 1 || days > 31) throw new UsageError("--days is 1 to 31");
  return days;
}

function checked<T>(schema: z.ZodType<T>, value: unknown): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new UsageError(`${issue?.path.join(".") || "the name"}: ${issue?.message}`);
}
