/**
 * GET /api/openapi.json and /api/docs: the contract for tools and for people, made from the route table on first use.
 */
import { z } from "zod";
import { type OpenApiDocument, openApiDocument } from "../openapi/document.ts";
import { docsPage, STYLE } from "../openapi/page.ts";
import { defineRoute, type Route } from "../route.ts";

/** Version of the HTTP contract (/v1, /api/v1). */
const VERSION = "1.0.0";
/** Seconds a browser may keep it; only a deploy changes it. */
const CACHE_CONTROL = "public, max-age=300";

/** Both routes, describing `routes` (a function: they are among them). */
export function docsRoutes(routes: () => readonly Route[]): Route[] {
  let made: OpenApiDocument | undefined;
  const document = (): OpenApiDocument => {
    made ??= openApiDocument(routes(), VERSION);
    return made;
  };
  return [
    defineRoute({
      method: "get",
      path: "/api/openapi.json",
      public: "the contract is no secret",
      summary: "This document",
      tags: ["docs"],
      answer: z.looseObject({ openapi: z.string() }),
      handler: async ({ c }) => {
        c.header("cache-control", CACHE_CONTROL);
        return { ...document() };
      },
    }),
    defineRoute({
      method: "get",
      path: "/api/docs",
      public: "the contract is no secret",
      summary: "This document as a page to read",
      tags: ["docs"],
      contentType: "text/html",
      answer: z.string(),
      handler: async ({ c }) => {
        const hash = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(STYLE));
        const style = `'sha256-${Buffer.from(hash).toString("base64")}'`;
        c.header(
          "content-security-policy",
          `default-src 'none'; style-src ${style}; base-uri 'none'; frame-ancestors 'none'`,
        );
        c.header("cache-control", CACHE_CONTROL);
        return docsPage(document());
      },
    }),
  ];
}
