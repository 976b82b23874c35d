/** The page's entry: makes the API client, the preferences and the router, and shows them. */
import "./zod-config.ts";
import { RouterProvider } from "@tanstack/react-router";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { createApi } from "./api/endpoints.ts";
import { makeRouter } from "./router.tsx";
import { createPreferences, PreferencesProvider } from "./ui/preferences.tsx";
import "./styles/tokens.css";
import "./styles/base.css";
import "./styles/controls.css";
import "./styles/layout.css";
import "./styles/live.css";
import "./styles/lists.css";
import "./styles/chart.css";

const root = document.getElementById("root");
if (root === null) throw new Error("index.html has no #root");
const router = makeRouter(createApi((input, init) => fetch(input, init)));
createRoot(root).render(
  <StrictMode>
    <PreferencesProvider preferences={createPreferences(storage())}>
      <RouterProvider router={router} />
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
