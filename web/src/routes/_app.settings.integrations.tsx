/** Settings, integrations: what each agent sends and how completely it arrives. */
import { createFileRoute } from "@tanstack/react-router";
import type { ReactElement } from "react";
import { IntegrationsPage } from "../settings/integrations-page.tsx";
import { useTitle } from "../ui/use-title.ts";

export const Route = createFileRoute("/_app/settings/integrations")({ component: Integrations });

function Integrations(): ReactElement {
  useTitle("Integrations");
  return <IntegrationsPage />;
}
