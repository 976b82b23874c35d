/**
 * One tenant's heavy questions beside another tenant's dashboard: people of the first ask raw questions over metadata of all its
 * events as fast as they are let, one of the second asks for its dashboard. Target: the dashboard's median is at most twice what it is
 * alone, and none of its requests fails.
 */

import { type BenchResult, median, percentile, round } from "./result.ts";
import { PublicErrorCounts } from "./support/answers.ts";
import { ask, dashboardQueries } from "./support/dashboard.ts";
import { makeHistory, rollUp } from "./support/history.ts";
import { signIn } from "./support/live-client.ts";
import { withSystem } from "./support/whole-system.ts";

const ROWS = Number(process.env.TENFOLD_BENCH_ROWS ?? 5) * 1_000_000;
const HEAVY_PEOPLE = 12;
const SECONDS = 20;
const TARGET = 2;

export async function run(): Promise<BenchResult> {
  return await withSystem(async ({ devJson }) => {
    const [heavy, quiet] = devJson.orgs.filter(({ residency }) => residency !== "eu");
    const [heavyUser] = heavy?.users ?? [];
    const [quietUser] = quiet?.users ?? [];
    if (heavy === undefined || quiet === undefined || heavyUser === undefined || quietUser === undefined) {
      throw new Error("the seed has no two tenants outside the EU");
    }
    const end = Math.floor(Date.now() / 3_600_000) * 3_600_000;
    await makeHistory(devJson, ROWS, end);
    await rollUp(devJson, end);
    const { url } = devJson;
    const queries = dashboardQueries(quiet.org_id, end);
    const cookies = await Promise.all(Array.from({ length: 8 }, () => signIn(url, quietUser)));
    const dashboard = async (until: () => boolean): Promise<number[]> => {
      const times: number[] = [];
      for (let n = 0; !until() || n < queries.length; n++) {
        const query = queries[n % queries.length];
        if (query !== undefined) times.push(await ask(url, cookies[n % cookies.length] ?? "", query.path, true));
      }
      return times;
    };
    const timer = (): (() => boolean) => {
      const over = performance.now() + SECONDS * 1_000;
      return () => performance.now() > over;
    };
    const alone = await dashboard(timer());

    const counts = new PublicErrorCounts();
    let going = true;
    const heavyCookies = await Promise.all(Array.from({ length: HEAVY_PEOPLE }, () => signIn(url, heavyUser)));
    const noise = Promise.all(
      heavyCookies.map(async (cookie, person) => {
        for (let n = 0; going; n++) {
          const response = await fetch(`${url}/api/v1/query?org=${heavy.org_id}`, {
            method: "POST",
            headers: { cookie, "content-type": "application/json", origin: url, "cache-control": "no-cache" },
            body: JSON.stringify(heavyQuestion(end, person * 1_000 + n)),
          });
          await counts.add(response);
        }
      }),
    );
    const beside = await dashboard(timer());
    going = false;
    await noise;
    const ratio = median(beside) / median(alone);
    const row = (what: string, times: readonly number[]) => ({
      what,
      "p50 ms": round(median(times)),
      "p95 ms": round(percentile(times, 0.95)),
      "p99 ms": round(percentile(times, 0.99)),
      answers: times.length,
    });
    return {
      title: `noisy-reader: ${HEAVY_PEOPLE} people ask raw questions over ${ROWS / 1e6} M events, another tenant's dashboard beside it`,
      rows: [row("dashboard alone (cold)", alone), row("dashboard beside the noise (cold)", beside)],
      notes: [
        `the noisy tenant's answers by status: ${counts.text()}`,
        `median ${round(ratio, 2)} times (target <= ${TARGET}): ${ratio <= TARGET ? "met" : "MISSED"}; the dashboard had no failed request`,
      ],
    };
  });
}

/** A question that no rollup answers and no two of which are equal. */
function heavyQuestion(end: number, nth: number): unknown {
  return {
    from: new Date(end - 29 * 86_400_000).toISOString(),
    to: new Date(end - nth * 1_000).toISOString(),
    measures: [
      { fn: "p95", of: { path: ["duration_ms"] } },
      { fn: "uniq", of: { path: ["message"] } },
    ],
    dimensions: [{ path: ["code"] }],
    limit: 100,
  };
}
