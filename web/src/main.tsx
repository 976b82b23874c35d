/** The page's entry: makes the API client, the preferences and the router, and shows them. */
import "./zod-config.ts";
import { QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { createApi } from "./api/endpoints.ts";
import { createApiCache } from "./api/query.ts";
import { makeRouter } from "./router.tsx";
import { createPreferences, PreferencesProvider } from "./ui/preferences.tsx";
import "./styles/index.css";

const root = document.getElementById("root");
if (root === null) throw new Error("index.html has no #root");
const cache = createApiCache(() => {
  const { location } = router.state;
  if (location.pathname === "/sign-in") return;
  void router.navigate({ to: "/sign-in", search: { next: location.href, why: "expired" } });
});
const router = makeRouter({ api: createApi((input, init) => fetch(input, init)), cache });
createRoot(root).render(
  <StrictMode>
    <PreferencesProvider preferences={createPreferences(storage())}>
      <QueryClientProvider client={cache}>
        <RouterProvider router={router} />
      </QueryClientProvider>
    </PreferencesProvider>
  </StrictMode>,
);

/** Reading localStorage throws where storage is blocked. */
function storage(): Storage | null {
  try {
    return localStorage;
  } catch {
    return null;
  }
}
