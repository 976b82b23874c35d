/**
 * Sends stored packs on their way again: spilled ones, copies of a span of time, dead letters. Safe to repeat: identity
 * decides what counts. Called by the cron (spill) and the operator app; works in pages, so that a call stays short.
 */
import { eventBuffer } from "../../durable-objects/tenant-namespace.ts";
import { BACKFILL_AGE_MS, HOUR_MS, SPILL_RESUME_BYTES } from "../../schema/limits.ts";
import { type Pack, readPack } from "../../schema/pack.ts";
import { RPC_VERSION } from "../../schema/rpc.ts";
import type { Env } from "./env.ts";
import { queueOf, sendPack } from "./event-queues.ts";
import { errorText, log } from "./log.ts";
import { splitPacks } from "./stored-packs.ts";

/** Objects handled by one call. */
const PAGE = 200;

/** Packs sent, objects read; `cursor` continues where this page ended. */
export interface ReplayPage {
  packs: number;
  objects: number;
  failed: number;
  cursor: string | undefined;
}

/** Sends one pack where ingest would: its EU buffer or its queue. */
async function resend(env: Env, pack: Pack, bytes: Uint8Array, now: number): Promise<void> {
  const { header } = pack;
  if (header.residency === "eu") {
    const buffer = eventBuffer(env, { orgId: header.org_id, jurisdiction: "eu" }, 0);
    await buffer.append({ v: RPC_VERSION, org_id: header.org_id, packs: [bytes] });
    return;
  }
  await sendPack(env, queueOf(header, 1, header.oldest < now - BACKFILL_AGE_MS), bytes);
}

/** True when every queue's backlog is below half the spill threshold. */
async function queuesHaveRoom(env: Env): Promise<boolean> {
  const queues = [env.EVENTS_0, env.EVENTS_1, env.EVENTS_2, env.EVENTS_3, env.BACKFILL];
  const backlogs = await Promise.all(queues.map(async (queue) => (await queue.metrics()).backlogBytes));
  return backlogs.every((bytes) => bytes < SPILL_RESUME_BYTES);
}

/** Replays spilled packs oldest first; each is deleted after its send. Stops quietly while the queues are full. */
export async function replaySpill(env: Env, now: number): Promise<ReplayPage> {
  const page: ReplayPage = { packs: 0, objects: 0, failed: 0, cursor: undefined };
  for (const bucket of [env.BUCKET, env.BUCKET_EU]) {
    // The delimiter leaves out `spill/<org>/...`, which a full EventBuffer keeps for itself.
    const listed = await bucket.list({ prefix: "spill/", delimiter: "/", limit: PAGE });
    if (listed.objects.length === 0 || !(await queuesHaveRoom(env))) continue;
    for (const { key } of listed.objects) {
      if (await replayObject(env, bucket, key, now, page, false)) await bucket.delete(key);
    }
  }
  return page;
}

/** Replays what consumers kept of `[from, to)` (ms, whole hours), or all dead letters; a dead letter is deleted after its send. */
export async function replayStored(
  env: Env,
  source: { from: number; to: number } | "dead-letters",
  cursor: string | undefined,
  now: number,
): Promise<ReplayPage> {
  const page: ReplayPage = { packs: 0, objects: 0, failed: 0, cursor: undefined };
  const places = placesOf(env, source);
  const [at = "0", inside] = (cursor ?? "0").split("|");
  const place = places[Number(at)];
  if (place === undefined) return page;
  const listed = await place.bucket.list({
    prefix: place.prefix,
    limit: PAGE,
    ...(inside === undefined || inside === "" ? {} : { cursor: inside }),
  });
  for (const { key } of listed.objects) {
    const sent = await replayObject(env, place.bucket, key, now, page, source !== "dead-letters");
    if (sent && source === "dead-letters") await place.bucket.delete(key);
  }
  const next = listed.truncated ? `${at}|${listed.cursor}` : `${Number(at) + 1}|`;
  if (listed.truncated || Number(at) + 1 < places.length) page.cursor = next;
  return page;
}

function placesOf(
  env: Env,
  source: { from: number; to: number } | "dead-letters",
): { bucket: R2Bucket; prefix: string }[] {
  const prefixes: string[] = [];
  if (source === "dead-letters") prefixes.push("dead-letters/");
  else {
    for (let hour = Math.floor(source.from / HOUR_MS) * HOUR_MS; hour < source.to; hour += HOUR_MS) {
      const iso = new Date(hour).toISOString();
      prefixes.push(`packs/${iso.slice(0, 10)}/${iso.slice(11, 13)}/`);
    }
  }
  return [env.BUCKET, env.BUCKET_EU].flatMap((bucket) => prefixes.map((prefix) => ({ bucket, prefix })));
}

async function replayObject(
  env: Env,
  bucket: R2Bucket,
  key: string,
  now: number,
  page: ReplayPage,
  joined: boolean,
): Promise<boolean> {
  page.objects++;
  try {
    const object = await bucket.get(key);
    if (object === null) return false;
    const bytes = new Uint8Array(await object.arrayBuffer());
    for (const part of joined ? splitPacks(bytes) : [bytes]) {
      await resend(env, readPack(part), part, now);
      page.packs++;
    }
    return true;
  } catch (error) {
    page.failed++;
    log.warn("replay_failed", { key, cause: errorText(error) });
    return false;
  }
}
