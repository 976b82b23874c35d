import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { inRoot } from "../../../dev/paths.ts";
import * as doors from "../../../durable-objects/tenant-namespace.ts";
import { readResources } from "../../../ops/provision/resources.ts";
import type { Env } from "../../../workers/shared/env.ts";

const RulesSchema = z.object({ plugins: z.array(z.unknown()).min(1) });
const SECRET = "a-secret-of-thirty-two-characters-or-more";
const BOUND = readResources(inRoot("wrangler.toml")).objects;

/** Calls made on one namespace: `jurisdiction`s asked for, then names given, on which side. */
interface Calls {
  jurisdictions: string[];
  pinned: string[];
  plain: string[];
}

function fakeNamespaces(jurisdictions: string): { env: Env; calls: Map<string, Calls> } {
  const calls = new Map<string, Calls>();
  const namespaces = BOUND.map((name) => {
    const mine: Calls = { jurisdictions: [], pinned: [], plain: [] };
    calls.set(name, mine);
    const namespace = {
      getByName: (id: string) => mine.plain.push(id),
      jurisdiction: (where: string) => {
        mine.jurisdictions.push(where);
        return { getByName: (id: string) => mine.pinned.push(id) };
      },
    };
    return [name, namespace] as const;
  });
  const vars = {
    JURISDICTIONS: jurisdictions,
    KEY_TAG_SECRET: SECRET,
    JWT_PRIVATE_KEY: "{}",
    OPERATOR_TOKEN: SECRET,
    CLICKHOUSE_US_URL: "https://us.example",
    CLICKHOUSE_US_DATABASE: "us",
    CLICKHOUSE_EU_URL: "https://eu.example",
    CLICKHOUSE_EU_DATABASE: "eu",
  };
  return { env: { ...vars, ...Object.fromEntries(namespaces) } as unknown as Env, calls };
}

/** Every function the file exports takes (env, tenant, shard?): a new class's function is tested without being named here. */
function openAll(env: Env, jurisdiction: "us" | "eu"): void {
  const tenant: doors.TenantRef = { orgId: "org_1", jurisdiction };
  for (const door of Object.values(doors) as ((env: Env, tenant: doors.TenantRef, shard: number) => unknown)[]) {
    door(env, tenant, 0);
  }
}

describe("tenant-namespace", () => {
  it("asks for the EU jurisdiction on every class that wrangler.toml binds, when enforced", () => {
    const { env, calls } = fakeNamespaces("enforced");
    openAll(env, "eu");
    expect(BOUND.length).toBeGreaterThan(1);
    for (const [name, { jurisdictions, pinned, plain }] of calls) {
      expect([name, jurisdictions, plain]).toEqual([name, ["eu"], []]);
      expect(pinned[0]).toMatch(/^org_1/);
    }
  });

  it("never asks for it for a US tenant", () => {
    const { env, calls } = fakeNamespaces("enforced");
    openAll(env, "us");
    for (const { jurisdictions, plain } of calls.values()) {
      expect(jurisdictions).toEqual([]);
      expect(plain[0]).toMatch(/^org_1/);
    }
  });

  it("prefixes names instead, when emulated", () => {
    const { env, calls } = fakeNamespaces("emulated");
    openAll(env, "eu");
    for (const { jurisdictions, plain } of calls.values()) {
      expect(jurisdictions).toEqual([]);
      expect(plain[0]).toMatch(/^eu\/org_1/);
    }
  });

  it.each(["", "Enforced", "off", "emulate"])("takes no other value: %j", (value) => {
    const { env, calls } = fakeNamespaces(value);
    expect(() => openAll(env, "eu")).toThrow(/JURISDICTIONS/);
    for (const { plain, pinned } of calls.values()) expect([...plain, ...pinned]).toEqual([]);
  });

  it.each([undefined, "staging", "production"])("is enforced by wrangler.toml, environment %s", (env) => {
    const { vars, objects } = readResources(inRoot("wrangler.toml"), env);
    expect(vars.JURISDICTIONS).toBe("enforced");
    expect(objects).toEqual(BOUND);
  });
});

describe("the lint rule on namespaces", () => {
  /** A checkout of nothing but the rule and the given files; biome's output on it. */
  function lint(files: Record<string, string>): string {
    const root = mkdtempSync(join(tmpdir(), "tenfold-lint-"));
    try {
      cpSync(inRoot("ops/lint"), join(root, "ops/lint"), { recursive: true });
      symlinkSync(inRoot("node_modules"), join(root, "node_modules"));
      const { plugins } = RulesSchema.parse(JSON.parse(readFileSync(inRoot("biome.json"), "utf8")));
      writeFileSync(join(root, "biome.json"), JSON.stringify({ plugins }));
      for (const [path, text] of Object.entries(files)) {
        mkdirSync(dirname(join(root, path)), { recursive: true });
        writeFileSync(join(root, path), text);
      }
      execFileSync(inRoot("node_modules/.bin/biome"), ["lint", "."], { cwd: root, stdio: "pipe" });
      return "";
    } catch (error) {
      return String((error as { stderr?: Buffer }).stderr);
    } finally {
      rmSync(root, { recursive: true, force: true });
    }
  }

  it.each([
    'export const a = (n) => n.jurisdiction("eu");',
    'export const a = (n) => n.getByName("x");',
    'export const a = (n) => n.idFromName("x");',
    "export const a = (n) => n.newUniqueId();",
    "export const a = (env) => env.TENANT_LIVE;",
    'export const a = (c) => c.env["EVENT_BUFFER"];',
  ])("refuses %s outside tenant-namespace.ts", (text) => {
    expect(lint({ "workers/api/other.ts": text })).toContain("tenant-namespace.ts alone");
  });

  it("names every class that wrangler.toml binds", () => {
    for (const name of BOUND) {
      expect(lint({ "queues/other.ts": `export const a = (env) => env.${name};` })).toContain(
        "tenant-namespace.ts alone",
      );
    }
  });

  it("leaves tenant-namespace.ts and the tests alone", () => {
    const text = 'export const a = (env) => env.TENANT_LIVE.jurisdiction("eu").getByName("x");\n';
    expect(lint({ "durable-objects/tenant-namespace.ts": text, "test/workers/x.ts": text })).toBe("");
  });
});
