/** Adding a member, changing their role and team, removing them. Used by the members page. */
import { type ReactElement, useState } from "react";
import type { z } from "zod";
import type { Role } from "../../../schema/access.ts";
import {
  type Member,
  MemberChangeSchema,
  type MemberCreateSchema,
  type MemberPatchSchema,
} from "../../../schema/api/members.ts";
import { useChange } from "../api/query.ts";
import { ChangeState } from "./change-state.tsx";
import { ConfirmDialog } from "./confirm-dialog.tsx";
import { Dialog } from "./dialog.tsx";
import { Field } from "./field.tsx";
import { ROLE_WORDS, ROLES_DOWN, roleOf } from "./members.ts";
import type { Team } from "./teams-panel.tsx";
import { useOrg } from "./use-org.ts";

/** Teams count their members. */
const CHANGED = ["/api/v1/members", "/api/v1/teams"];
const pathOf = (member: Member): string => `/api/v1/members/${encodeURIComponent(member.user_id)}`;

export function AddMemberDialog({ teams, onClose }: { teams: readonly Team[]; onClose(): void }): ReactElement {
  const { at } = useOrg();
  const [email, setEmail] = useState("");
  const [name, setName] = useState("");
  const [role, setRole] = useState<Role>("user");
  const [team, setTeam] = useState<string | null>(null);
  const add = useChange(
    (body: z.input<typeof MemberCreateSchema>) => ({
      method: "POST",
      path: at("/api/v1/members"),
      schema: MemberChangeSchema,
      body,
    }),
    CHANGED,
  );
  const ready = /^\S+@\S+\.\S+$/.test(email.trim()) && name.trim() !== "" && !add.isPending;
  return (
    <Dialog
      title="Add a member"
      onClose={onClose}
      onSubmit={() =>
        ready && add.mutate({ email: email.trim(), name: name.trim(), role, team_id: team }, { onSuccess: onClose })
      }
      actions={
        <>
          <ChangeState change={add} />
          <button type="button" className="button" onClick={onClose}>
            Cancel
          </button>
          <button type="submit" className="button button-primary" disabled={!ready}>
            Add member
          </button>
        </>
      }
    >
      <Field label="Email" hint="Somebody without an account gets one without a password.">
        <input
          className="input"
          type="email"
          value={email}
          autoComplete="off"
          onChange={(event) => setEmail(event.target.value)}
        />
      </Field>
      <Field label="Name">
        <input
          className="input"
          value={name}
          maxLength={128}
          autoComplete="off"
          onChange={(event) => setName(event.target.value)}
        />
      </Field>
      <RoleAndTeam role={role} team={team} teams={teams} onRole={setRole} onTeam={setTeam} />
    </Dialog>
  );
}

export function ChangeMemberDialog({
  member,
  teams,
  onClose,
}: {
  member: Member;
  teams: readonly Team[];
  onClose(): void;
}): ReactElement {
  const { at } = useOrg();
  const [role, setRole] = useState<Role>(member.role);
  const [team, setTeam] = useState(member.team_id);
  const change = useChange(
    (body: z.input<typeof MemberPatchSchema>) => ({
      method: "PATCH",
      path: at(pathOf(member)),
      schema: MemberChangeSchema,
      body,
    }),
    CHANGED,
  );
  const ready = (role !== member.role || team !== member.team_id) && !change.isPending;
  return (
    <Dialog
      title={member.name === "" ? member.email : member.name}
      onClose={onClose}
      onSubmit={() => ready && change.mutate({ role, team_id: team }, { onSuccess: onClose })}
      actions={
        <>
          <ChangeState change={change} />
          <button type="button" className="button" onClick={onClose}>
            Cancel
          </button>
          <button type="submit" className="button button-primary" disabled={!ready}>
            Save
          </button>
        </>
      }
    >
      <p className="text-muted">What they may see changes at once: their live views start anew.</p>
      <RoleAndTeam role={role} team={team} teams={teams} onRole={setRole} onTeam={setTeam} />
    </Dialog>
  );
}

export function RemoveMemberDialog({ member, onClose }: { member: Member; onClose(): void }): ReactElement {
  const { at } = useOrg();
  const remove = useChange(
    (_: null) => ({ method: "DELETE", path: at(pathOf(member)), schema: MemberChangeSchema }),
    CHANGED,
  );
  return (
    <ConfirmDialog
      title="Remove this member?"
      word={member.email}
      action="Remove"
      change={remove}
      onConfirm={() => remove.mutate(null, { onSuccess: onClose })}
      onClose={onClose}
    >
      <p>
        <bdi className="text-fg">{member.name}</bdi> loses access at once; their identities and tokens go too. Their
        events stay.
      </p>
    </ConfirmDialog>
  );
}

function RoleAndTeam({
  role,
  team,
  teams,
  onRole,
  onTeam,
}: {
  role: Role;
  team: string | null;
  teams: readonly Team[];
  onRole(role: Role): void;
  onTeam(team: string | null): void;
}): ReactElement {
  return (
    <div className="grid gap-4 sm:grid-cols-2">
      <Field label="Role" hint={ROLE_WORDS[role]}>
        <select
          className="select"
          value={role}
          onChange={(event) => {
            const next = roleOf(event.target.value);
            if (next !== undefined) onRole(next);
          }}
        >
          {ROLES_DOWN.map((one) => (
            <option key={one} value={one}>
              {one}
            </option>
          ))}
        </select>
      </Field>
      <Field label="Team">
        <select
          className="select"
          value={team ?? ""}
          onChange={(event) => onTeam(event.target.value === "" ? null : event.target.value)}
        >
          <option value="">none</option>
          {teams.map(({ team_id, name }) => (
            <option key={team_id} value={team_id}>
              {name}
            </option>
          ))}
        </select>
      </Field>
    </div>
  );
}
