import { scryptSync } from "node:crypto";
import { describe, expect, it } from "vitest";
import { hashPassword, MAX_PASSWORD_LENGTH, verifyPassword } from "../../../workers/shared/password.ts";

/** A cheap stored hash, made with node itself. */
function cheap(password: string, N = 16, r = 8, p = 1): string {
  const salt = Buffer.alloc(16, 1);
  return `scrypt$${N}$${r}$${p}$${salt.toString("base64url")}$${scryptSync(password, salt, 32, { N, r, p }).toString("base64url")}`;
}

describe("passwords", { timeout: 30_000 }, () => {
  it("verify against their hash, and nothing else does", async () => {
    const stored = await hashPassword("pässwörd ✓");
    expect(stored).toMatch(/^scrypt\$16384\$8\$5\$[\w-]{22}\$[\w-]{43}$/);
    expect(await verifyPassword("pässwörd ✓", stored)).toBe(true);
    for (const wrong of ["", "passwörd ✓", "pässwörd ✓ ", "PÄSSWÖRD ✓"])
      expect(await verifyPassword(wrong, stored)).toBe(false);
  });

  it("have a salt of their own each time", async () => {
    expect(await hashPassword("same")).not.toBe(await hashPassword("same"));
  });

  it("verify whichever way the keyboard composed them", async () => {
    expect(await verifyPassword("e\u0301", cheap("\u00e9"))).toBe(true);
  });

  it("verify against hashes of other costs", async () => {
    expect(await verifyPassword("x", cheap("x", 1_024, 4, 2))).toBe(true);
  });

  it("never verify without an account, or against a stored value that is no hash", async () => {
    const good = cheap("x");
    const parts = good.split("$");
    const broken = [
      undefined,
      "",
      "x",
      "scrypt$16$8$1$$",
      good.replace("scrypt", "plain"),
      good.replace("$16$", "$15$"),
      good.replace("$16$", "$0$"),
      good.replace("$8$", "$0$"),
      [...parts.slice(0, 5), ""].join("$"),
      `${good}$`,
    ];
    for (const stored of broken) expect([stored, await verifyPassword("x", stored)]).toEqual([stored, false]);
  });

  it("refuse a stored value that asks for more memory or work than an isolate has", async () => {
    for (const costs of ["1048576$8$1", "16384$99$99", "16$8$99"]) {
      const stored = cheap("x").replace("16$8$1", costs);
      const start = performance.now();
      expect(await verifyPassword("x", stored)).toBe(false);
      expect(performance.now() - start).toBeLessThan(5_000);
    }
  });

  it("longer than the limit never verify, not even with the same beginning", async () => {
    const long = "x".repeat(MAX_PASSWORD_LENGTH);
    expect(await verifyPassword(long, cheap(long))).toBe(true);
    expect(await verifyPassword(`${long}y`, cheap(long))).toBe(false);
  });

  it("take as much work without an account as with one", async () => {
    const stored = await hashPassword("x");
    const time = async (value: string | undefined): Promise<number> => {
      const start = performance.now();
      await verifyPassword("wrong", value);
      return performance.now() - start;
    };
    const known: number[] = [];
    const unknown: number[] = [];
    for (let i = 0; i < 4; i++) {
      known.push(await time(stored));
      unknown.push(await time(undefined));
    }
    const ratio = Math.min(...unknown) / Math.min(...known);
    expect(ratio).toBeGreaterThan(0.4);
    expect(ratio).toBeLessThan(2.5);
  });
});
