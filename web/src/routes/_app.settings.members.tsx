/** Settings, members and teams. */
import { createFileRoute } from "@tanstack/react-router";
import type { ReactElement } from "react";
import { MembersPage } from "../settings/members-page.tsx";
import { useTitle } from "../ui/use-title.ts";

export const Route = createFileRoute("/_app/settings/members")({ component: Members });

function Members(): ReactElement {
  useTitle("Members");
  return <MembersPage />;
}
