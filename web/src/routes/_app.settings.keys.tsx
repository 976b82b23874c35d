/** Settings, ingest keys: made, shown once with how to use them, rotated, revoked. */
import { createFileRoute } from "@tanstack/react-router";
import type { ReactElement } from "react";
import { KeysPage } from "../settings/keys-page.tsx";
import { useTitle } from "../ui/use-title.ts";

export const Route = createFileRoute("/_app/settings/keys")({ component: Keys });

function Keys(): ReactElement {
  useTitle("Ingest keys");
  return <KeysPage />;
}
