/**
 * Recorded runs of real agents (test/fixtures/otlp: request bodies in order of arrival, gzipped) decoded, and what a caller of
 * the normaliser does with cumulative facts. For the tests of the normalisers.
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { inRoot } from "../../dev/paths.ts";
import { decode } from "../../workers/ingest/otlp/decode.ts";
import type { DataPoint, LogRecord, OtlpExport } from "../../workers/ingest/otlp/model.ts";
import type { CumulativeFact, NormalisedEvent } from "../../workers/ingest/otlp/normalise/contract.ts";
import { normalise } from "../../workers/ingest/otlp/normalise/normalise.ts";

/** One run: its folder's name under the agent's, as in the recordings. */
export interface Scenario {
  agent: string;
  name: string;
}

export interface RecordedBody {
  file: string;
  signal: OtlpExport["signal"];
  encoding: "json" | "protobuf";
  bytes: Uint8Array;
}

const FILE = /^\d+-.*-(logs|metrics|traces)\.(json|bin)\.gz$/;
const root = inRoot("test/fixtures/otlp");

/** All runs of agents whose folder begins with `agent`. */
export function scenarios(agent: string): Scenario[] {
  if (!existsSync(root)) return [];
  return readdirSync(root)
    .filter((folder) => folder.startsWith(agent))
    .sort()
    .flatMap((folder) =>
      readdirSync(`${root}/${folder}`)
        .sort()
        .map((name) => ({ agent: folder, name })),
    );
}

/** A run's bodies, in order of arrival. */
export function bodies({ agent, name }: Scenario): RecordedBody[] {
  const folder = `${root}/${agent}/${name}`;
  return readdirSync(folder)
    .sort()
    .flatMap((file) => {
      const [, signal, kind] = FILE.exec(file) ?? [];
      if (signal !== "logs" && signal !== "metrics" && signal !== "traces") return [];
      const bytes = new Uint8Array(gunzipSync(readFileSync(`${folder}/${file}`)));
      return [{ file, signal, encoding: kind === "json" ? "json" : "protobuf", bytes }];
    });
}

/** A run's requests, decoded. */
export function requests(scenario: Scenario): OtlpExport[] {
  return bodies(scenario).map(({ signal, encoding, bytes }) => decode(signal, encoding, bytes).otlp);
}

/** Log records of a run as decoded: the raw side of a comparison. */
export function logRecords(scenario: Scenario): LogRecord[] {
  return requests(scenario).flatMap((one) => (one.signal === "logs" ? one.records : []));
}

export function dataPoints(scenario: Scenario): DataPoint[] {
  return requests(scenario).flatMap((one) => (one.signal === "metrics" ? one.records : []));
}

/** Keeps series as the receiver does: a point adds what its value is above the largest one seen since the same start. */
export class Series {
  readonly #seen = new Map<string, number>();

  events(facts: readonly CumulativeFact[]): NormalisedEvent[] {
    return facts.flatMap((fact) => {
      const key = `${fact.series} ${fact.startTimeUnixNano}`;
      const from = this.#seen.get(key) ?? 0;
      if (fact.value <= from) return [];
      this.#seen.set(key, fact.value);
      return [fact.toEvent(from, fact.value - from)];
    });
  }
}

/** Identity of an event within a tenant. */
export function identityOf({ event }: NormalisedEvent): string {
  return `${event.event_type} ${event.timestamp} ${event.event_id}`;
}

/** Events of these requests, first received wins, in the order of time. */
export function eventsOf(exports: readonly OtlpExport[]): NormalisedEvent[] {
  const series = new Series();
  const events = new Map<string, NormalisedEvent>();
  for (const one of exports) {
    const result = normalise(one);
    for (const event of [...result.events, ...series.events(result.cumulative)]) {
      const identity = identityOf(event);
      if (!events.has(identity)) events.set(identity, event);
    }
  }
  return [...events.values()].sort(byTime);
}

function byTime(a: NormalisedEvent, b: NormalisedEvent): number {
  return placeOf(a) < placeOf(b) ? -1 : 1;
}

function placeOf({ event }: NormalisedEvent): string {
  return `${event.timestamp} ${String(event.seq ?? 0).padStart(10, "0")} ${event.event_type} ${event.event_id}`;
}
