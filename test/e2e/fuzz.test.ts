/**
 * 5,000 requests drawn from the OpenAPI document against the running system, as several principals: nothing breaks, nothing
 * hangs, and no answer holds a word of another tenant.
 */
import { rmSync } from "node:fs";
import { afterAll, beforeAll, expect, it } from "vitest";
import { z } from "zod";
import { ROLES, type Role } from "../../schema/access.ts";
import { type Signer, signerOf } from "../support/api-tokens.ts";
import { settledBooks } from "../support/ledger.ts";
import { type Contract, readContract } from "../support/openapi.ts";
import { drawRequest, type FuzzRequest, pick, seeded } from "../support/openapi-fuzz.ts";
import { startTenfold, type Tenfold } from "../support/tenfold.ts";

const REQUESTS = 5_000;
const AT_ONCE = 12;
/** One request that takes longer hangs. */
const HANG_MS = 10_000;
/** Every run draws the same requests; another number finds other things. */
const SEED = Number(process.env.TENFOLD_FUZZ_SEED ?? 20_261_122);
/** Of an answer that streams, this much is read. */
const STREAM_BYTES = 200_000;

let tenfold: Tenfold;
let signer: Signer;
let contract: Contract;

beforeAll(async () => {
  tenfold = await startTenfold();
  signer = signerOf(tenfold.dataDir, tenfold.devJson);
  contract = await readContract(tenfold.url);
  const expected: Record<string, number> = {};
  for (const { org_id, ingest_key } of tenfold.devJson.orgs) {
    const timestamp = new Date(Date.now() - 5_000).toISOString();
    const [user_id, session_id] = [`person-of-${org_id}`, `session-of-${org_id}`];
    const event = { event_type: "error", timestamp, user_id, session_id, repo: `repo-of-${org_id}` };
    const headers = { authorization: `Bearer ${ingest_key}` };
    const sent = await fetch(`${tenfold.url}/v1/events`, { method: "POST", headers, body: JSON.stringify([event]) });
    expect(sent.status).toBe(202);
    expected[`${org_id}/error`] = 1;
  }
  expect(await settledBooks(tenfold.devJson, expected, 30_000, "user_id LIKE 'person-of-%'")).toEqual(expected);
});

afterAll(async () => {
  await tenfold.stop();
  rmSync(tenfold.dataDir, { recursive: true, force: true });
});

/** Words that only one tenant's answers may hold. */
const wordsOf = (orgId: string): string[] => {
  const slug = orgId.replace("org_", "");
  return [orgId, `usr_${slug}_`, `@${slug}.example`, `person-of-${orgId}`, `session-of-${orgId}`, `repo-of-${orgId}`];
};

interface Shot {
  request: FuzzRequest;
  /** The org asked as; undefined: nobody. */
  orgId: string | undefined;
  role: Role;
}

function drawShots(): Shot[] {
  const random = seeded(SEED);
  const orgs = tenfold.devJson.orgs.map(({ org_id }) => org_id);
  const ids = orgs.flatMap((orgId) => [orgId, `usr_${orgId.replace("org_", "")}_user`, `session-of-${orgId}`]);
  return Array.from({ length: REQUESTS }, (_, i) => {
    const operation = contract.operations[i % contract.operations.length];
    if (operation === undefined) throw new Error("the document has no operation");
    const orgId = random() < 0.08 ? undefined : pick(random, orgs);
    // Values of others stand in paths and queries; a body keeps to its own, for what it stores may rightly be read back.
    const own = ids.filter((id) => orgId !== undefined && wordsOf(orgId).some((word) => id.startsWith(word)));
    const known = operation.requestBody === undefined ? ids : [...own, "fuzz"];
    return {
      request: drawRequest(contract, operation, known, random),
      orgId,
      role: random() < 0.5 ? "admin" : pick(random, ROLES),
    };
  });
}

async function credentialOf({ request, orgId, role }: Shot): Promise<Record<string, string>> {
  if (orgId === undefined) return {};
  const key = tenfold.devJson.orgs.find(({ org_id }) => org_id === orgId)?.ingest_key;
  const forAgents = request.target.startsWith("/v1/");
  return { authorization: `Bearer ${forAgents ? key : await signer.token(orgId, role)}` };
}

/** The start of a body; a stream is left after its first part. */
async function startOf(response: Response): Promise<string> {
  if (!response.headers.get("content-type")?.startsWith("text/event-stream")) return await response.text();
  let text = "";
  for await (const chunk of response.body ?? []) {
    text += Buffer.from(chunk).toString("utf8");
    if (text.length > STREAM_BYTES || text.includes("\n\n")) break;
  }
  return text;
}

const BrokenSchema = z.object({ cause: z.object({ code: z.enum(["ECONNRESET", "EPIPE", "UND_ERR_SOCKET"]) }) });

/** How often a request may meet a kept connection that was just closed; each is the client's luck and no answer. */
const CLOSED_CONNECTIONS = AT_ONCE;

/** Sends the request, again when a kept connection was closed under it. */
async function answered({ request }: Shot, headers: Record<string, string>): Promise<Response> {
  const once = () =>
    fetch(`${tenfold.url}${request.target}`, {
      method: request.method,
      headers,
      ...(request.body === undefined ? {} : { body: request.body }),
      redirect: "manual",
      signal: AbortSignal.timeout(HANG_MS),
    });
  for (let closed = 0; ; closed++) {
    try {
      return await once();
    } catch (error) {
      if (closed === CLOSED_CONNECTIONS || !BrokenSchema.safeParse(error).success) throw error;
    }
  }
}

it("answers 5,000 drawn requests without a fault, a hang or a word of another tenant", async () => {
  const shots = drawShots();
  const problems: string[] = [];
  const statuses: Record<string, number> = {};
  const started = Date.now();
  let next = 0;
  const shoot = async (shot: Shot): Promise<void> => {
    const { request, orgId } = shot;
    const what = `${request.method} ${request.target.slice(0, 300)} as ${orgId ?? "nobody"} ${request.body?.slice(0, 200) ?? ""}`;
    try {
      const response = await answered(shot, { ...request.headers, ...(await credentialOf(shot)) });
      const text = await startOf(response);
      statuses[response.status] = (statuses[response.status] ?? 0) + 1;
      if (response.status >= 500) problems.push(`${response.status}: ${what}: ${text.slice(0, 200)}`);
      if (/\bat \w+ \(|node_modules|D1_ERROR|DB::Exception|SQLITE_|TypeError/.test(text))
        problems.push(`inside: ${what}`);
      const others = tenfold.devJson.orgs.filter(({ org_id }) => org_id !== orgId);
      for (const word of others.flatMap(({ org_id }) => wordsOf(org_id))) {
        if (text.includes(word) && !/^\/api\/(docs|openapi)/.test(request.target)) problems.push(`${word} in: ${what}`);
      }
    } catch (error) {
      problems.push(`${error instanceof Error ? `${error.name} ${String(error.cause)}` : "error"}: ${what}`);
    }
  };
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      for (let shot = shots[next++]; shot !== undefined; shot = shots[next++]) await shoot(shot);
    }),
  );
  const took = Date.now() - started;
  console.log(`seed ${SEED}: ${REQUESTS} requests in ${took} ms, statuses ${JSON.stringify(statuses)}`);
  expect(problems.slice(0, 20)).toEqual([]);
  expect(Object.values(statuses).reduce((sum, n) => sum + n, 0)).toBe(REQUESTS);
  // Drawn requests that are all refused at the door would prove nothing.
  expect(statuses[200] ?? 0).toBeGreaterThan(REQUESTS / 10);
  expect(statuses[202] ?? 0).toBeGreaterThan(0);
  expect((await fetch(`${tenfold.url}/healthz`)).status).toBe(200);
});
