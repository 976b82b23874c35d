/**
 * The end of a run: waits until everything acknowledged has arrived, then compares what is stored and what is shown with
 * what was sent. Called by run.ts. Finds differences, decides nothing.
 */
import { setTimeout as delay } from "node:timers/promises";
import { z } from "zod";
import { SnapshotFrameSchema, WINDOW_MS } from "../../schema/live.ts";
import { type Books, query, settledBooks } from "../../test/support/ledger.ts";
import { fireCron } from "../cron.ts";
import type { DevJson } from "../dev-json.ts";
import type { System } from "../system.ts";
import { undelivered } from "./faults.ts";

/** Retries of a pack are at most 10 min apart. */
const ARRIVE_MS = 660_000;
/** What queues owe is then there at once; an EU buffer's retries are at most 5 min apart. */
const SETTLE_MS = 330_000;
/** Marks of tenants to be rebuilt, and spilled packs, are acted on by the cron when they are a minute old. */
const LATER_MS = 61_000;

/** `name: expected N, found M`, sorted; nothing when both are equal. */
export function differences(expected: Books, found: Books): string[] {
  const names = [...new Set([...Object.keys(expected), ...Object.keys(found)])].sort();
  return names.flatMap((name) =>
    expected[name] === found[name] ? [] : [`${name}: expected ${expected[name] ?? 0}, found ${found[name] ?? 0}`],
  );
}

/** What is stored against what was sent. */
export async function auditLedger(system: System, books: Books, where: string): Promise<string[]> {
  const deadline = Date.now() + ARRIVE_MS;
  while (Date.now() < deadline && !(await isQuiet(system))) await delay(250);
  return differences(books, await settledBooks(system.devJson, books, SETTLE_MS, where));
}

/** Runs the cron as a minute later would: nothing spilled, nothing to be rebuilt, nothing queued. */
async function isQuiet(system: System): Promise<boolean> {
  try {
    await fireCron(system.miniflare, Date.now() + LATER_MS);
  } catch {
    return false;
  }
  if ((await undelivered(system)) > 0) return false;
  for (const name of ["BUCKET", "BUCKET_EU"]) {
    const bucket = await system.miniflare.getR2Bucket(name);
    for (const prefix of ["spill/", "live-stale/"]) {
      if ((await bucket.list({ prefix, limit: 1 })).objects.length > 0) return false;
    }
  }
  return true;
}

const SignInSchema = z.looseObject({ access_token: z.string() });
const WindowRowsSchema = z.array(z.object({ start: z.coerce.number(), type: z.string(), n: z.coerce.number() }));

/** Every window the live object shows, by type, against `FINAL`, once they agree or never will. Call it when the ledger is settled. */
export async function auditLive(devJson: DevJson): Promise<string[]> {
  for (const deadline = Date.now() + SETTLE_MS; ; await delay(1_000)) {
    const found = (await Promise.all(devJson.orgs.map((org) => auditTenant(devJson, org)))).flat();
    if (found.length === 0 || Date.now() > deadline) return found;
  }
}

async function auditTenant(devJson: DevJson, org: DevJson["orgs"][number]): Promise<string[]> {
  const admin = org.users.find(({ role }) => role === "admin");
  const signIn = await fetch(`${devJson.url}/api/auth/sign-in/email`, {
    method: "POST",
    headers: { "content-type": "application/json", origin: devJson.url },
    body: JSON.stringify({ email: admin?.email, password: admin?.password }),
  });
  const { access_token } = SignInSchema.parse(await signIn.json());
  const headers = { authorization: `Bearer ${access_token}` };
  const answer = await fetch(`${devJson.url}/api/v1/live/snapshot`, { headers });
  const snapshot = SnapshotFrameSchema.parse(await answer.json());
  const shown: Books = {};
  const stored: Books = {};
  const nameOf = (start: number, type: string) => `live ${org.org_id} ${new Date(start).toISOString()} ${type}`;
  for (const { start, by_type } of snapshot.windows) {
    for (const [type, [count = 0]] of Object.entries(by_type)) if (count > 0) shown[nameOf(start, type)] = count;
  }
  const sql = `SELECT intDiv(toUnixTimestamp64Milli(timestamp), ${WINDOW_MS}) * ${WINDOW_MS} AS start, event_type AS type, count() AS n
    FROM events FINAL WHERE org_id = '${org.org_id}' AND timestamp >= fromUnixTimestamp64Milli(${snapshot.from})
    GROUP BY start, type`;
  for (const region of ["us", "eu"] as const) {
    for (const { start, type, n } of WindowRowsSchema.parse(await query(devJson, region, sql))) {
      stored[nameOf(start, type)] = (stored[nameOf(start, type)] ?? 0) + n;
    }
  }
  return differences(stored, shown);
}
