/**
 * The summary of an import as text for a terminal. Called by main.ts. Pure.
 */
import type { ImportSummary } from "./run.ts";

/** Problems printed one by one; the rest is a number. */
const SHOWN_PROBLEMS = 20;

/** Names and numbers in two columns. */
function table(rows: readonly (readonly [string, number])[]): string[] {
  const width = Math.max(0, ...rows.map(([name]) => name.length));
  const digits = Math.max(0, ...rows.map(([, n]) => n.toLocaleString("en").length));
  return rows.map(([name, n]) => `  ${name.padEnd(width)}  ${n.toLocaleString("en").padStart(digits)}`);
}

const sorted = (map: Map<string, number>): [string, number][] => [...map].sort((a, b) => b[1] - a[1]);

/** Everything a person should know, most important last. */
export function summaryText(summary: ImportSummary, dryRun: boolean): string {
  const formats = new Map<string, number>();
  for (const { format } of summary.files) formats.set(format, (formats.get(format) ?? 0) + 1);
  const out = ["Files", ...table(sorted(formats))];
  if (summary.byType.size > 0) out.push("Events by type", ...table(sorted(summary.byType)));
  if (summary.other.size > 0) out.push("Lines that hold no event", ...table(sorted(summary.other)));
  if (summary.problems.length > 0) {
    out.push("Problems");
    for (const { path, line, reason } of summary.problems.slice(0, SHOWN_PROBLEMS))
      out.push(`  ${path}:${line}  ${reason}`);
    const more = summary.badLines + summary.rejected - Math.min(summary.problems.length, SHOWN_PROBLEMS);
    if (more > 0) out.push(`  and ${more.toLocaleString("en")} more`);
  }
  if (summary.reasons.size > 0) out.push("Not stored, by reason", ...table(sorted(summary.reasons)));
  const totals: [string, number][] = [
    ["events read", summary.events],
    ["bad lines", summary.badLines],
  ];
  if (!dryRun) {
    totals.push(
      ["sent", summary.sent],
      ["accepted", summary.accepted],
      ["duplicates", summary.duplicates],
      ["rejected", summary.rejected],
      ["failed", summary.failed],
    );
  }
  if (summary.stopped !== undefined) out.push(`Stopped early (${summary.stopped}); run it again to complete it`);
  out.push(dryRun ? "Dry run: nothing was sent" : "Result", ...table(totals));
  return out.join("\n");
}
