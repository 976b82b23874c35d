/** Addresses, requests, menus and the first command: the page's small pure parts. */
import { execFileSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { EnvelopeSchema } from "../../../schema/event.ts";
import { call } from "../../../web/src/api/client.ts";
import { collectFacets, NO_FACETS } from "../../../web/src/live/facets.ts";
import { firstEventCommand } from "../../../web/src/live/first-event.ts";
import { readMessage } from "../../../web/src/live/frames.ts";
import { EMPTY_STATE, reduce } from "../../../web/src/live/reducer.ts";
import { filtersOf, LiveSearchSchema, livePath } from "../../../web/src/live/search.ts";
import { parseSearch, safeReturnPath, stringifySearch } from "../../../web/src/search.ts";
import { signInMessage } from "../../../web/src/sign-in/sign-in-message.ts";
import { menuItems } from "../../../web/src/ui/menu-items.ts";
import { createPreference } from "../../../web/src/ui/preference.ts";
import { noticesOf, sessionsOf, snapshotOf } from "../../support/live-script.ts";

describe("the address", () => {
  it("keeps every value a string, both ways", () => {
    const search = { team: "123", repo: "a/b c&d", flag: "true", empty: "", none: undefined };
    expect(stringifySearch(search)).toBe("?team=123&repo=a%2Fb+c%26d&flag=true");
    expect(parseSearch(stringifySearch(search))).toEqual({ team: "123", repo: "a/b c&d", flag: "true" });
  });

  it("drops filters that are unknown, empty or too long instead of failing", () => {
    const search = LiveSearchSchema.parse({
      team: " core ",
      repo: "",
      model: "x".repeat(257),
      view: "pie",
      nonsense: "1",
    });
    expect(filtersOf(search)).toEqual({ team: "core" });
    expect(search.view).toBeUndefined();
  });

  it("of the socket escapes every value and carries the resume cursor", () => {
    expect(livePath("a&b", { repo: "x/y?z" }, { epoch: "00112233aabbccdd", seq: 7 })).toBe(
      "/api/v1/live?org=a%26b&repo=x%2Fy%3Fz&since=00112233aabbccdd.7",
    );
  });

  it.each([
    ["/live?team=core", "/live?team=core"],
    ["//evil.example/x", "/live"],
    ["/\\evil.example", "/live"],
    ["https://evil.example", "/live"],
    ["javascript:alert(1)", "/live"],
    ["/x/..//evil.example/y", "/live"],
    ["http://[", "/live"],
    ["/sign-in?next=/sign-in", "/live"],
    [undefined, "/live"],
  ])("returns from sign-in at %s to %s", (next, path) => {
    expect(safeReturnPath(next)).toBe(path);
  });
});

describe("a request", () => {
  const schema = z.object({ n: z.number() });
  const answer = (status: number, body: string, headers: Record<string, string> = {}) =>
    call(async () => new Response(body, { status, headers }), { method: "GET", path: "/x", schema });
  const refusal = JSON.stringify({ error: { code: "unauthorized", message: "sign in", request_id: "r-1" } });

  it("gives the parsed answer", async () => {
    expect(await answer(200, '{"n":1,"more":2}')).toEqual({ ok: true, value: { n: 1 } });
  });

  it("tells why it failed, with the request id", async () => {
    expect(await answer(401, refusal)).toMatchObject({
      failure: { kind: "unauthorized", status: 401, code: "unauthorized", message: "sign in", requestId: "r-1" },
    });
    expect(await answer(503, "<html>", { "x-request-id": "r-2", "retry-after": "3" })).toMatchObject({
      failure: { kind: "refused", code: null, requestId: "r-2", retryAfterSeconds: 3 },
    });
    expect(await answer(200, '{"n":"1"}')).toMatchObject({ failure: { kind: "broken" } });
    expect(await answer(200, "<html>")).toMatchObject({ failure: { kind: "broken" } });
  });

  it("is a failure, not an exception, when there is no network", async () => {
    const failing = call(async () => await Promise.reject(new TypeError("fetch failed")), {
      method: "GET",
      path: "/x",
      schema,
    });
    expect(await failing).toMatchObject({ failure: { kind: "network", status: 0, requestId: null } });
  });

  it("explains a failed sign-in without saying which part was wrong", async () => {
    const failed = await answer(401, refusal);
    if (failed.ok) throw new Error("a refusal");
    expect(signInMessage(failed.failure)).toMatch(/Email or password/);
    expect(signInMessage({ ...failed.failure, kind: "refused", status: 429, retryAfterSeconds: 9 })).toMatch(/in 9 s/);
    expect(signInMessage({ ...failed.failure, kind: "refused", status: 503 })).toMatch(/again in a moment/);
  });
});

describe("a filter menu", () => {
  const options = new Set(["web-10", "web-2", "api"]);
  const labels = (chosen: string | undefined, query: string): string[] =>
    menuItems(options, chosen, query, (option) => option).map((item) => item.label);

  it("offers any and all values in natural order", () => {
    expect(labels(undefined, "")).toEqual(["Any", "api", "web-2", "web-10"]);
  });

  it("keeps the chosen value even if it was never seen", () => {
    expect(labels("gone", "")).toEqual(["Any", "api", "gone", "web-2", "web-10"]);
  });

  it("narrows while typing and offers the text itself unless it is a value", () => {
    expect(labels(undefined, " WEB ")).toEqual(["web-2", "web-10", "Use “WEB”"]);
    expect(labels(undefined, "api")).toEqual(["api"]);
  });

  it("is filled by what was seen, and keeps the same object while nothing is new", () => {
    const at = Date.UTC(2026, 10, 22);
    const message = readMessage(
      JSON.stringify(snapshotOf({ seq: 1, at, sessions: sessionsOf(at), notices: noticesOf(at) })),
    );
    if (message.kind !== "frame") throw new Error("a frame");
    const state = reduce(EMPTY_STATE, message.frame);
    const facets = collectFacets(NO_FACETS, state);
    expect([...facets.team].sort()).toEqual(["core", "platform"]);
    expect(facets.model).toEqual(
      new Set(["claude-opus-4-5-20251101", "gpt-5.1-codex-max", "gemini-3-pro", "claude-opus-4"]),
    );
    expect(facets.repo.has("")).toBe(false);
    expect(collectFacets(facets, state)).toBe(facets);
  });
});

describe("the first event's command", () => {
  it("is one that a shell runs, with a body that ingest takes", () => {
    const curl = 'curl() { cat; printf " %s" "$@"; }\n';
    const script = `${curl}TENFOLD_KEY=tf_us_key\n${firstEventCommand("https://app.example")}`;
    const [body = "", ...args] = execFileSync("sh", ["-c", script], { encoding: "utf8" }).split(/(?<=\}) /);
    expect(EnvelopeSchema.safeParse(JSON.parse(body)).success).toBe(true);
    expect(args.join(" ")).toContain("https://app.example/v1/events");
    expect(args.join(" ")).toContain("Authorization: Bearer tf_us_key");
  });
});

describe("a remembered choice", () => {
  const values = ["system", "light", "dark"] as const;

  it("is read back, and nonsense is ignored", () => {
    const stored = new Map([["k", "dark"]]);
    const storage = { getItem: (key: string) => stored.get(key) ?? null, setItem: stored.set.bind(stored) };
    expect(createPreference(storage, "k", values).get()).toBe("dark");
    createPreference(storage, "k", values).set("light");
    expect(stored.get("k")).toBe("light");
    stored.set("k", "pink");
    expect(createPreference(storage, "k", values).get()).toBe("system");
  });

  it("lasts as long as the page when storage is blocked", () => {
    const blocked = (): never => {
      throw new Error("blocked");
    };
    const preference = createPreference({ getItem: blocked, setItem: blocked }, "k", values);
    preference.set("dark");
    expect(preference.get()).toBe("dark");
  });
});
