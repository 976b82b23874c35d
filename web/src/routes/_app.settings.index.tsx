/** /settings: goes on to the first part that the person may see. */
import { createFileRoute, Navigate } from "@tanstack/react-router";
import type { ReactElement } from "react";
import { useMe } from "../app/me-context.ts";
import { firstTab } from "../settings/tabs.ts";

export const Route = createFileRoute("/_app/settings/")({ component: First });

function First(): ReactElement {
  return <Navigate to={firstTab(useMe())} search={({ org }) => ({ org })} replace />;
}
