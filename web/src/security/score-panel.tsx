/** The compliance score of the latest reported day, what took points off it, and how it went. Used by Security. */
import type { ReactElement } from "react";
import { DailyReportsAnswerSchema } from "../../../schema/api/reports.ts";
import { useApi } from "../api/query.ts";
import { useOrg } from "../settings/use-org.ts";
import { Panel } from "../ui/panel.tsx";
import { Sparkline } from "../ui/sparkline.tsx";
import { Answer, Empty } from "../ui/states.tsx";
import { formatPoints, type ScoreTone, scoreParts, scoreTone } from "./score.ts";

const TONES: Record<ScoreTone, string> = { good: "text-good", warn: "text-warn", bad: "text-bad" };

export function ScorePanel(): ReactElement {
  const { params } = useOrg();
  const query = useApi("/api/v1/reports/daily", params, DailyReportsAnswerSchema);
  const latest = query.data?.reports.at(-1);
  return (
    <Panel
      title="Compliance score"
      note={latest === undefined ? "of whole UTC days" : `of ${latest.day} (UTC)`}
      className="min-h-52"
    >
      <Answer
        query={query}
        what="the compliance score"
        isEmpty={() => latest === undefined}
        empty={
          <Empty title="No day has a score yet">
            <p>The first one comes after midnight UTC, when a day with events is over and counted.</p>
          </Empty>
        }
      >
        {({ reports }) =>
          latest === undefined ? null : (
            <div className="grid gap-4 px-4 pb-4 md:grid-cols-[160px_minmax(0,1fr)]">
              <div className="grid content-start gap-2">
                <p>
                  <span
                    className={`text-6 font-semibold ${TONES[scoreTone(latest.compliance.score)]}`}
                    title={String(latest.compliance.score)}
                  >
                    {formatPoints(latest.compliance.score)}
                  </span>
                  <span className="text-muted"> of 100</span>
                </p>
                {reports.length < 2 ? null : (
                  <p className="flex items-center gap-2 text-2 text-muted">
                    <Sparkline values={reports.map(({ compliance }) => compliance.score)} /> {reports.length} days
                  </p>
                )}
              </div>
              <ul className="grid gap-3 lg:grid-cols-2">
                {scoreParts(latest).map(({ key, label, points, most, why, way }) => (
                  <li key={key} data-part={key} className="grid content-start gap-1">
                    <p className="flex items-center gap-2">
                      <span className="font-medium">{label}</span>
                      <span className={points > 0 ? "text-bad" : "text-good"}>
                        {points > 0 ? `−${formatPoints(points)}` : "0"}
                      </span>
                      <span className="text-2 text-muted">of at most {most}</span>
                    </p>
                    <span className="block h-1 overflow-hidden rounded-md bg-hover" aria-hidden="true">
                      <span
                        className="block h-full bg-bad"
                        style={{ width: `${Math.min(100, (points / most) * 100)}%` }}
                      />
                    </span>
                    <p className="text-2 text-muted">
                      {why}. {points > 0 ? way : ""}
                    </p>
                  </li>
                ))}
              </ul>
            </div>
          )
        }
      </Answer>
    </Panel>
  );
}
