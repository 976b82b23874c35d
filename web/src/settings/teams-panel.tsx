/** The teams of the directory: what managers see rests on them. Used by the members page. */
import { type ReactElement, useState } from "react";
import type { z } from "zod";
import { TeamChangeSchema, type TeamSchema } from "../../../schema/api/teams.ts";
import { useChange } from "../api/query.ts";
import { useMe } from "../app/me-context.ts";
import { formatExact } from "../format/number.ts";
import { ActionMenu } from "../ui/action-menu.tsx";
import type { TableColumn } from "../ui/data-table.tsx";
import { Panel } from "../ui/panel.tsx";
import { PlainTable } from "../ui/plain-table.tsx";
import { Answer, type Asked, Empty } from "../ui/states.tsx";
import { Name } from "../ui/text.tsx";
import { may } from "./access.ts";
import { ChangeState } from "./change-state.tsx";
import { ConfirmDialog } from "./confirm-dialog.tsx";
import { Dialog } from "./dialog.tsx";
import { Field } from "./field.tsx";
import { useOrg } from "./use-org.ts";

export type Team = z.infer<typeof TeamSchema>;
type Open = { kind: "edit"; team: Team | null } | { kind: "remove"; team: Team } | null;

/** Members carry their team. */
const CHANGED = ["/api/v1/teams", "/api/v1/members"];
/** As schema/api/teams.ts has it. */
const TEAM_ID = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;
const pathOf = (team: Team): string => `/api/v1/teams/${encodeURIComponent(team.team_id)}`;

export function TeamsPanel({ query }: { query: Omit<Asked<readonly Team[]>, "isPlaceholderData"> }): ReactElement {
  const writes = may(useMe(), "teams:write", "org");
  const [open, setOpen] = useState<Open>(null);
  const close = (): void => setOpen(null);
  const columns: readonly TableColumn<Team>[] = [
    { key: "name", title: "Team", track: "", cell: ({ name }) => <Name value={name} className="font-medium" /> },
    { key: "id", title: "Id in events", track: "", numeric: true, cell: ({ team_id }) => <code>{team_id}</code> },
    { key: "members", title: "Members", track: "", numeric: true, cell: ({ members }) => formatExact(members) },
    ...(writes
      ? [
          {
            key: "actions",
            title: "Actions",
            hideTitle: true,
            track: "",
            numeric: true,
            cell: (team: Team) => (
              <ActionMenu
                label={`${team.name}: more`}
                items={[
                  { label: "Rename…", onSelect: () => setOpen({ kind: "edit", team }) },
                  { label: "Remove…", onSelect: () => setOpen({ kind: "remove", team }) },
                ]}
              />
            ),
          },
        ]
      : []),
  ];
  return (
    <Panel
      title="Teams"
      note="managers see the events of their team's members"
      className="min-h-44"
      controls={
        writes ? (
          <button type="button" className="button button-small" onClick={() => setOpen({ kind: "edit", team: null })}>
            New team
          </button>
        ) : null
      }
    >
      <Answer
        query={query}
        what="the teams"
        isEmpty={(list) => list.length === 0}
        empty={
          <Empty title="No team yet">
            <p>Members of a team are seen by its managers, and events can be filtered by it.</p>
          </Empty>
        }
      >
        {(list) => <PlainTable label="Teams" rows={list} columns={columns} keyOf={({ team_id }) => team_id} />}
      </Answer>
      {open?.kind === "edit" ? <TeamDialog team={open.team} onClose={close} /> : null}
      {open?.kind === "remove" ? <RemoveTeamDialog team={open.team} onClose={close} /> : null}
    </Panel>
  );
}

/** `team`: the one to rename; null: a new one. */
function TeamDialog({ team, onClose }: { team: Team | null; onClose(): void }): ReactElement {
  const { at } = useOrg();
  const [id, setId] = useState("");
  const [name, setName] = useState(team?.name ?? "");
  const save = useChange(
    (given: { team_id: string; name: string }) =>
      team === null
        ? { method: "POST" as const, path: at("/api/v1/teams"), schema: TeamChangeSchema, body: given }
        : { method: "PATCH" as const, path: at(pathOf(team)), schema: TeamChangeSchema, body: { name: given.name } },
    CHANGED,
  );
  const idFits = team !== null || TEAM_ID.test(id.trim());
  const ready = idFits && name.trim() !== "" && name.trim() !== team?.name && !save.isPending;
  return (
    <Dialog
      title={team === null ? "New team" : `Rename ${team.name}`}
      onClose={onClose}
      onSubmit={() => ready && save.mutate({ team_id: id.trim(), name: name.trim() }, { onSuccess: onClose })}
      actions={
        <>
          <ChangeState change={save} />
          <button type="button" className="button" onClick={onClose}>
            Cancel
          </button>
          <button type="submit" className="button button-primary" disabled={!ready}>
            {team === null ? "Create team" : "Rename"}
          </button>
        </>
      }
    >
      <Field label="Name">
        <input
          className="input"
          value={name}
          maxLength={128}
          autoComplete="off"
          onChange={(event) => setName(event.target.value)}
        />
      </Field>
      {team === null ? (
        <Field
          label="Id in events"
          hint="What agents send as team.id; it stays for ever. Letters, digits and . _ -"
          problem={id.trim() === "" || idFits ? null : "Only letters, digits and . _ -, at most 64, not at the start."}
        >
          <input
            className="input"
            value={id}
            autoComplete="off"
            spellCheck={false}
            onChange={(event) => setId(event.target.value)}
          />
        </Field>
      ) : null}
    </Dialog>
  );
}

function RemoveTeamDialog({ team, onClose }: { team: Team; onClose(): void }): ReactElement {
  const { at } = useOrg();
  const remove = useChange(
    (_: null) => ({ method: "DELETE", path: at(pathOf(team)), schema: TeamChangeSchema }),
    CHANGED,
  );
  return (
    <ConfirmDialog
      title="Remove this team?"
      word={team.team_id}
      action="Remove"
      change={remove}
      onConfirm={() => remove.mutate(null, { onSuccess: onClose })}
      onClose={onClose}
    >
      <p>Its members stay in the organisation, without a team: managers no longer see their events.</p>
    </ConfirmDialog>
  );
}
