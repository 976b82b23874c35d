/**
 * Builds the web app: `vite build` writes web/dist, which the Worker serves as static assets.
 * `vite` serves it with reload and passes API calls to a running Tenfold (TENFOLD_URL, default http://127.0.0.1:8787).
 */
import tailwindcss from "@tailwindcss/vite";
import { tanstackRouter } from "@tanstack/router-plugin/vite";
import react from "@vitejs/plugin-react";
import { defineConfig, type Plugin } from "vite";

const api = process.env.TENFOLD_URL ?? "http://127.0.0.1:8787";

/**
 * The page only parses: what zod's schemas can tell about themselves as JSON Schema is 6 KB of gzip that nothing calls, but that every schema
 * refers to. A zod that no longer looks so is left as it is; the test of the page's weight then says what that costs.
 */
const withoutJsonSchema: Plugin = {
  name: "zod-without-json-schema",
  apply: "build",
  transform: {
    filter: { id: /zod\/v4\/classic\/schemas\.js$/ },
    handler: (code) => ({
      code: code
        .replaceAll(/^ *inst\._zod\.processJSONSchema = .*;$/gm, "")
        .replaceAll(/create(?:Standard|To)JSONSchemaMethod\(this, .*\)(?=[,;(])/g, "undefined"),
      map: null,
    }),
  },
};

export default defineConfig({
  root: "web",
  plugins: [
    withoutJsonSchema,
    tanstackRouter({
      target: "react",
      autoCodeSplitting: true,
      routesDirectory: "./src/routes",
      generatedRouteTree: "./src/routeTree.gen.ts",
      addExtensions: true,
      quoteStyle: "double",
      semicolons: true,
    }),
    react(),
    tailwindcss(),
  ],
  build: {
    outDir: "dist",
    emptyOutDir: true,
    sourcemap: false,
    target: "es2023",
    // The content security policy forbids data: URLs and inline scripts, so nothing is inlined.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    // Making a schema has no effect but its value: schemas that the page does not use, and their compiled forms (which the
    // policy would refuse to run), are left out.
    rolldownOptions: {
      treeshake: { manualPureFunctions: ["z"] },
      output: {
        codeSplitting: {
          groups: [
            // What every page needs, and the small parts that most views share: 50 files a view, each compressed alone, became 17, and 4 to 7 KB
            // less. What only few views use stays apart.
            { name: "base", test: /node_modules\/(?:react|react-dom|scheduler|zod|@tanstack)\// },
            {
              name: "shared",
              test: /(?:web\/src\/(?:ui|format|app|api)|schema)\//,
              minShareCount: 3,
              maxModuleSize: 6_000,
            },
          ],
        },
      },
    },
  },
  server: { proxy: { "/api": { target: api, ws: true, changeOrigin: true } } },
});
