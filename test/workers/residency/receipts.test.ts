import { env as bindings } from "cloudflare:test";
import { drizzle } from "drizzle-orm/d1";
import { beforeAll, describe, expect, it } from "vitest";
import { eventBuffer } from "../../../durable-objects/tenant-namespace.ts";
import { orgs } from "../../../schema/d1/config.ts";
import type { Env } from "../../../workers/shared/env.ts";
import { isSealTime, receiptsOf, sealReceipts } from "../../../workers/shared/receipt-subjects.ts";
import { brokenAt, readReceipts } from "../../../workers/shared/receipts.ts";
import { copyKey } from "../../../workers/shared/stored-packs.ts";
import { makeOrg, migrateConfig } from "./world.ts";

const env = bindings as unknown as Env;
const DAY_MS = 86_400_000;
/** Three in the morning of a day; "yesterday" and the day before are over. */
const NOW = Date.UTC(2026, 10, 22, 3, 7);
const YESTERDAY = NOW - DAY_MS;

const bufferDigits = (orgId: string, shard: number): string => {
  const { id } = eventBuffer(env, { orgId, jurisdiction: "eu" }, shard) as unknown as { id: DurableObjectId };
  return id.toString().slice(0, 16);
};
const put = (bucket: R2Bucket, id: string, at: number, packs: number, bytes: number, more = {}) =>
  bucket.put(copyKey(`${at}-${id}`, at), new Uint8Array(bytes), { customMetadata: { packs: String(packs), ...more } });
const of = (orgId: string, residency: "us" | "eu" | "global") =>
  Promise.all(receiptsOf(env, orgId, residency).map(({ bucket, subject }) => readReceipts(bucket, subject, NOW)));

describe("daily receipts", () => {
  beforeAll(async () => {
    await migrateConfig(env.CONFIG_DB_EU);
    await makeOrg(env.CONFIG_DB_EU, "org_one", "eu");
    await makeOrg(env.CONFIG_DB_EU, "org_two", "eu");
    await drizzle(env.CONFIG_DB_EU).update(orgs).set({ bufferShards: 2 });
    for (const [n, at] of [YESTERDAY - DAY_MS, YESTERDAY, NOW].entries()) {
      await put(env.BUCKET_EU, `${bufferDigits("org_one", 0)}-${n + 7}`, at, 7, 100);
      await put(env.BUCKET_EU, `${bufferDigits("org_one", 1)}-${n + 2}`, at, 2, 50);
      await put(env.BUCKET_EU, "0123456789abcdef0123456789abcdef", at, 5, 30);
      await put(env.BUCKET, "fedcba9876543210fedcba9876543210", at, 11, 70);
    }
    await put(env.BUCKET_EU, `${bufferDigits("org_two", 0)}-3`, YESTERDAY, 3, 10);
  });

  it("count the copies of each day that is over, each EU organisation's own and each region's shared ones", async () => {
    expect(await sealReceipts(env, NOW)).toBe(7);
    const [one = []] = await of("org_one", "eu");
    expect(one.map(({ day, objects, packs, bytes }) => [day, objects, packs, bytes])).toEqual([
      ["2026-11-20", 2, 9, 150],
      ["2026-11-21", 2, 9, 150],
    ]);
    const [two = []] = await of("org_two", "eu");
    expect(two.map(({ day, packs }) => [day, packs])).toEqual([["2026-11-21", 3]]);
    const [us = [], inEu = []] = await of("org_somebody", "global");
    expect(us.map(({ subject, packs, bytes }) => [subject, packs, bytes])).toEqual(
      Array(2).fill(["region-us", 11, 70]),
    );
    expect(inEu.map(({ subject, packs }) => [subject, packs])).toEqual(Array(2).fill(["region-eu", 5]));
  });

  it("follow each other by hash, and a changed one is found", async () => {
    const [one = []] = await of("org_one", "eu");
    expect(one[0]?.previous).toBeNull();
    expect(one[1]?.previous).toEqual({ day: "2026-11-20", sha256: one[0]?.sha256 });
    expect(await brokenAt(one)).toBeUndefined();
    const [first, second] = one;
    if (first === undefined || second === undefined) throw new Error("two receipts were expected");
    expect(await brokenAt([{ ...first, packs: 8 }, second])).toBe("2026-11-20");
    const forged = { ...second, previous: { day: first.day, sha256: "0".repeat(64) } };
    expect(await brokenAt([first, forged])).toBe("2026-11-21");
  });

  it("are never written a second time, whatever the bucket holds later", async () => {
    const before = await of("org_one", "eu");
    await put(env.BUCKET_EU, `${bufferDigits("org_one", 0)}-99`, YESTERDAY, 1, 1);
    expect(await sealReceipts(env, NOW)).toBe(0);
    expect(await of("org_one", "eu")).toEqual(before);
  });

  it("differ when a copy has other bytes of the same length", async () => {
    const at = NOW;
    const later = NOW + DAY_MS;
    await env.BUCKET_EU.put(copyKey(`${at}-${bufferDigits("org_two", 0)}-9`, at), new Uint8Array([1, 2, 3]));
    await env.BUCKET_EU.put(copyKey(`${at}-${bufferDigits("org_one", 0)}-9`, at), new Uint8Array([3, 2, 1]));
    await sealReceipts(env, later);
    const [two = []] = await of("org_two", "eu");
    const [one = []] = await of("org_one", "eu");
    expect(two.at(-1)?.day).toBe("2026-11-22");
    expect(two.at(-1)?.listing_sha256).not.toBe(one.at(-1)?.listing_sha256);
    expect(two.at(-1)?.previous?.day).toBe("2026-11-21");
  });

  it("say what was taken out of the day's events; older receipts, without it, still hold in the chain", async () => {
    await makeOrg(env.CONFIG_DB_EU, "org_three", "eu");
    const old = { v: 1 as const, subject: "org_three", place: "R2 bucket, jurisdiction eu", day: "2026-11-20" };
    const rest = { objects: 1, packs: 1, bytes: 1, listing_sha256: "0".repeat(64), previous: null };
    const sealed = { ...old, ...rest, sealed_at: "2026-11-21T03:07:00.000Z" };
    const digest = Buffer.from(
      await crypto.subtle.digest("SHA-256", new TextEncoder().encode(JSON.stringify(sealed))),
    ).toString("hex");
    await env.BUCKET_EU.put("receipts/org_three/2026-11-20", JSON.stringify({ ...sealed, sha256: digest }));
    const at = (metadata: Record<string, string>) => put(env.BUCKET_EU, `${three}-${++n}`, YESTERDAY, 2, 10, metadata);
    let n = 0;
    const three = bufferDigits("org_three", 0);
    await at({});
    await at({ redacted: "5 0 1" });
    await at({ redacted: "2 7 0" });
    await at({ redacted: "no numbers" });
    await sealReceipts(env, NOW);
    const [receipts = []] = await of("org_three", "eu");
    expect(receipts.map(({ v, packs, redacted }) => [v, packs, redacted])).toEqual([
      [1, 1, undefined],
      [2, 8, { dropped: 7, hashed: 7, secrets: 1 }],
    ]);
    expect(await brokenAt(receipts)).toBeUndefined();
  });

  it("are sealed once a day, when the day before is over", () => {
    const minutes = Array.from({ length: 1_440 }, (_, n) => Date.UTC(2026, 10, 22) + n * 60_000);
    expect(minutes.filter(isSealTime)).toEqual([NOW]);
  });
});
