/** Settings, quotas and usage. */
import { createFileRoute } from "@tanstack/react-router";
import type { ReactElement } from "react";
import { UsagePage } from "../settings/usage-page.tsx";
import { useTitle } from "../ui/use-title.ts";

export const Route = createFileRoute("/_app/settings/usage")({ component: Usage });

function Usage(): ReactElement {
  useTitle("Usage");
  return <UsagePage />;
}
