/** Signing in as a seeded person, and reading what they may see. Used by the e2e tests. */
import { setTimeout as delay } from "node:timers/promises";
import type { DevJson } from "../../dev/dev-json.ts";
import type { Role } from "../../schema/access.ts";
import { type SnapshotFrame, SnapshotFrameSchema } from "../../schema/live.ts";
import type { Books } from "./ledger.ts";

/** The cookie of a signed-in person of this org. */
export async function signIn(devJson: DevJson, orgId: string, role: Role): Promise<string> {
  const user = devJson.orgs.find(({ org_id }) => org_id === orgId)?.users.find((candidate) => candidate.role === role);
  const response = await fetch(`${devJson.url}/api/auth/sign-in/email`, {
    method: "POST",
    headers: { "content-type": "application/json", origin: devJson.url },
    body: JSON.stringify({ email: user?.email, password: user?.password }),
  });
  if (!response.ok) throw new Error(`sign-in of ${role} of ${orgId}: ${response.status} ${await response.text()}`);
  return response.headers
    .getSetCookie()
    .map((value) => value.split(";")[0])
    .join("; ");
}

/** The live snapshot as this person sees it. */
export async function snapshot(devJson: DevJson, cookie: string): Promise<SnapshotFrame> {
  const response = await fetch(`${devJson.url}/api/v1/live/snapshot`, { headers: { cookie } });
  if (!response.ok) throw new Error(`snapshot: ${response.status} ${await response.text()}`);
  return SnapshotFrameSchema.parse(await response.json());
}

/** Events per `org/type` that the live objects show, over all their windows. */
export async function liveBooks(devJson: DevJson): Promise<Books> {
  const books: Books = {};
  for (const { org_id } of devJson.orgs) {
    const frame = await snapshot(devJson, await signIn(devJson, org_id, "admin"));
    for (const { by_type } of frame.windows) {
      for (const [type, totals] of Object.entries(by_type)) {
        const key = `${org_id}/${type}`;
        books[key] = (books[key] ?? 0) + (totals[0] ?? 0);
      }
    }
  }
  return books;
}

/** Waits until the live objects show exactly `expected`; resolves to what they showed last. */
export async function settledLive(devJson: DevJson, expected: Books, timeoutMs: number): Promise<Books> {
  for (const deadline = Date.now() + timeoutMs; ; await delay(250)) {
    const books = await liveBooks(devJson);
    const equal = Object.keys({ ...expected, ...books }).every((key) => expected[key] === books[key]);
    if (equal || Date.now() > deadline) return books;
  }
}
