/** Settings, what the organisation pays for tokens. */
import { createFileRoute } from "@tanstack/react-router";
import type { ReactElement } from "react";
import { PricesPage } from "../settings/prices-page.tsx";
import { useTitle } from "../ui/use-title.ts";

export const Route = createFileRoute("/_app/settings/prices")({ component: Prices });

function Prices(): ReactElement {
  useTitle("Prices");
  return <PricesPage />;
}
