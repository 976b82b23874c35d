import { beforeAll, describe, expect, it } from "vitest";
import { ROUTES } from "../../../workers/api/routes.ts";
import { World } from "./world.ts";

let world: World;

beforeAll(async () => {
  world = await World.create();
});

interface Document {
  openapi: string;
  paths: Record<
    string,
    Record<
      string,
      { responses: Record<string, unknown>; security: unknown[]; parameters?: { name: string; in: string }[] }
    >
  >;
  components: { schemas: Record<string, unknown>; securitySchemes: Record<string, unknown> };
}

describe("the OpenAPI document", () => {
  it("describes every route of the table, its parameters, its rights and its errors", async () => {
    const response = await world.fetch("/api/openapi.json");
    expect(response.headers.get("content-type")).toBe("application/json");
    const document: Document = await response.json();
    expect(document.openapi).toBe("3.1.0");
    for (const route of ROUTES) {
      const operation = document.paths[route.path.replace(/:(\w+)/g, "{$1}")]?.[route.method];
      expect([route.path, operation === undefined]).toEqual([route.path, false]);
      expect(operation?.responses).toHaveProperty("200");
      expect(operation?.responses).toHaveProperty("500");
      expect([route.path, operation?.security.length]).toEqual([route.path, "permission" in route.access ? 2 : 0]);
      if ("permission" in route.access) {
        for (const status of ["401", "403", "503", "504"]) expect(operation?.responses).toHaveProperty(status);
        expect(operation?.parameters?.map(({ name }) => name)).toContain("org");
      }
    }
    const series = document.paths["/api/v1/metrics/timeseries"]?.get;
    expect(series?.parameters?.map(({ name }) => name).sort()).toEqual(
      [
        "agent",
        "compare",
        "environment",
        "from",
        "group_by",
        "interval",
        "metric",
        "model",
        "org",
        "repo",
        "team",
        "timezone",
        "to",
        "type",
      ].sort(),
    );
    expect(document.paths["/api/v1/sessions/{id}"]?.get?.parameters).toContainEqual(
      expect.objectContaining({ name: "id", in: "path", required: true }),
    );
  });

  it("describes ingest and the live routes too", async () => {
    const document: Document = await (await world.fetch("/api/openapi.json")).json();
    for (const [path, method] of [
      ["/v1/events", "post"],
      ["/i/{key}/v1/events", "post"],
      ["/api/v1/live", "get"],
      ["/api/v1/live/sse", "get"],
      ["/api/v1/live/snapshot", "get"],
      ["/api/v1/live/ticket", "post"],
    ] as const) {
      expect([path, document.paths[path]?.[method] === undefined]).toEqual([path, false]);
    }
    expect(document.paths["/v1/events"]?.post?.responses).toHaveProperty("202");
    expect(JSON.stringify(document.paths["/v1/events"])).toContain("#/components/schemas/Event");
    expect(JSON.stringify(document.components.schemas.Event)).toMatch(/code_generated.*lines_added/);
  });

  it("has no reference that leads nowhere, and operation ids that differ", async () => {
    const text = await (await world.fetch("/api/openapi.json")).text();
    const document: Document = JSON.parse(text);
    for (const [, name] of text.matchAll(/"\$ref":"#\/components\/schemas\/(\w+)"/g))
      expect(document.components.schemas).toHaveProperty(name ?? "");
    expect(text.match(/"\$ref":"(?!#\/components\/schemas\/)/g)).toBeNull();
    const ids = [...text.matchAll(/"operationId":"(\w+)"/g)].map(([, id]) => id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids.length).toBe(Object.values(document.paths).flatMap((methods) => Object.keys(methods)).length);
  });
});

describe("the readable page", () => {
  it("names every path, runs nothing and loads nothing", async () => {
    const response = await world.fetch("/api/docs");
    expect(response.headers.get("content-type")).toBe("text/html; charset=utf-8");
    const html = await response.text();
    const document: Document = await (await world.fetch("/api/openapi.json")).json();
    for (const path of Object.keys(document.paths)) expect(html).toContain(`<code>${path}</code>`);
    expect(html).not.toMatch(/<script|javascript:|\son\w+=|<link|<img|@import|url\(|https?:\/\//i);
    const style = /<style>([\s\S]*?)<\/style>/.exec(html)?.[1] ?? "";
    const hash = Buffer.from(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(style))).toString("base64");
    expect(response.headers.get("content-security-policy")).toContain(`style-src 'sha256-${hash}'`);
  });
});
