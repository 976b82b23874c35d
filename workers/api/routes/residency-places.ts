/**
 * Where each kind of a tenant's data is, and who guarantees it: plain words, nothing claimed that is not so. Pure; called by
 * the residency route.
 */
import type { DataPlace, Guarantee } from "../../../schema/api/residency.ts";
import type { Residency, StorageRegion } from "../../../schema/pack.ts";

export interface Tenancy {
  residency: Residency;
  /** Where the live object is. */
  primaryRegion: StorageRegion;
  /** One machine stands for every region: nothing is pinned. */
  emulated: boolean;
}

const EDGE = "the Cloudflare location nearest to the caller, in memory";
const PINNED = "Cloudflare: created with jurisdiction eu, which cannot be changed; the deploy check reads it back";
const UNPINNED = "nobody: no jurisdiction is asked for";
const OURS =
  "whoever runs Tenfold chooses the region of this ClickHouse; the Worker sends it only events of that region";
const REGIONAL =
  "nobody, unless Cloudflare Regional Services is on for this hostname: then TLS ends, and this runs, in the region";
const ONE_MACHINE = "nobody: jurisdictions are emulated on one machine";

const CLICKHOUSE: Record<Residency, string> = {
  us: "ClickHouse US",
  eu: "ClickHouse EU",
  global: "ClickHouse US or EU, by the ingest key that sent them",
};

/** One entry per kind of data, in the order of DATA_KINDS. */
export function placesOf({ residency, primaryRegion, emulated }: Tenancy): DataPlace[] {
  const eu = residency === "eu";
  const liveInEu = eu || primaryRegion === "eu";
  const entry = (
    data: DataPlace["data"],
    stored: string,
    processed: string,
    guarantee: Guarantee,
    guaranteed_by: string,
  ): DataPlace =>
    emulated && guarantee === "platform"
      ? { data, stored, processed, guarantee: "emulated", guaranteed_by: ONE_MACHINE }
      : { data, stored, processed, guarantee, guaranteed_by };
  const pinned = (inEu: boolean): [Guarantee, string] => (inEu ? ["platform", PINNED] : ["none", UNPINNED]);
  const objectIn = (inEu: boolean): string =>
    inEu ? "a Durable Object in the EU" : "a Durable Object near where it was first used";
  const bucket = eu
    ? "R2 bucket in the EU"
    : residency === "us"
      ? "R2 bucket without jurisdiction"
      : "R2 bucket without jurisdiction; packs of EU keys in the R2 bucket in the EU";
  return [
    entry("requests", "not stored", `TLS ends, the key is checked and events are parsed at ${EDGE}`, "none", REGIONAL),
    entry("events", CLICKHOUSE[residency], CLICKHOUSE[residency], "operator", OURS),
    // Computed inside ClickHouse; the Workflow that asks for it holds a region, times and ids of organisations.
    entry("rollups and reports", CLICKHOUSE[residency], CLICKHOUSE[residency], "operator", OURS),
    entry("live view", objectIn(liveInEu), objectIn(liveInEu), ...pinned(liveInEu)),
    // Series of cumulative metrics and what arrived of each agent: no event and no person.
    entry("telemetry counters", objectIn(liveInEu), objectIn(liveInEu), ...pinned(liveInEu)),
    eu
      ? entry(
          "packs in transit",
          `${objectIn(true)}; a copy for 7 days in an ${bucket}`,
          objectIn(true),
          ...pinned(true),
        )
      : entry(
          "packs in transit",
          `Cloudflare Queues without jurisdiction; a copy for 7 days in: ${bucket}`,
          "a queue consumer at any Cloudflare location",
          ...pinned(false),
        ),
    entry(
      "dead letters and spill",
      bucket,
      eu ? objectIn(true) : "a queue consumer or the cron, anywhere",
      ...pinned(eu),
    ),
    entry(
      "configuration",
      eu
        ? "D1 database in the EU; a global routing database holds key ids, key hashes and the organisation's id, nothing of people"
        : "D1 database without jurisdiction",
      `the database; cached at ${EDGE}`,
      ...pinned(eu),
    ),
    entry(
      "people",
      eu ? "D1 database in the EU" : "D1 database without jurisdiction",
      `the database; ${EDGE}`,
      ...pinned(eu),
    ),
    entry(
      "logs",
      "Cloudflare Workers Logs, 1% of requests and errors, 7 days: ids of organisations, keys and packs; no event, key or URL",
      "Cloudflare, outside any jurisdiction",
      "none",
      "nobody: Workers Logs have no jurisdiction",
    ),
    entry(
      "API answers",
      eu
        ? "not stored: an EU tenant's answers never enter a cache"
        : "at most for seconds, at the location that answered",
      `${eu ? "queried in the EU, answered" : "answered"} at ${EDGE}`,
      "none",
      REGIONAL,
    ),
  ];
}
