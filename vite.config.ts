/**
 * Builds the web app: `vite build` writes web/dist, which the Worker serves as static assets.
 * `vite` serves it with reload and passes API calls to a running Tenfold (TENFOLD_URL, default http://127.0.0.1:8787).
 */
import tailwindcss from "@tailwindcss/vite";
import { tanstackRouter } from "@tanstack/router-plugin/vite";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

const api = process.env.TENFOLD_URL ?? "http://127.0.0.1:8787";

export default defineConfig({
  root: "web",
  plugins: [
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
    rolldownOptions: { treeshake: { manualPureFunctions: ["z"] } },
  },
  server: { proxy: { "/api": { target: api, ws: true, changeOrigin: true } } },
});
