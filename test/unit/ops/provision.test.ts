import { spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { z } from "zod";
import { inRoot } from "../../../dev/paths.ts";
import { deployCheck, provision, type Shell } from "../../../ops/provision/provision.ts";
import { readResources } from "../../../ops/provision/resources.ts";
import { SECRETS } from "../../../ops/provision/secrets.ts";
import { type Env, readConfig } from "../../../workers/shared/env.ts";
import { AccountSchema, answer, type FakeAccount } from "./fake-wrangler.ts";

const ENV = "staging";
const GIVEN = Object.keys(SECRETS).filter((name) => SECRETS[name] === null);
const SECRET_VALUE = "https://operator-only.example";

let folder: string;
let config: string;
let account: FakeAccount;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "tenfold-provision-"));
  config = join(folder, "wrangler.toml");
  copyFileSync(inRoot("wrangler.toml"), config);
  account = AccountSchema.parse({});
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** What a command printed, and the text of its error. */
async function ran(work: (shell: Shell) => Promise<void>, given: readonly string[] = GIVEN) {
  const lines: string[] = [];
  const shell: Shell = {
    run: async (args, stdin) => answer(account, args, stdin ?? ""),
    environment: Object.fromEntries(given.map((name) => [name, SECRET_VALUE])),
    print: (line) => lines.push(line),
  };
  const error = await work(shell).then(
    () => "",
    (thrown: unknown) => (thrown instanceof Error ? thrown.message : String(thrown)),
  );
  return { output: `${lines.join("\n")}\n`, error };
}
const provisioned = (given?: readonly string[], dryRun = false) =>
  ran((shell) => provision({ env: ENV, dryRun, config }, shell), given);
const checked = () => ran((shell) => deployCheck({ env: ENV, dryRun: false, config }, shell));

const WRITES = /^(queues create|d1 create|r2 bucket create|r2 bucket lifecycle add|secret put)/;

describe("npm run provision", () => {
  it("prints every command in a dry run, and runs none", async () => {
    const { output, error } = await provisioned([], true);
    expect(error).toBe("");
    const { queues, databases, buckets } = readResources(config, ENV);
    expect([queues.length, databases.length, buckets.length]).toEqual([7, 3, 2]);
    for (const { name } of queues) {
      expect(output).toContain(`wrangler queues create ${name} --message-retention-period-secs 1209600\n`);
    }
    const packs = "packs-7-days packs/ --expire-days 7 --force";
    expect(output).toContain("wrangler d1 create tenfold-staging-config-eu --jurisdiction eu\n");
    expect(output).toContain("wrangler d1 create tenfold-staging-config\n");
    expect(output).toContain("wrangler r2 bucket create tenfold-staging-packs-eu --jurisdiction eu\n");
    expect(output).toContain(`lifecycle add tenfold-staging-packs-eu ${packs} --jurisdiction eu\n`);
    for (const name of Object.keys(SECRETS)) {
      expect(output).toContain(`wrangler secret put ${name} --name tenfold-staging`);
    }
    expect(account.asked).toEqual([]);
  });

  it("creates everything in its jurisdiction, writes the ids back, and then the check passes", async () => {
    const before = readFileSync(config, "utf8");
    const { output, error } = await provisioned();
    expect(error).toBe("");
    const { queues, databases, buckets, secrets } = account;
    expect(Object.values(queues).map(({ retention }) => retention)).toEqual(Array(7).fill(1_209_600));
    expect(databases["tenfold-staging-config-eu"]?.jurisdiction).toBe("eu");
    expect(databases["tenfold-staging-config"]?.jurisdiction).toBeNull();
    const rule = [{ id: "packs-7-days", prefix: "packs/", days: 7 }];
    expect(buckets).toEqual({ "default:tenfold-staging-packs": rule, "eu:tenfold-staging-packs-eu": rule });
    expect(Object.keys(secrets).sort()).toEqual(Object.keys(SECRETS).sort());

    const after = readFileSync(config, "utf8").split("\n");
    for (const { uuid } of Object.values(databases)) {
      expect(after).toContain(`database_id = "${uuid}"`);
      expect(output).toContain(`+database_id = "${uuid}"`);
    }
    expect(after.filter((line, n) => line !== before.split("\n")[n])).toHaveLength(3);
    expect((await checked()).error).toBe("");
  });

  it("changes nothing when it runs again, and makes no secret anew", async () => {
    await provisioned();
    const [{ asked, ...first }, toml] = [structuredClone(account), readFileSync(config, "utf8")];
    expect((await provisioned([])).error).toBe("");
    expect(account).toMatchObject(first);
    expect(readFileSync(config, "utf8")).toBe(toml);
    expect(account.asked.slice(asked.length).filter((line) => WRITES.test(line))).toEqual([]);
  });

  it("starts nothing while the operator's secrets are missing, and shows no value", async () => {
    const { error } = await provisioned(GIVEN.slice(1));
    expect(error).toContain(GIVEN[0]);
    expect(account.asked.filter((line) => WRITES.test(line))).toEqual([]);
    const { output } = await provisioned();
    const values = new Set(Object.values(account.secrets));
    expect(values.size).toBe(4);
    for (const value of values) expect(`${output}${account.asked.join()}`).not.toContain(value);
  });

  it("leaves a database in the wrong place alone and says so", async () => {
    await provisioned();
    const uuid = crypto.randomUUID();
    account.databases["tenfold-staging-config-eu"] = { uuid, jurisdiction: null };
    const { error } = await provisioned();
    expect(error).toContain("database tenfold-staging-config-eu: jurisdiction is none, must be eu");
    expect(account.databases["tenfold-staging-config-eu"].uuid).toBe(uuid);
  });

  it("runs the wrangler that is on the PATH, as does the check", () => {
    mkdirSync(join(folder, "bin"));
    symlinkSync(inRoot("test/unit/ops/fake-wrangler.ts"), join(folder, "bin/wrangler"));
    const env = {
      ...process.env,
      ...Object.fromEntries(GIVEN.map((name) => [name, SECRET_VALUE])),
      PATH: `${join(folder, "bin")}:${inRoot("node_modules/.bin")}:${process.env.PATH}`,
      FAKE_ACCOUNT: join(folder, "account.json"),
    };
    const run = (script: string, ...args: string[]) => {
      const all = [inRoot("ops/provision", script), "--env", ENV, "--config", config, ...args];
      return spawnSync(process.execPath, all, { env, encoding: "utf8" });
    };
    expect(run("check-main.ts").status).toBe(1);
    expect(run("main.ts")).toMatchObject({ status: 0, stderr: "" });
    expect(run("check-main.ts")).toMatchObject({ status: 0, stderr: "" });
    writeFileSync(env.FAKE_ACCOUNT, "not an account");
    const broken = run("check-main.ts");
    expect(broken.status).toBe(1);
    expect(broken.stderr).toContain("wrangler d1 list --json ended with 1");
  }, 60_000);
});

describe("npm run deploy-check", () => {
  it("refuses an environment that was never provisioned", async () => {
    const { error } = await checked();
    expect(error).toContain("queue tenfold-staging-events-0: missing");
    expect(error).toContain("database ROUTING_DB: wrangler.toml still has a placeholder id");
    expect(error).toContain("secret KEY_TAG_SECRET: missing");
  });

  const BUCKET = "eu:tenfold-staging-packs-eu";
  const faults: [problem: string, edit: (account: FakeAccount) => void][] = [
    ["queue tenfold-staging-backfill-dead: missing", (a) => delete a.queues["tenfold-staging-backfill-dead"]],
    [
      "queue tenfold-staging-events-1: jurisdiction is fedramp, must be none",
      (a) => Object.assign(a.queues["tenfold-staging-events-1"] ?? {}, { jurisdiction: "fedramp" }),
    ],
    [
      "database tenfold-staging-config-eu: jurisdiction is none, must be eu",
      (a) => Object.assign(a.databases["tenfold-staging-config-eu"] ?? {}, { jurisdiction: null }),
    ],
    [
      "database CONFIG_DB: wrangler.toml says",
      (a) => Object.assign(a.databases["tenfold-staging-config"] ?? {}, { uuid: crypto.randomUUID() }),
    ],
    ["database tenfold-staging-routing: missing", (a) => delete a.databases["tenfold-staging-routing"]],
    [
      "bucket tenfold-staging-packs-eu: jurisdiction is default, must be eu",
      (a) => {
        delete a.buckets[BUCKET];
        a.buckets["default:tenfold-staging-packs-eu"] = [];
      },
    ],
    ["bucket tenfold-staging-packs-eu: no rule expires packs/ after 7 days", (a) => a.buckets[BUCKET]?.pop()],
    ["secret OPERATOR_TOKEN: missing", (a) => delete a.secrets.OPERATOR_TOKEN],
  ];
  it.each(faults)("stops on: %s", async (problem, edit) => {
    await provisioned();
    edit(account);
    const { error } = await checked();
    expect(error).toContain(problem);
    expect(error).toContain("1 problems");
  });

  it("stops on emulated jurisdictions, and on a queue whose messages would be deleted", async () => {
    await provisioned();
    const toml = readFileSync(config, "utf8");
    const emulated = toml.replace(/(\[env\.staging\.vars\]\nJURISDICTIONS = )"enforced"/, '$1"emulated"');
    writeFileSync(config, emulated.replace('dead_letter_queue = "tenfold-staging-backfill-dead"\n', ""));
    const { error } = await checked();
    expect(error).toContain('JURISDICTIONS: must be "enforced"');
    expect(error).toContain("queue tenfold-staging-backfill: has no dead-letter queue");
  });
});

describe("the list of secrets", () => {
  const made = Object.entries(SECRETS).map(([name, make]) => [name, make?.() ?? SECRET_VALUE]);

  it("is what the Worker reads, no more and no less", () => {
    const asked = new Set<string | symbol>();
    const env = { ...Object.fromEntries(made), JURISDICTIONS: "enforced" };
    readConfig(
      new Proxy(env, {
        get: (target, name) => {
          asked.add(name);
          return Reflect.get(target, name);
        },
      }) as Env,
    );
    expect([...asked].filter((name) => typeof name === "string").sort()).toEqual(
      [...Object.keys(SECRETS), "JURISDICTIONS"].sort(),
    );
  });

  it("makes signing keys of both jurisdictions, new ones every time", () => {
    const keys = z.object({ keys: z.array(z.looseObject({ kid: z.string(), d: z.string() })) });
    const [one, two] = [1, 2].map(() => keys.parse(JSON.parse(SECRETS.JWT_PRIVATE_KEY?.() ?? "")));
    expect(one?.keys.map(({ kid }) => kid.slice(0, 3))).toEqual(["us-", "eu-"]);
    expect(one?.keys[0]?.d).not.toBe(two?.keys[0]?.d);
  });
});
