/** The configuration: each missing or weak secret is named, all at once, and no value is ever repeated. */
import { randomBytes } from "node:crypto";
import { describe, expect, it } from "vitest";
import { ConfigError, type Env, readConfig } from "../../../workers/shared/env.ts";

const good = (): Record<string, string> => ({
  JURISDICTIONS: "enforced",
  KEY_TAG_SECRET: randomBytes(32).toString("base64url"),
  JWT_PRIVATE_KEY: "{}",
  OPERATOR_TOKEN: randomBytes(32).toString("hex"),
  CLICKHOUSE_US_URL: "https://us.example",
  CLICKHOUSE_US_DATABASE: "us",
  CLICKHOUSE_EU_URL: "https://eu.example",
  CLICKHOUSE_EU_DATABASE: "eu",
});

function problemsOf(vars: Record<string, string>): string {
  try {
    readConfig(vars as unknown as Env);
    return "";
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError);
    return error instanceof Error ? error.message : "";
  }
}

const without = (name: string): Record<string, string> => {
  const { [name]: _, ...rest } = good();
  return rest;
};

describe("the configuration", () => {
  it("is read when nothing is wrong", () => {
    for (let i = 0; i < 200; i++) expect(problemsOf(good())).toBe("");
  });

  it("has further users of ClickHouse where they are named, and the one user for everything where not", () => {
    const [plain, parted] = [
      readConfig(good() as unknown as Env),
      readConfig({
        ...good(),
        CLICKHOUSE_EU_READER_USER: "looks",
        CLICKHOUSE_EU_READER_PASSWORD: "only",
        CLICKHOUSE_US_ROLLUP_USER: "sums",
      } as unknown as Env),
    ];
    expect(plain.clickhouse.us).not.toHaveProperty("reader");
    expect(parted.clickhouse.eu).toMatchObject({ user: "default", reader: { user: "looks", password: "only" } });
    expect(parted.clickhouse.us).toMatchObject({ rollup: { user: "sums", password: "" } });
    expect(parted.clickhouse.us).not.toHaveProperty("reader");
  });

  it.each(Object.keys(good()))("names %s when it is missing, and nothing else", (name) => {
    const text = problemsOf(without(name));
    expect(text).toContain(`${name}: `);
    for (const other of Object.keys(good())) if (other !== name) expect(text).not.toContain(other);
  });

  it("names every problem at once", () => {
    const text = problemsOf({ JURISDICTIONS: "enforced" });
    for (const name of Object.keys(good()).slice(1)) expect(text).toContain(`${name}: `);
  });

  it.each([
    ["short", "aB3-xY7_pQ9"],
    ["repeated", "a".repeat(64)],
    ["a word again and again", "secret".repeat(12)],
  ])("names a secret that is weak (%s) without its value", (_, value) => {
    for (const name of ["KEY_TAG_SECRET", "OPERATOR_TOKEN"]) {
      const text = problemsOf({ ...good(), [name]: value });
      expect(text).toMatch(new RegExp(`^configuration: ${name}: (needs at least 32|is too easy)`));
      expect(text).not.toContain(value);
    }
  });

  it.each(["", "local", "Enforced", "emulated "])("refuses %j as a way to keep jurisdictions", (value) => {
    expect(problemsOf({ ...good(), JURISDICTIONS: value })).toContain("JURISDICTIONS");
  });
});
