/**
 * Where one agent's normaliser puts what it makes of a request's records, and what became of each. Used by every normaliser
 * and by normalise.ts to join them. No I/O.
 */
import type { CumulativeFact, Normalised, NormalisedEvent } from "./contract.ts";

/** Names remembered of one request: they come from clients, and one body may hold 50,000. */
const MAX_UNKNOWN_NAMES = 100;
const MAX_NAME = 100;
const OTHER_NAMES = "(other names)";

/** Every record is reported once: mapped, kept or ignored; `unknown` beside it when no table has its name. */
export class Collector {
  readonly result: Normalised = {
    events: [],
    cumulative: [],
    counts: { records: 0, mapped: 0, kept: 0, ignored: 0, unknown: Object.create(null) },
  };

  /** The record became events of our own vocabulary. */
  mapped(...events: NormalisedEvent[]): void {
    this.#add("mapped", events);
  }

  /** The record is kept as a custom event. */
  kept(...events: NormalisedEvent[]): void {
    this.#add("kept", events);
  }

  /** The record says nothing that is needed, or says again what another one said. */
  ignored(): void {
    this.#add("ignored", []);
  }

  /** The point becomes events once the caller knows what was added since the point before. */
  cumulative(as: "mapped" | "kept", ...facts: CumulativeFact[]): void {
    this.#add(as, []);
    for (const fact of facts) this.result.cumulative.push(fact);
  }

  /** Notes a name that no table has; the record itself is reported apart. */
  unknown(name: string, times = 1): void {
    const { unknown } = this.result.counts;
    const short = name.slice(0, MAX_NAME).toWellFormed();
    const known = Object.hasOwn(unknown, short) || Object.keys(unknown).length < MAX_UNKNOWN_NAMES;
    const key = known ? short : OTHER_NAMES;
    unknown[key] = (unknown[key] ?? 0) + times;
  }

  /** Adds another normaliser's result. */
  join(other: Normalised): void {
    for (const event of other.events) this.result.events.push(event);
    for (const fact of other.cumulative) this.result.cumulative.push(fact);
    const { counts } = this.result;
    counts.records += other.counts.records;
    counts.mapped += other.counts.mapped;
    counts.kept += other.counts.kept;
    counts.ignored += other.counts.ignored;
    for (const [name, times] of Object.entries(other.counts.unknown)) this.unknown(name, times);
  }

  #add(as: "mapped" | "kept" | "ignored", events: readonly NormalisedEvent[]): void {
    this.result.counts.records++;
    this.result.counts[as]++;
    for (const event of events) this.result.events.push(event);
  }
}
