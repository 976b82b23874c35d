/** Errors, security alerts and other priority events as they come, newest first, in a box of fixed height. */
import { memo, type ReactElement } from "react";
import { typeLabel } from "../chart/palette.ts";
import { formatAge, formatMoment, type Zone } from "../format/time.ts";
import { IconAlert, IconError, IconInfo } from "../ui/icons.tsx";
import { Name } from "../ui/text.tsx";
import type { Notice } from "./model.ts";

/** Entries on screen. */
const MAX_SHOWN = 100;

export function NoticeFeed({
  notices,
  now,
  zone,
  loading,
}: {
  notices: readonly Notice[];
  /** Server ms. */
  now: number;
  zone: Zone;
  loading: boolean;
}): ReactElement {
  return (
    <section className="panel panel-fixed" aria-labelledby="notices-title">
      <div className="panel-head">
        <h2 id="notices-title">Errors and alerts</h2>
        <span className="panel-note">shown at once, counted when stored</span>
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard */}
      <section className="panel-scroll" tabIndex={0} aria-label="Errors and alerts, list">
        {loading ? (
          <div className="skeleton-rows">
            <span className="visually-hidden">Loading errors and alerts</span>
            {[80, 64, 72].map((width) => (
              <span key={width} className={`skeleton skeleton-row skeleton-w${width}`} />
            ))}
          </div>
        ) : notices.length === 0 ? (
          <p className="panel-empty">Nothing went wrong. Errors and security alerts appear here within a second.</p>
        ) : (
          <ol className="notices">
            {notices.slice(0, MAX_SHOWN).map((notice) => (
              <NoticeEntry key={notice.key} notice={notice} age={formatAge(now - notice.timestamp)} zone={zone} />
            ))}
          </ol>
        )}
      </section>
    </section>
  );
}

/** Drawn anew only when the notice or its age in words changes. */
const NoticeEntry = memo(function NoticeEntry({
  notice,
  age,
  zone,
}: {
  notice: Notice;
  age: string;
  zone: Zone;
}): ReactElement {
  const alert = notice.event_type === "security_alert";
  const kind = alert ? "alert" : notice.event_type === "error" ? "error" : "info";
  const Icon = alert ? IconAlert : kind === "error" ? IconError : IconInfo;
  return (
    <li className="notice" data-kind={kind}>
      <Icon />
      <span className="notice-title">
        <span className="visually-hidden">{typeLabel(notice.event_type)}: </span>
        <Name value={notice.title === "" ? typeLabel(notice.event_type) : notice.title} />
        {notice.severity === "" ? null : (
          <span className="tag" data-severity={notice.severity}>
            {notice.severity}
          </span>
        )}
      </span>
      <time
        className="notice-time"
        dateTime={new Date(notice.timestamp).toISOString()}
        title={formatMoment(notice.timestamp, zone)}
      >
        {age}
      </time>
      <span className="notice-where">
        {[notice.user_id, notice.agent, notice.repo]
          .filter((part) => part !== "")
          .map((part, i) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: three fixed places
            <Name key={i} value={part} />
          ))}
      </span>
    </li>
  );
});
