/** Settings, the organisation itself. */
import { createFileRoute } from "@tanstack/react-router";
import type { ReactElement } from "react";
import { OrganisationPage } from "../settings/organisation-page.tsx";
import { useTitle } from "../ui/use-title.ts";

export const Route = createFileRoute("/_app/settings/organisation")({ component: Organisation });

function Organisation(): ReactElement {
  useTitle("Organisation");
  return <OrganisationPage />;
}
