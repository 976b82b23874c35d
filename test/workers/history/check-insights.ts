/** The insights against the second opinion: the same questions in SQL of their own over the events. */
import { expect } from "vitest";
import {
  ActiveUsersAnswerSchema,
  ErrorsAnswerSchema,
  FunnelAnswerSchema,
  TOP_DIMENSIONS,
  TopAnswerSchema,
  UnitCostsAnswerSchema,
} from "../../../schema/api/insights.ts";
import { SERIES_METRICS } from "../../../schema/api/metrics.ts";
import { type Asking, iso, queryOf, ZONES } from "./asking.ts";
import { COLUMNS, eventsOf, totals, VALUES } from "./second-opinion.ts";
import { DAY } from "./world.ts";

export async function checkTop(asking: Asking): Promise<string[]> {
  const { world } = asking;
  const asker = asking.asker();
  const of = asking.range();
  const by = asking.filters();
  const [dimension, metric] = [asking.oneOf(TOP_DIMENSIONS), asking.oneOf(SERIES_METRICS)];
  const path = `/api/v1/metrics/top?${queryOf(by, { dimension, metric, limit: "100", from: iso(of.from), to: iso(of.to) })}`;
  const answer = TopAnswerSchema.strict().parse(await asking.get(asker, path));
  if (answer.stale_hours.length > 0) return ["stale"];
  const read = async (range: { from: number; to: number }) => {
    const rows = await world.rows<{ n: string; total: number; v: string }>(
      "us",
      `SELECT toString(${COLUMNS[dimension]}) AS n, toUInt8(grouping(n)) AS total, toString(${VALUES[metric]}) AS v
       FROM ${eventsOf({ ...asker.asked, ...range, filters: by })} WHERE ${COLUMNS[dimension]} != '' GROUP BY GROUPING SETS ((n), ())`,
    );
    return new Map(rows.map(({ n, total, v }) => [total === 1 ? "" : n, v]));
  };
  const now = await read(of);
  const before = await read({ from: Date.parse(answer.previous_from), to: of.from });
  const shown = (value: number | string | null): string => String(value ?? 0);
  expect([path, answer.items.map(({ name }) => name).sort()]).toEqual([path, [...now.keys()].filter(Boolean).sort()]);
  for (const { name, value, previous } of [{ name: "", ...answer.total }, ...answer.items]) {
    const wanted = [now.get(name) ?? "0", before.get(name) ?? "0"];
    expect([path, name, shown(value), shown(previous)]).toEqual([path, name, ...wanted]);
  }
  const values = answer.items.map(({ value }) => Number(value));
  expect([path, values]).toEqual([path, [...values].sort((a, b) => b - a)]);
  return answer.sources;
}

export async function checkActiveUsers(asking: Asking): Promise<string[]> {
  const { world } = asking;
  const asker = asking.asker();
  const of = asking.range(9 * DAY);
  const by = asking.filters();
  const zone = asking.oneOf(ZONES);
  const byTeam = asking.random() < 0.5;
  const rest = { timezone: zone, group_by: byTeam ? "team" : undefined, from: iso(of.from), to: iso(of.to) };
  const path = `/api/v1/metrics/active-users?${queryOf(by, rest)}`;
  const answer = ActiveUsersAnswerSchema.strict().parse(await asking.get(asker, path));
  if (answer.stale_hours.length > 0) return ["stale"];
  for (const [i, day] of answer.days.entries()) {
    const today = `toDate(fromUnixTimestamp64Milli(toInt64(${Date.parse(day)}), 'UTC'), '${zone}')`;
    const within = (days: number): string =>
      `toDate(timestamp, '${zone}') <= ${today} AND toDate(timestamp, '${zone}') > ${today} - ${days}`;
    const rows = await world.rows<{ team: string; d: string; w: string; m: string }>(
      "us",
      `SELECT ${byTeam ? "toString(team_id)" : "''"} AS team,
         toString(uniqExactIf(user_id, ${within(1)})) AS d, toString(uniqExactIf(user_id, ${within(7)})) AS w, toString(uniqExactIf(user_id, ${within(30)})) AS m
       FROM ${eventsOf({ ...asker.asked, filters: by, from: of.from - 40 * DAY, to: of.to + 2 * DAY })} GROUP BY team`,
    );
    const expected = new Map(rows.map(({ team, d, w, m }) => [team, [d, w, m].map(Number)]));
    for (const { team, daily, weekly, monthly } of answer.series) {
      const counts = [daily[i], weekly[i], monthly[i]];
      expect([path, day, team, counts]).toEqual([path, day, team, expected.get(team ?? "") ?? [0, 0, 0]]);
    }
    for (const [team, [, , month]] of expected) {
      const isShown = answer.series.some((one) => (one.team ?? "") === team);
      expect([path, day, team, isShown || month === 0]).toEqual([path, day, team, true]);
    }
  }
  return answer.sources;
}

export async function checkFunnel(asking: Asking): Promise<string[]> {
  const asker = asking.asker();
  const of = asking.range();
  const by = asking.filters(["type"]);
  const path = `/api/v1/metrics/funnel?${queryOf(by, { from: iso(of.from), to: iso(of.to) })}`;
  const answer = FunnelAnswerSchema.strict().parse(await asking.get(asker, path));
  if (answer.stale_hours.length > 0) return ["stale"];
  const [row] = await asking.world.rows<Record<string, string>>(
    "us",
    `SELECT toString(count()) AS a, toString(countIf(code)) AS b, toString(countIf(code AND pr)) AS c, toString(countIf(pr AND NOT code)) AS d FROM (
       SELECT session_id, countIf(event_type = 'code_generated') > 0 AS code, countIf(event_type = 'pr_created') > 0 AS pr
       FROM ${eventsOf({ ...asker.asked, ...of, filters: by })} GROUP BY session_id)`,
  );
  const given = [...answer.steps.map(({ sessions }) => sessions), answer.pull_requests_without_code];
  expect([path, given]).toEqual([path, Object.values(row ?? {}).map(Number)]);
  return answer.sources;
}

export async function checkUnitCosts(asking: Asking): Promise<string[]> {
  const asker = asking.asker();
  const of = asking.range();
  const by = asking.filters(["type"]);
  const path = `/api/v1/metrics/unit-costs?${queryOf(by, { from: iso(of.from), to: iso(of.to) })}`;
  const answer = UnitCostsAnswerSchema.strict().parse(await asking.get(asker, path));
  if (answer.stale_hours.length > 0) return ["stale"];
  const expected = await totals(asking.world, { ...asker.asked, ...of, filters: by });
  const cost = BigInt(expected.cost_nano_usd ?? "0");
  const counts = {
    session: expected.sessions,
    user: expected.users,
    pull_request: expected.pull_requests,
    accepted_suggestion: expected.accepted,
    line_added: expected.lines_added,
  };
  expect([path, answer.cost_nano_usd.value]).toEqual([path, cost.toString()]);
  for (const { unit, count, cost_nano_usd } of answer.units) {
    const many = Number(counts[unit]);
    const each = many === 0 ? null : (cost / BigInt(many)).toString();
    expect([path, unit, count.value, cost_nano_usd.value]).toEqual([path, unit, many, each]);
  }
  return answer.sources;
}

export async function checkErrors(asking: Asking): Promise<string[]> {
  const asker = asking.asker();
  const of = asking.range();
  const by = asking.filters(["type"]);
  const limit = asking.oneOf([1, 2, 100]);
  const base = { limit: String(limit), from: iso(of.from), to: iso(of.to) };
  const groups = [];
  for (let cursor: string | undefined, more = true; more; ) {
    const path = `/api/v1/errors?${queryOf(by, { ...base, cursor })}`;
    const page = ErrorsAnswerSchema.strict().parse(await asking.get(asker, path));
    groups.push(...page.groups);
    cursor = page.next_cursor ?? undefined;
    more = cursor !== undefined;
  }
  const rows = await asking.world.rows<Record<string, string>>(
    "us",
    `SELECT toString(error_code) AS code, toString(tool_name) AS tool, toString(count()) AS n, toString(uniqExact(user_id)) AS users,
       toString(uniqExact(session_id)) AS sessions, toString(toUnixTimestamp64Milli(min(timestamp))) AS a, toString(toUnixTimestamp64Milli(max(timestamp))) AS b
     FROM ${eventsOf({ ...asker.asked, ...of, filters: by })} WHERE event_type = 'error' GROUP BY code, tool`,
  );
  const wanted = rows.map(({ code, tool, n, users, sessions, a, b }) =>
    [code, tool, n, users, sessions, iso(Number(a)), iso(Number(b))].join(" "),
  );
  const given = groups.map(({ code, tool, count, users, sessions, first_seen, last_seen }) =>
    [code, tool, count, users, sessions, first_seen, last_seen].join(" "),
  );
  expect([base, given.sort()]).toEqual([base, wanted.sort()]);
  for (const { shape } of groups) expect(shape).toBe("cannot open <path> at <hex>");
  expect(new Set(groups.map(({ fingerprint }) => fingerprint)).size).toBe(groups.length);
  const counts = groups.map(({ count }) => count);
  expect(counts).toEqual([...counts].sort((x, y) => y - x));
  return [];
}
