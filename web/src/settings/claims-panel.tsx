/** Members who say that a name in events is theirs, for an admin to decide. Used by the members page; not there when nobody waits. */
import type { ReactElement } from "react";
import type { z } from "zod";
import { type ClaimDecisionSchema, ClaimsAnswerSchema } from "../../../schema/api/members.ts";
import { DoneSchema } from "../../../schema/api/settings.ts";
import { useApi, useChange } from "../api/query.ts";
import { formatMoment } from "../format/time.ts";
import { Panel } from "../ui/panel.tsx";
import { useZone } from "../ui/preferences.tsx";
import { Name } from "../ui/text.tsx";
import { ChangeState } from "./change-state.tsx";
import { useOrg } from "./use-org.ts";

const PATH = "/api/v1/identity-claims";

export function ClaimsPanel(): ReactElement | null {
  const { params, at } = useOrg();
  const zone = useZone();
  const query = useApi(PATH, params, ClaimsAnswerSchema);
  const decide = useChange(
    (body: z.input<typeof ClaimDecisionSchema>) => ({
      method: "POST",
      path: at(`${PATH}/decisions`),
      schema: DoneSchema,
      body,
    }),
    [PATH, "/api/v1/members"],
  );
  const claims = query.data?.claims ?? [];
  // What was just decided stays in words until the page is left.
  if (claims.length === 0 && !decide.isSuccess && decide.error === null) return null;
  return (
    <Panel title="Claims" note="a member says that these events are theirs: decide who they are">
      <ul>
        {claims.map(({ user_id, event_user_id, claimed_at }) => (
          <li
            key={`${user_id} ${event_user_id}`}
            className="flex flex-wrap items-center gap-2 border-t border-line px-4 py-2"
          >
            <span className="flex min-w-60 flex-1 items-center gap-1">
              <Name value={user_id} className="font-medium" />
              <span className="text-muted" title={formatMoment(Date.parse(claimed_at), zone)}>
                says to be
              </span>
              <Name value={event_user_id} className="font-medium" />
            </span>
            {(["refuse", "approve"] as const).map((decision) => (
              <button
                key={decision}
                type="button"
                className="button button-small"
                disabled={decide.isPending}
                onClick={() => decide.mutate({ user_id, event_user_id, decision })}
              >
                {decision === "approve" ? "Approve" : "Refuse"}
                <span className="visually-hidden">
                  {" "}
                  that {user_id} is {event_user_id}
                </span>
              </button>
            ))}
          </li>
        ))}
      </ul>
      <div className="min-h-8 px-4 py-2">
        <ChangeState change={decide} saved="Decided" />
      </div>
    </Panel>
  );
}
