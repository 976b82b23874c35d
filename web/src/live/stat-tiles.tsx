/** The big numbers: short in the tile, exact on hover. Skeletons keep the place until the first snapshot. */
import type { ReactElement } from "react";
import { formatUsd, formatUsdExact } from "../format/money.ts";
import { formatCount, formatExact, formatRate } from "../format/number.ts";
import type { SessionCounts } from "./model.ts";
import { type Summary, tokensOf } from "./summary.ts";

interface Tile {
  key: string;
  label: string;
  value: string;
  exact: string;
  note: string;
  tone?: "bad" | "warn";
}

export function StatTiles({
  summary,
  sessions,
  loading,
}: {
  summary: Summary;
  sessions: SessionCounts;
  loading: boolean;
}): ReactElement {
  return (
    <dl className="tiles" aria-busy={loading}>
      {tilesOf(summary, sessions).map((tile) => (
        <div className="tile" key={tile.key} data-stat={tile.key}>
          <dt>{tile.label}</dt>
          <dd>
            {loading ? (
              <span className="skeleton skeleton-number">
                <span className="visually-hidden">Loading</span>
              </span>
            ) : (
              <>
                <span className="tile-value" data-tone={tile.tone} title={tile.exact}>
                  {tile.value}
                </span>
                <span className="tile-note" title={tile.note}>
                  {tile.note}
                </span>
              </>
            )}
          </dd>
        </div>
      ))}
    </dl>
  );
}

function tilesOf(summary: Summary, sessions: SessionCounts): Tile[] {
  const { measures } = summary;
  const tokens = tokensOf(measures);
  const unpriced = measures.unpriced_tokens;
  return [
    {
      key: "rate",
      label: "Events per second",
      value: formatRate(summary.perSecond),
      exact:
        summary.perSecond === null
          ? "not known yet"
          : `${formatExact(Number(summary.perSecond.toFixed(2)))} per second`,
      note: `${formatCount(summary.events)} in 15 min`,
    },
    {
      key: "sessions",
      label: "Sessions running",
      value: formatCount(sessions.running),
      exact: formatExact(sessions.running),
      note: `${formatCount(sessions.idle)} idle`,
    },
    {
      key: "errors",
      label: "Errors",
      value: formatCount(summary.errors),
      exact: formatExact(summary.errors),
      note: `${formatCount(summary.alerts)} security ${summary.alerts === 1 ? "alert" : "alerts"}`,
      ...(summary.errors > 0 ? { tone: "bad" as const } : {}),
    },
    {
      key: "cost",
      label: "Cost",
      value: formatUsd(summary.costNano),
      exact: formatUsdExact(summary.costNano),
      note: unpriced > 0 ? `${formatCount(unpriced)} tokens unpriced` : "all tokens priced",
    },
    {
      key: "tokens",
      label: "Tokens",
      value: formatCount(tokens),
      exact: [
        `${formatExact(measures.input_tokens)} in`,
        `${formatExact(measures.output_tokens)} out`,
        `${formatExact(measures.cache_read_tokens)} read from cache`,
        `${formatExact(measures.cache_write_tokens)} written to cache`,
      ].join(", "),
      note: `${formatCount(measures.output_tokens)} out`,
    },
    {
      key: "lines",
      label: "Lines added",
      value: formatCount(measures.lines_added),
      exact: formatExact(measures.lines_added),
      note: `${formatCount(measures.lines_removed)} removed`,
    },
  ];
}
