/** Drives EventBuffers of the test worker: reaches them, moves their clock, runs their alarm, reads the EU bucket. */
import { runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import type { EventBufferStats } from "../../../durable-objects/event-buffer/stats.ts";
import { readPack } from "../../../schema/pack.ts";
import type { AppendResult } from "../../../schema/rpc.ts";
import { splitPacks } from "../../../workers/shared/stored-packs.ts";
import { makePack, ORG, type TestPack } from "./packs.ts";
import type { EventBuffer } from "./worker.ts";
import { world } from "./world.ts";

interface TestEnv {
  EVENT_BUFFER: DurableObjectNamespace<EventBuffer>;
  BUCKET_EU: R2Bucket;
}

export const testEnv = env as unknown as TestEnv;
export type Buffer = DurableObjectStub<EventBuffer>;

let shards = 0;

/** A buffer that no other test uses. */
export function newBuffer(orgId = ORG): Buffer {
  return testEnv.EVENT_BUFFER.getByName(`eu/${orgId}/${shards++}`);
}

/** A fresh stub of the same object: a stub stays broken after its object was ended. */
export function again(buffer: Buffer): Buffer {
  return testEnv.EVENT_BUFFER.get(buffer.id);
}

/** Appends packs as one request. */
export async function appendTogether(buffer: Buffer, packs: readonly Uint8Array[]): Promise<AppendResult> {
  return await buffer.append({ v: 1, org_id: ORG, packs: [...packs] });
}

/** Appends each pack on its own; resolves when all are acknowledged. */
export async function append(buffer: Buffer, packs: readonly TestPack[], orgId = ORG): Promise<void> {
  for (const { bytes } of packs) await buffer.append({ v: 1, org_id: orgId, packs: [bytes] });
}

export const packs = (count: number): TestPack[] => Array.from({ length: count }, () => makePack());

/** Moves the clock on and runs the alarm; false: none was set. */
export async function tick(buffer: Buffer, ms = 2_000): Promise<boolean> {
  world.skewMs += ms;
  return await runDurableObjectAlarm(buffer);
}

/** Runs alarms until nothing waits; fails when that takes too many. */
export async function drain(buffer: Buffer, maxTicks = 300): Promise<void> {
  for (let ticks = 0; ticks < maxTicks; ticks++) {
    const stats = await buffer.stats();
    if (stats.packs === 0 && !stats.spilling) return;
    if (!(await tick(buffer, 400_000))) throw new Error("packs wait, and no alarm is set");
  }
  throw new Error(`not empty after ${maxTicks} alarms: ${JSON.stringify(await buffer.stats())}`);
}

export async function alarmOf(buffer: Buffer): Promise<number | null> {
  return await runInDurableObject(buffer, async (_, state) => await state.storage.getAlarm());
}

export async function statsOf(buffer: Buffer): Promise<EventBufferStats> {
  return await buffer.stats();
}

/** Waits until `holds`; fails after two seconds. */
export async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  const end = Date.now() + 2_000;
  while (!(await holds())) {
    if (Date.now() > end) throw new Error("the condition did not come true within 2 s");
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** Every object under a prefix of the EU bucket. */
export async function objects(prefix: string): Promise<R2Object[]> {
  const { objects } = await testEnv.BUCKET_EU.list({ prefix, include: ["customMetadata"] });
  return objects;
}

export async function objectBytes(key: string): Promise<Uint8Array> {
  const object = await testEnv.BUCKET_EU.get(key);
  if (object === null) throw new Error(`no object ${key}`);
  return new Uint8Array(await object.arrayBuffer());
}

/** pack_ids in the bucket's `packs/`, in order, once per copy. */
export async function archivedPackIds(): Promise<string[]> {
  const ids: string[] = [];
  for (const { key } of await objects("packs/")) {
    for (const bytes of splitPacks(await objectBytes(key))) ids.push(readPack(bytes).header.pack_id);
  }
  return ids;
}

/** pack_ids that the live object was given, once per apply. */
export const appliedPackIds = (): string[] => world.applies.flatMap(({ packs }) => packs.map(({ pack_id }) => pack_id));

export const eventIds = (packs: readonly TestPack[]): string[] => packs.flatMap((pack) => pack.eventIds);
export const packIds = (packs: readonly TestPack[]): string[] => packs.map(({ packId }) => packId);

/** A promise that never settles: the far side is there and says nothing. */
export const silence = (): Promise<never> => new Promise(() => undefined);
