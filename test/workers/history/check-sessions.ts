/** The list of sessions against the second opinion: whole sessions, out of all their events. */
import { expect } from "vitest";
import { type Session, SessionAnswerSchema, SessionsAnswerSchema } from "../../../schema/api/sessions.ts";
import { type Asking, iso, queryOf } from "./asking.ts";
import { COLUMNS, eventsOf } from "./second-opinion.ts";

const EVER = { from: Date.UTC(2025, 10, 1), to: Date.UTC(2027, 0, 1) };
const first = (column: string): string => `argMinIf(toString(${column}), (timestamp, event_id), ${column} != '')`;

export async function checkSessions(asking: Asking): Promise<string[]> {
  // Of a session in two regions each region decides by its own part; the API's own tests have those.
  const asker = asking.oneOf(asking.askers.filter(({ asked }) => asked.regions.length === 1));
  const of = asking.range();
  const by = asking.filters();
  const limit = asking.oneOf(["7", "50", "200"]);
  const sessions: Session[] = [];
  for (let cursor: string | undefined, more = true; more; ) {
    const path = `/api/v1/sessions?${queryOf(by, { limit, cursor, from: iso(of.from), to: iso(of.to) })}`;
    const page = SessionsAnswerSchema.strict().parse(await asking.get(asker, path));
    sessions.push(...page.sessions);
    cursor = page.next_cursor ?? undefined;
    more = cursor !== undefined && sessions.length < 30;
  }
  const met = Object.entries(by).map(
    ([name, values]) => `countIf(${COLUMNS[name]} IN (${values?.map((value) => `'${value}'`).join(", ")})) > 0`,
  );
  const rows = await asking.world.rows<Record<string, string>>(
    "us",
    `SELECT session_id AS c_id, argMin(user_id, (timestamp, event_id)) AS c_user, ${first("team_id")} AS c_team, ${first("repo")} AS c_repo,
       ${first("environment")} AS c_environment, toString(toUnixTimestamp64Milli(min(timestamp))) AS a, toString(toUnixTimestamp64Milli(max(timestamp))) AS b,
       toString(count()) AS c_events, toString(countIf(event_type = 'error')) AS c_errors, toString(sum(coalesce(cost_nano_usd, 0))) AS c_cost,
       toString(sum(input_tokens) + sum(output_tokens) + sum(cache_read_tokens) + sum(cache_write_tokens)) AS c_tokens, toString(sum(lines_added)) AS c_added,
       arrayStringConcat(arraySort(groupUniqArrayIf(toString(model), model != '')), ' ') AS c_models, toString(countIf(event_type = 'session_end') > 0) AS c_ended,
       argMaxIf(toString(outcome), (timestamp, event_id), event_type = 'session_end') AS c_outcome
     FROM ${eventsOf({ ...asker.asked, ...EVER })} GROUP BY session_id
     HAVING min(timestamp) < fromUnixTimestamp64Milli(toInt64(${of.to})) AND max(timestamp) >= fromUnixTimestamp64Milli(toInt64(${of.from}))
       ${met.map((condition) => `AND ${condition}`).join(" ")}
     ORDER BY min(timestamp) DESC, session_id DESC LIMIT ${sessions.length < 30 ? 10_000 : sessions.length}`,
  );
  const wanted = rows.map((row) => Object.values({ ...row, a: iso(Number(row.a)), b: iso(Number(row.b)) }).join("|"));
  const given = sessions.map((one) =>
    [
      ...[one.session_id, one.user_id, one.team, one.repo, one.environment, one.started_at, one.last_event_at],
      ...[one.events, one.errors, one.cost_nano_usd, one.tokens, one.lines_added, one.models.join(" ")],
      ...[one.ended ? 1 : 0, one.outcome],
    ].join("|"),
  );
  expect([asker.principal.user_id, by, of, given]).toEqual([asker.principal.user_id, by, of, wanted]);
  const [some] = sessions;
  if (some === undefined) return [];
  const path = `/api/v1/sessions/${encodeURIComponent(some.session_id)}?limit=200`;
  const detail = SessionAnswerSchema.strict().parse(await asking.get(asker, path));
  expect([path, detail.session]).toEqual([path, some]);
  expect([path, detail.events.length]).toEqual([path, Math.min(200, some.events)]);
  return [];
}
