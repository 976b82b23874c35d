/** Settings: what an organisation is, who belongs to it, what its agents send. Its parts are routes below. */
import { createFileRoute, Outlet } from "@tanstack/react-router";
import type { ReactElement } from "react";
import { SettingsFrame } from "../settings/settings-frame.tsx";

export const Route = createFileRoute("/_app/settings")({ component: Settings });

function Settings(): ReactElement {
  return (
    <SettingsFrame>
      <Outlet />
    </SettingsFrame>
  );
}
