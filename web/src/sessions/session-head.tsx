/** Who, with what, where, how long and at what price: the top of a session's page. */
import { memo, type ReactElement, type ReactNode } from "react";
import type { Session } from "../../../schema/api/sessions.ts";
import { Swatch } from "../chart/swatch.tsx";
import { formatShare } from "../format/change.ts";
import { formatExact } from "../format/number.ts";
import { formatMoment, type Zone } from "../format/time.ts";
import { Name } from "../ui/text.tsx";
import type { Bucket, PullRequest } from "./event-facts.ts";
import { State } from "./session-columns.tsx";
import type { LoadedSession } from "./use-session.ts";

export interface SessionExtra {
  version: string;
  /** Null: not all events are here. */
  buckets: Record<Bucket, number> | null;
  pullRequests: readonly PullRequest[];
  completeness: LoadedSession["completeness"];
}

/** Not drawn anew when another event is chosen. */
export const SessionHead = memo(function SessionHead({
  session,
  extra,
  zone,
  now,
}: {
  session: Session;
  extra: SessionExtra;
  zone: Zone;
  now: number;
}): ReactElement {
  const { version, buckets, pullRequests, completeness } = extra;
  return (
    <section
      className="panel grid gap-4 p-4 md:grid-cols-[minmax(0,3fr)_minmax(0,2fr)]"
      aria-label="About this session"
    >
      <dl className="grid content-start gap-x-6 gap-y-2 sm:grid-cols-2">
        <Fact label="User">
          <Name value={session.user_id} />
        </Fact>
        <Fact label="State">
          <State session={session} now={now} />
        </Fact>
        <Fact label="Agent">
          <Name value={`${session.agent} ${version}`.trim()} />
        </Fact>
        <Fact label="Started">{formatMoment(Date.parse(session.started_at), zone)}</Fact>
        <Fact label={session.models.length > 1 ? "Models" : "Model"}>
          <Name value={session.models.join(", ")} />
        </Fact>
        <Fact label="Last event">{formatMoment(Date.parse(session.last_event_at), zone)}</Fact>
        <Fact label="Repo">
          <Name value={session.repo} />
        </Fact>
        <Fact label="Team">
          <Name value={session.team} />
        </Fact>
        <Fact label="Branch">
          <Name value={session.branch} className="mono" />
        </Fact>
        <Fact label="Environment">
          <Name value={session.environment} />
        </Fact>
      </dl>
      <div className="grid content-start gap-3">
        <TokenBar total={session.tokens} buckets={buckets} />
        <dl className="grid gap-2">
          {session.pull_requests === 0 ? null : (
            <Fact label="Pull requests">
              {pullRequests.length === 0 ? formatExact(session.pull_requests) : <PullRequests list={pullRequests} />}
            </Fact>
          )}
          {completeness === undefined || completeness === null ? null : (
            <Fact label="Completeness">
              <Completeness {...completeness} />
            </Fact>
          )}
        </dl>
      </div>
    </section>
  );
});

function Fact({ label, children }: { label: string; children: ReactNode }): ReactElement {
  return (
    <div className="grid grid-cols-[88px_minmax(0,1fr)] items-baseline gap-2">
      <dt className="text-muted">{label}</dt>
      <dd className="min-w-0">{children}</dd>
    </div>
  );
}

const SHOWN_BUCKETS: readonly { key: Bucket; label: string; token: string }[] = [
  { key: "input_tokens", label: "Input", token: "--series-1" },
  { key: "output_tokens", label: "Output", token: "--series-2" },
  { key: "cache_read_tokens", label: "Cache read", token: "--series-4" },
  { key: "cache_write_tokens", label: "Cache write", token: "--series-3" },
];

/** Tokens by bucket: shares as a bar, values as text. Reasoning is within the output of most models and is told apart. */
function TokenBar({ total, buckets }: { total: number; buckets: SessionExtra["buckets"] }): ReactElement {
  const sum = buckets === null ? 0 : SHOWN_BUCKETS.reduce((all, { key }) => all + buckets[key], 0);
  return (
    <div>
      <h2 className="mb-2 font-medium">
        Tokens{" "}
        <span className="font-normal text-muted">
          {formatExact(total)}
          {buckets === null ? ", by bucket when all events are loaded" : ""}
        </span>
      </h2>
      <div className="flex h-2 gap-px overflow-hidden rounded-full bg-hover" aria-hidden="true">
        {buckets === null || sum === 0
          ? null
          : SHOWN_BUCKETS.map(({ key, token }) => (
              <span key={key} style={{ width: `${(buckets[key] / sum) * 100}%`, background: `var(${token})` }} />
            ))}
      </div>
      <dl className="mt-2 grid grid-cols-2 gap-x-6 gap-y-1 text-2">
        {SHOWN_BUCKETS.map(({ key, label, token }) => (
          <div key={key} className="flex items-center gap-2">
            <dt className="flex items-center gap-2 text-muted">
              <Swatch token={token} />
              {label}
            </dt>
            <dd className="flex-1 text-end">{formatExact(buckets?.[key])}</dd>
          </div>
        ))}
        <div className="col-span-2 flex items-center gap-2">
          <dt className="text-muted">Reasoning, within the output</dt>
          <dd className="flex-1 text-end">{formatExact(buckets?.reasoning_tokens)}</dd>
        </div>
      </dl>
    </div>
  );
}

/** Names that fit; the rest is in the table of events. */
const MAX_PULL_REQUESTS = 5;

function PullRequests({ list }: { list: readonly PullRequest[] }): ReactElement {
  return (
    <ul>
      {list.slice(0, MAX_PULL_REQUESTS).map(({ name, url }) => (
        <li key={url ?? name} className="flex min-w-0">
          {url === null ? (
            <Name value={name} />
          ) : (
            <a href={url} target="_blank" rel="noopener noreferrer" className="min-w-0">
              <Name value={name} />
            </a>
          )}
        </li>
      ))}
      {list.length > MAX_PULL_REQUESTS ? (
        <li className="text-muted">and {list.length - MAX_PULL_REQUESTS} more</li>
      ) : null}
    </ul>
  );
}

function Completeness({
  share,
  missing_records,
  ledger_difference,
}: NonNullable<SessionExtra["completeness"]>): ReactElement {
  const tone = missing_records > 0 ? "text-warn" : "";
  return (
    <span className={tone}>
      {share === null ? "not measurable" : `${formatShare(share)} of the agent's records`}
      {missing_records === 0 ? "" : `, ${formatExact(missing_records)} missing`}
      {ledger_difference === null ? "" : `, tokens differ from its metrics by ${formatShare(ledger_difference)}`}
    </span>
  );
}
