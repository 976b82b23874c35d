/** Settings, what of agents' attributes is kept. */
import { createFileRoute } from "@tanstack/react-router";
import type { ReactElement } from "react";
import { PrivacyPage } from "../settings/privacy-page.tsx";
import { useTitle } from "../ui/use-title.ts";

export const Route = createFileRoute("/_app/settings/privacy")({ component: Privacy });

function Privacy(): ReactElement {
  useTitle("Privacy");
  return <PrivacyPage />;
}
