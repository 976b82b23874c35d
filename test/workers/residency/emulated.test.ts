import { env as bindings, createExecutionContext, waitOnExecutionContext } from "cloudflare:test";
import { describe, expect, it } from "vitest";
import worker from "../../../workers/index.ts";
import type { Env } from "../../../workers/shared/env.ts";

const base = bindings as unknown as Env;

async function ask(url: string, vars: Partial<Env> = {}): Promise<Response> {
  const context = createExecutionContext();
  const response = await worker.fetch(new Request(url), { ...base, ...vars }, context);
  await waitOnExecutionContext(context);
  return response;
}

describe("a Worker that only emulates jurisdictions (emulated)", () => {
  it.each([
    "https://tenfold.example/healthz",
    "http://192.168.1.4:8787/v1/events",
    "http://localhost.tenfold.example/api/v1/me",
    "http://127.0.0.1.tenfold.example/",
    "http://0.0.0.0:8787/healthz",
  ])("answers 503 to %s", async (url) => {
    const response = await ask(url);
    expect(response.status).toBe(503);
    expect(await response.json()).toMatchObject({ error: { code: "unavailable" } });
  });

  it.each(["http://127.0.0.1:8787", "http://localhost:8787", "http://[::1]:8787"])("answers %s", async (origin) => {
    expect((await ask(`${origin}/healthz`)).status).toBe(200);
  });
});

describe("a Worker with another value of JURISDICTIONS", () => {
  it.each(["", "Emulated", "none"])("%j answers 503 to everybody, loopback too", async (JURISDICTIONS) => {
    const response = await ask("http://127.0.0.1:8787/healthz", { JURISDICTIONS });
    expect(response.status).toBe(503);
    expect(await response.text()).not.toContain("KEY_TAG_SECRET");
  });

  it("enforced answers any host", async () => {
    expect((await ask("https://tenfold.example/healthz", { JURISDICTIONS: "enforced" })).status).toBe(200);
  });
});
