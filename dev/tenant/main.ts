/**
 * `npm run tenant -- create|list|show|suspend|resume|set|usage`: tenants, for people who run Tenfold. Talks to the operator app of
 * the system that runs here, or of a deployment: `--env production --url https://... --token ...`.
 */
import { z } from "zod";
import {
  TenantChangedSchema,
  TenantCreatedSchema,
  TenantSchema,
  TenantsPageSchema,
  TenantUsageSchema,
} from "../../schema/operator-tenants.ts";
import { readDevJson } from "../dev-json.ts";
import { dataDirectory } from "../paths.ts";
import { type Command, parseCommand, USAGE, UsageError, type Where } from "./command.ts";
import { changeText, createdText, listText, tenantText, usageText } from "./text.ts";

function fail(message: string): never {
  console.error(message);
  process.exit(1);
}

/** One request to the operator app; its answer against a schema. */
type Ask = <T>(method: string, path: string, answer: z.ZodType<T>, body?: unknown) => Promise<T>;

function operatorAt(where: Where): Ask {
  const here = where.url === undefined ? local() : undefined;
  const url = (where.url ?? here?.url ?? "").replace(/\/$/, "");
  const token = where.token ?? process.env.TENFOLD_OPERATOR_TOKEN ?? here?.operator_token ?? fail("--token is missing");
  if (!/^https:|^http:\/\/(127\.0\.0\.1|localhost|\[::1\])[:/]/.test(`${url}/`)) {
    fail("the operator token is sent over https only (or to this machine)");
  }
  return async (method, path, answer, body) => {
    const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
    const init = body === undefined ? { method, headers } : { method, headers, body: JSON.stringify(body) };
    const response = await fetch(`${url}/operator/tenants${path}`, init);
    if (!response.ok) fail(`${response.status}: ${refusalOf(await response.text())}`);
    return answer.parse(await response.json());
  };
}

function local() {
  try {
    return readDevJson(dataDirectory());
  } catch {
    return fail("where? nothing runs here (npm start), and --url is missing");
  }
}

const RefusalSchema = z.object({ error: z.object({ message: z.string(), details: z.unknown().optional() }) });

function refusalOf(text: string): string {
  try {
    const { message, details } = RefusalSchema.parse(JSON.parse(text)).error;
    return details === undefined ? message : `${message} ${JSON.stringify(details)}`;
  } catch {
    return text.slice(0, 500);
  }
}

async function run(command: Command, ask: Ask): Promise<string> {
  switch (command.kind) {
    case "create":
      return createdText(await ask("POST", "", TenantCreatedSchema, command.body));
    case "list":
      return await list(ask);
    case "show":
      return tenantText(await ask("GET", `/${command.org}`, TenantSchema));
    case "suspend":
    case "resume": {
      const { before, after } = await ask("POST", `/${command.org}/${command.kind}`, TenantChangedSchema);
      return changeText(before, after);
    }
    case "set": {
      const { before, after } = await ask("PATCH", `/${command.org}`, TenantChangedSchema, command.body);
      return changeText(before, after);
    }
    case "usage":
      return usageText(await ask("GET", `/${command.org}/usage?days=${command.days}`, TenantUsageSchema));
  }
}

async function list(ask: Ask): Promise<string> {
  const tenants = [];
  let cursor: string | null = "";
  do {
    const page: z.infer<typeof TenantsPageSchema> = await ask(
      "GET",
      `?cursor=${encodeURIComponent(cursor)}`,
      TenantsPageSchema,
    );
    tenants.push(...page.tenants);
    cursor = page.next_cursor;
  } while (cursor !== null);
  return tenants.length === 0 ? "no tenants" : listText(tenants);
}

try {
  const { command, where } = parseCommand(process.argv.slice(2));
  console.log(await run(command, operatorAt(where)));
} catch (error) {
  if (error instanceof UsageError) fail(`${error.message}\n${USAGE}`);
  fail(error instanceof Error ? error.message : String(error));
}
