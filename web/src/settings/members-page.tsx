/** Members and teams: who belongs here, in which role and team, and who claims to be whom in events. Used by the route. */
import { type ReactElement, useMemo, useState } from "react";
import { type Member, MembersAnswerSchema } from "../../../schema/api/members.ts";
import { TeamsAnswerSchema } from "../../../schema/api/teams.ts";
import { useApiPages } from "../api/query.ts";
import { useMe } from "../app/me-context.ts";
import { ActionMenu } from "../ui/action-menu.tsx";
import { CsvMenu, csvTable } from "../ui/csv-menu.tsx";
import type { TableColumn } from "../ui/data-table.tsx";
import { Panel } from "../ui/panel.tsx";
import { PlainTable } from "../ui/plain-table.tsx";
import { Answer, Empty } from "../ui/states.tsx";
import { Name } from "../ui/text.tsx";
import { may } from "./access.ts";
import { ClaimsPanel } from "./claims-panel.tsx";
import { AddMemberDialog, ChangeMemberDialog, RemoveMemberDialog } from "./member-dialogs.tsx";
import { matchingMembers } from "./members.ts";
import { type Team, TeamsPanel } from "./teams-panel.tsx";
import { useOrg } from "./use-org.ts";

type Open = { kind: "add" } | { kind: "change" | "remove"; member: Member } | null;
/** The longest page there is. */
const PAGE = 200;
/** The track of a column that is only in the file. */
const ONLY_CSV = "0";

export function MembersPage(): ReactElement {
  const { params } = useOrg();
  const me = useMe();
  const teams = useApiPages(
    "/api/v1/teams",
    { ...params, limit: PAGE },
    TeamsAnswerSchema,
    may(me, "teams:read", "team"),
  );
  const known = useMemo(() => teams.data?.pages.flatMap((page): readonly Team[] => page.teams), [teams.data]);
  return (
    <div className="grid gap-4">
      <MembersPanel teams={known ?? []} />
      {may(me, "teams:read", "team") ? (
        <TeamsPanel query={{ data: known, error: teams.error, refetch: teams.refetch }} />
      ) : null}
      {may(me, "identities:write", "org") ? <ClaimsPanel /> : null}
    </div>
  );
}

function MembersPanel({ teams }: { teams: readonly Team[] }): ReactElement {
  const { params } = useOrg();
  const me = useMe();
  const writes = may(me, "members:write", "org");
  const pages = useApiPages("/api/v1/members", { ...params, limit: PAGE }, MembersAnswerSchema);
  const [search, setSearch] = useState("");
  const [open, setOpen] = useState<Open>(null);
  const close = (): void => setOpen(null);
  const all = useMemo(() => pages.data?.pages.flatMap((page) => page.members), [pages.data]);
  const members = useMemo(() => (all === undefined ? undefined : matchingMembers(all, search)), [all, search]);
  const columns: readonly TableColumn<Member>[] = [
    {
      key: "name",
      title: "Name",
      track: "",
      cell: (member) => <Person member={member} you={member.user_id === me.user_id} />,
      text: ({ name }) => name,
    },
    { key: "email", title: "email", track: ONLY_CSV, cell: () => null, text: ({ email }) => email },
    {
      key: "team",
      title: "Team",
      track: "",
      numeric: true,
      cell: ({ team_id }) => <TeamName id={team_id} teams={teams} />,
      text: ({ team_id }) => team_id,
    },
    { key: "role", title: "Role", track: "", numeric: true, cell: ({ role }) => role, text: ({ role }) => role },
    ...(writes
      ? [
          {
            key: "actions",
            title: "Actions",
            hideTitle: true,
            track: "",
            numeric: true,
            cell: (member: Member) => (
              <ActionMenu
                label={`${member.name === "" ? member.email : member.name}: more`}
                items={[
                  { label: "Role and team…", onSelect: () => setOpen({ kind: "change", member }) },
                  { label: "Remove…", onSelect: () => setOpen({ kind: "remove", member }) },
                ]}
              />
            ),
          },
        ]
      : []),
  ];
  return (
    <Panel
      title="Members"
      note={writes ? undefined : "as far as your role sees"}
      className="min-h-44"
      controls={
        <>
          <input
            type="search"
            className="input h-6 max-w-44 text-2"
            placeholder="Search"
            aria-label="Search members"
            value={search}
            onChange={(event) => setSearch(event.target.value)}
          />
          {writes ? (
            <button
              type="button"
              className="button button-primary button-small"
              onClick={() => setOpen({ kind: "add" })}
            >
              Add
              <span className="visually-hidden"> a member</span>
            </button>
          ) : null}
          <CsvMenu title="Members" table={csvTable(columns, members)} />
        </>
      }
    >
      <Answer
        query={{ data: members, error: pages.error, refetch: pages.refetch }}
        what="the members"
        isEmpty={(list) => list.length === 0}
        empty={<Empty title={search === "" ? "Nobody here that you may see" : "Nobody fits this search"} />}
      >
        {(list) => (
          <>
            <PlainTable
              label="Members"
              rows={list}
              columns={columns.filter(({ track }) => track !== ONLY_CSV)}
              keyOf={({ user_id }) => user_id}
            />
            {pages.hasNextPage ? (
              <p className="p-3 text-center">
                <button
                  type="button"
                  className="button button-small"
                  disabled={pages.isFetchingNextPage}
                  onClick={() => void pages.fetchNextPage()}
                >
                  Show more
                </button>
              </p>
            ) : null}
          </>
        )}
      </Answer>
      {open?.kind === "add" ? <AddMemberDialog teams={teams} onClose={close} /> : null}
      {open?.kind === "change" ? <ChangeMemberDialog member={open.member} teams={teams} onClose={close} /> : null}
      {open?.kind === "remove" ? <RemoveMemberDialog member={open.member} onClose={close} /> : null}
    </Panel>
  );
}

function Person({ member: { name, email }, you }: { member: Member; you: boolean }): ReactElement {
  return (
    <span className="flex min-w-0 items-center gap-2">
      <Name value={name} className="max-w-1/2 flex-none font-medium" />
      <Name value={email} className="text-muted" />
      {you ? <span className="tag">you</span> : null}
    </span>
  );
}

function TeamName({ id, teams }: { id: string | null; teams: readonly Team[] }): ReactElement {
  const name = teams.find(({ team_id }) => team_id === id)?.name ?? id;
  return (
    <span className="inline-block max-w-40 align-bottom">
      <Name value={name ?? ""} />
    </span>
  );
}
