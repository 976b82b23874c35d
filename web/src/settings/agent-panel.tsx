/** One agent: since when and in which versions it sends, what became of its records, how complete they are. Used by the integrations page. */
import type { ReactElement, ReactNode } from "react";
import { formatShare } from "../format/change.ts";
import { formatCount, formatExact } from "../format/number.ts";
import type { Zone } from "../format/time.ts";
import { Panel } from "../ui/panel.tsx";
import { Name } from "../ui/text.tsx";
import { type AgentFacts, completenessOf, fatesOf } from "./integrations.ts";
import { Ago } from "./key-columns.tsx";

/** Versions and names in sight; the rest is a number. */
const MOST = 6;

export function AgentPanel({ agent, now, zone }: { agent: AgentFacts; now: number; zone: Zone }): ReactElement {
  const complete = completenessOf(agent.completeness);
  const fates = fatesOf(agent.records);
  const unnamed = agent.unknown_names.slice(0, MOST);
  return (
    <Panel
      title={agent.agent}
      note={
        <>
          last seen <Ago at={agent.last_seen} now={now} zone={zone} />
        </>
      }
      controls={agent.silent ? <span className="tag tag-warn">silent for longer than usual</span> : null}
    >
      <div className="grid gap-4 px-4 pb-4 md:grid-cols-[minmax(0,1fr)_minmax(0,2fr)]">
        <dl className="grid content-start gap-x-4 gap-y-1 [grid-template-columns:auto_minmax(0,1fr)]">
          <Fact label="First seen">
            <Ago at={agent.first_seen} now={now} zone={zone} />
          </Fact>
          <Fact label="Versions">
            {agent.versions.length === 0 ? (
              "—"
            ) : (
              <span className="flex flex-wrap gap-1">
                {agent.versions.slice(0, MOST).map(({ version }) => (
                  <span key={version} className="tag max-w-full">
                    <Name value={version} />
                  </span>
                ))}
                {agent.versions.length > MOST ? (
                  <span className="text-muted">and {agent.versions.length - MOST} more</span>
                ) : null}
              </span>
            )}
          </Fact>
          <Fact label="Completeness">
            <span className={complete.warn ? "font-medium text-warn" : "font-medium"}>{complete.text}</span>
            <span className="block text-2 text-muted">{complete.note}</span>
          </Fact>
          <Fact label="Mapping">version {agent.mapping_version}</Fact>
        </dl>
        <div className="grid min-w-0 content-start gap-2">
          <p>
            <span className="font-medium" title={formatExact(agent.records.received)}>
              {formatCount(agent.records.received)}
            </span>{" "}
            <span className="text-muted">records received</span>
          </p>
          <div className="flex h-2 gap-px overflow-hidden rounded-md bg-sunken" aria-hidden="true">
            {fates.map(({ key, count, token }) =>
              count === 0 ? null : (
                <span key={key} className="min-w-1" style={{ flexGrow: count, background: `var(${token})` }} />
              ),
            )}
          </div>
          <ul className="grid gap-x-4 gap-y-1 sm:grid-cols-2 lg:grid-cols-3">
            {fates.map(({ key, label, meaning, count, share, token }) => (
              <li key={key} className="flex min-w-0 items-center gap-2" title={meaning}>
                <span
                  className="size-2 flex-none rounded-xs"
                  style={{ background: `var(${token})` }}
                  aria-hidden="true"
                />
                <span className="text-muted">{label}</span>
                <span title={formatExact(count)}>{formatCount(count)}</span>
                <span className="text-2 text-muted">{formatShare(share)}</span>
              </li>
            ))}
          </ul>
          {unnamed.length === 0 ? null : (
            <p className="flex flex-wrap items-center gap-1 text-2 text-muted">
              Unknown names:
              {unnamed.map(({ name, count }) => (
                <span key={name} className="tag max-w-60" title={`${name}: ${formatExact(count)}`}>
                  <Name value={name} />
                </span>
              ))}
              {agent.unknown_names.length > MOST ? `and ${agent.unknown_names.length - MOST} more` : null}
            </p>
          )}
        </div>
      </div>
    </Panel>
  );
}

function Fact({ label, children }: { label: string; children: ReactNode }): ReactElement {
  return (
    <>
      <dt className="text-muted">{label}</dt>
      <dd className="min-w-0">{children}</dd>
    </>
  );
}
