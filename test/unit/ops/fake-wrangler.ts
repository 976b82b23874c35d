#!/usr/bin/env node
/**
 * Stands in for wrangler: an account in memory, answers in the words of wrangler 4. Run as a program (from the PATH) it keeps
 * the account in the file $FAKE_ACCOUNT. Refuses what it does not know, so that a test fails when something else is called.
 */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { z } from "zod";
import type { Ran } from "../../../ops/provision/wrangler.ts";

const RuleSchema = z.object({ id: z.string(), prefix: z.string(), days: z.number() });

export const AccountSchema = z.object({
  queues: z.record(z.string(), z.object({ retention: z.number(), jurisdiction: z.string().optional() })).default({}),
  databases: z.record(z.string(), z.object({ uuid: z.string(), jurisdiction: z.string().nullable() })).default({}),
  /** `<jurisdiction>:<name>` -> lifecycle rules. */
  buckets: z.record(z.string(), z.array(RuleSchema)).default({}),
  secrets: z.record(z.string(), z.string()).default({}),
  /** Every command line, in order. */
  asked: z.array(z.string()).default([]),
});
export type FakeAccount = z.infer<typeof AccountSchema>;

class Refused extends Error {}

/** Runs one command on the account. */
export function answer(account: FakeAccount, args: readonly string[], stdin: string): Ran {
  account.asked.push(args.join(" "));
  try {
    return { code: 0, stdout: `${perform(account, args, stdin)}\n`, stderr: "" };
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    return { code: 1, stdout: "", stderr: `✘ [ERROR] ${error.message}\n` };
  }
}

function perform(account: FakeAccount, args: readonly string[], stdin: string): string {
  const option = (name: string): string | undefined => (args.includes(name) ? args[args.indexOf(name) + 1] : undefined);
  const words = args.slice(0, args.findIndex((arg) => arg.startsWith("-")) >>> 0);
  const jurisdiction = option("--jurisdiction");
  const line = words.join(" ");
  const take = (pattern: RegExp): string[] | undefined => pattern.exec(line)?.slice(1);
  const bucketOf = (name = ""): FakeAccount["buckets"][string] =>
    account.buckets[`${jurisdiction ?? "default"}:${name}`] ?? refuse("The specified bucket does not exist.");

  let found = take(/^queues (info|create|update) (\S+)$/);
  if (found !== undefined)
    return onQueue(
      account,
      found[0] ?? "",
      found[1] ?? "",
      Number(option("--message-retention-period-secs")),
      jurisdiction,
    );
  if (line === "d1 list")
    return JSON.stringify(
      Object.entries(account.databases).map(([name, db]) => ({ name, version: "production", ...db })),
    );
  found = take(/^d1 create (\S+)$/);
  if (found !== undefined) {
    account.databases[found[0] ?? ""] = { uuid: crypto.randomUUID(), jurisdiction: jurisdiction ?? null };
    return "Created your new D1 database.";
  }
  if (line === "r2 bucket list") {
    const names = Object.keys(account.buckets).flatMap((key) => key.split(`${jurisdiction ?? "default"}:`)[1] ?? []);
    return [
      "Listing buckets...",
      names.map((name) => `name:           ${name}\ncreation_date:  2026-11-22T00:00:00Z`).join("\n\n"),
    ].join("\n");
  }
  found = take(/^r2 bucket create (\S+)$/);
  if (found !== undefined) {
    account.buckets[`${jurisdiction ?? "default"}:${found[0]}`] = [];
    return `Created bucket '${found[0]}'`;
  }
  found = take(/^r2 bucket lifecycle list (\S+)$/);
  if (found !== undefined) {
    const rules = bucketOf(found[0]).map(
      ({ id, prefix, days }) =>
        `name:     ${id}\nenabled:  Yes\nprefix:   ${prefix}\naction:   Expire objects after ${days} days`,
    );
    return [`Listing lifecycle rules for bucket '${found[0]}'...`, rules.join("\n\n")].join("\n");
  }
  found = take(/^r2 bucket lifecycle add (\S+) (\S+) (\S+)$/);
  if (found !== undefined) {
    bucketOf(found[0]).push({ id: found[1] ?? "", prefix: found[2] ?? "", days: Number(option("--expire-days")) });
    return "Added lifecycle rule";
  }
  const names = Object.keys(account.secrets);
  if (line === "secret list") {
    return names.length === 0
      ? refuse(`Worker "${option("--name")}" not found.`)
      : JSON.stringify(names.map((name) => ({ name, type: "secret_text" })));
  }
  found = take(/^secret put (\S+)$/);
  if (found === undefined) return refuse(`the fake knows no "${args.join(" ")}"`);
  account.secrets[found[0] ?? ""] = stdin;
  return "Success!";
}

function onQueue(
  account: FakeAccount,
  verb: string,
  name: string,
  retention: number,
  jurisdiction: string | undefined,
): string {
  const queue = account.queues[name];
  if (verb === "create") {
    if (queue !== undefined) refuse(`Queue "${name}" already exists`);
    account.queues[name] = { retention, ...(jurisdiction === undefined ? {} : { jurisdiction }) };
    return `Created queue '${name}'`;
  }
  if (queue === undefined)
    return refuse(`Queue "${name}" does not exist. To create it, run: wrangler queues create ${name}`);
  if (verb === "update") queue.retention = retention;
  return [
    `Queue Name: ${name}`,
    ...(queue.jurisdiction === undefined ? [] : [`Jurisdiction: ${queue.jurisdiction}`]),
  ].join("\n");
}

function refuse(text: string): never {
  throw new Refused(text);
}

function program(file: string): void {
  const account = AccountSchema.parse(existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : {});
  const { code, stdout, stderr } = answer(account, process.argv.slice(2), readFileSync(0, "utf8"));
  writeFileSync(file, JSON.stringify(account));
  process.stdout.write(stdout);
  process.stderr.write(stderr);
  process.exitCode = code;
}

if (process.env.FAKE_ACCOUNT !== undefined) program(process.env.FAKE_ACCOUNT);
