/** Who may import whom: the table of STYLE, run by `npm test`. Anything not allowed here is an error. */
const SCHEMA = "^schema/[^/]+\\.ts$|^schema/(api|prices)/";
const ANY_SCHEMA = "^schema/";
const SHARED = "^workers/shared/";
const SHARED_BUT_CLICKHOUSE = "^workers/shared/(?!clickhouse)";
const NAMESPACE = "^durable-objects/tenant-namespace\\.ts$";
const PACKAGE = (names) => `^node_modules/(${names})/`;

/** Files under `from` may import only what one of `to` matches. */
const only = (name, from, to, fromNot) => ({
  name,
  severity: "error",
  from: { path: from, ...(fromNot === undefined ? {} : { pathNot: fromNot }) },
  to: { pathNot: [...to, "^node:", "^cloudflare:", "^(crypto|zlib|buffer)$"] },
});

module.exports = {
  forbidden: [
    { name: "no-cycles", severity: "error", from: {}, to: { circular: true } },
    {
      name: "nobody-imports-index",
      severity: "error",
      from: { pathNot: "^(dev|test|bench)/" },
      to: { path: "(^|/)index\\.ts$", pathNot: "^node_modules" },
    },
    only("schema-is-a-leaf", "^schema/", [ANY_SCHEMA, PACKAGE("zod")], "^schema/d1/"),
    only("d1-schema", "^schema/d1/", [ANY_SCHEMA, PACKAGE("drizzle-orm")]),
    only("shared", SHARED, [
      ANY_SCHEMA,
      SHARED,
      NAMESPACE,
      PACKAGE("hono|drizzle-orm|@clickhouse/client-web|@clickhouse/client-common|zod|jose"),
    ]),
    only("durable-objects", "^durable-objects/", [
      SCHEMA,
      "^durable-objects/",
      "^workers/shared/(errors|log|env|clickhouse-insert|stored-packs|live-stale)\\.ts$",
      PACKAGE("partyserver|zod"),
    ]),
    only("queues", "^queues/", [ANY_SCHEMA, "^queues/", SHARED, NAMESPACE, PACKAGE("zod|drizzle-orm")]),
    only("workflows", "^workflows/", [ANY_SCHEMA, "^workflows/", SHARED, NAMESPACE, PACKAGE("zod|drizzle-orm")]),
    only("ingest", "^workers/ingest/", [
      SCHEMA,
      "^workers/ingest/",
      SHARED_BUT_CLICKHOUSE,
      NAMESPACE,
      PACKAGE("hono|zod|pbf"),
    ]),
    only("api", "^workers/api/", [
      ANY_SCHEMA,
      "^workers/api/",
      SHARED,
      NAMESPACE,
      PACKAGE("hono|zod|drizzle-orm|jose"),
    ]),
    only("realtime", "^workers/realtime/", [
      SCHEMA,
      "^workers/realtime/",
      SHARED_BUT_CLICKHOUSE,
      NAMESPACE,
      PACKAGE("hono|zod"),
    ]),
    only("operator", "^workers/operator/", [ANY_SCHEMA, "^workers/operator/", SHARED, NAMESPACE, PACKAGE("hono|zod")]),
    only("web", "^web/src/", [
      SCHEMA,
      "^web/",
      "^workers/api/app\\.ts$",
      PACKAGE("react|react-dom|@tanstack/.+|radix-ui|csv-stringify|uplot|zod|partysocket|@types/.+"),
    ]),
    {
      name: "nobody-imports-tools",
      severity: "error",
      from: { path: "^(workers|durable-objects|queues|workflows|schema|web)/" },
      to: { path: "^(dev|bench|ops|test)/" },
    },
    {
      name: "one-door-to-objects",
      comment:
        "Durable Object namespaces are touched by tenant-namespace.ts alone; see also the lint rule on .jurisdiction()",
      severity: "error",
      from: { path: "^(workers|queues|workflows)/", pathNot: "^workers/index\\.ts$" },
      to: { path: "^durable-objects/", pathNot: NAMESPACE },
    },
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    parser: "swc",
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
    enhancedResolveOptions: {
      exportsFields: ["exports"],
      conditionNames: ["workerd", "import", "types", "default"],
      extensions: [".ts", ".tsx", ".js", ".d.ts"],
    },
  },
};
