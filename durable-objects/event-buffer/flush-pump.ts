/**
 * Moves packs from the store to the sinks: one flight per sink at a time, each at its own pace, so that live never
 * waits for ClickHouse. Called by the object's alarm and by late appends; it neither sets alarms nor knows the sinks' I/O.
 *
 * Before ClickHouse or the bucket is called, the flush's composition is saved; a crash at any later point sends the very
 * same packs again. Advances are saved with the next write: until then a crash repeats a flush, which identity absorbs.
 */
import { errorText } from "../../workers/shared/log.ts";
import { LIVE_SKIP_FAILURES, type Tuning } from "./limits.ts";
import type { PackStore, StoredPack } from "./pack-store.ts";
import { dueAt, earliest, planFlush } from "./planner.ts";
import { advanced, failed, type Plan, SINKS, type SinkName, withMissed, withSink } from "./state.ts";

/** One composition on its way to a sink. */
export interface Flush {
  orgId: string;
  plan: Plan;
  packs: readonly StoredPack[];
}

/** How far the sink came. */
export interface FlushOutcome {
  /** Leading packs that are done with: stored, or put aside for good. */
  passed: number;
  /** Of those, packs that the sink did not take. */
  skipped: number;
  /** Why the rest is not done; null when all is. */
  error: string | null;
  /** The sink took the packs, or passed them, and still misses events: it must be rebuilt. */
  missed?: boolean;
}

/** Sends a flush. A throw counts as a failure of the whole. */
export type Sink = (flush: Flush) => Promise<FlushOutcome>;

export type Sinks = Readonly<Record<SinkName, Sink>>;

/** Their compositions are saved before sending; live's applies are deduplicated by identity whatever they hold. */
const RECORDED: ReadonlySet<SinkName> = new Set(["clickhouse", "archive"]);

export class FlushPump {
  readonly #store: PackStore;
  readonly #sinks: Sinks;
  readonly #tuning: Tuning;
  readonly #flights = new Map<SinkName, Promise<void>>();

  constructor(store: PackStore, sinks: Sinks, tuning: Tuning) {
    this.#store = store;
    this.#sinks = sinks;
    this.#tuning = tuning;
  }

  /** A sink's answer is awaited. */
  get busy(): boolean {
    return this.#flights.size > 0;
  }

  /** Starts every idle sink that is due; resolves when these flights have ended. */
  async run(): Promise<void> {
    const now = this.#tuning.now();
    const due = SINKS.filter(
      (name) => !this.#flights.has(name) && (this.#dueAt(name) ?? Number.POSITIVE_INFINITY) <= now,
    );
    this.#compose(due);
    await Promise.all(
      due.map((name) => {
        const flight = this.#fly(name).finally(() => this.#flights.delete(name));
        this.#flights.set(name, flight);
        return flight;
      }),
    );
    this.#saveAdvances();
  }

  /** When an idle sink is due next (ms, maybe past); null: nothing waits for an idle sink. */
  nextDue(): number | null {
    return earliest(...SINKS.map((name) => (this.#flights.has(name) ? null : this.#dueAt(name))));
  }

  #dueAt(name: SinkName): number | null {
    const sink = this.#store.state.sinks[name];
    return dueAt(name, sink, this.#store.oldestAfter(sink.cursor));
  }

  /** Gives each sink a composition unless it has one; one row written for all of them. */
  #compose(names: readonly SinkName[]): void {
    let record = false;
    for (const name of names) {
      const { state } = this.#store;
      const sink = state.sinks[name];
      if (sink.plan !== null) continue;
      const to = planFlush(this.#store.rowsAfter(sink.cursor), this.#tuning);
      if (to === undefined) continue;
      this.#store.set(withSink(state, name, { ...sink, plan: { to, at: this.#tuning.now() } }));
      record ||= RECORDED.has(name);
    }
    if (record) this.#store.save();
  }

  async #fly(name: SinkName): Promise<void> {
    try {
      let more = true;
      while (more) {
        more = (await this.#flush(name)) && (this.#dueAt(name) ?? Number.POSITIVE_INFINITY) <= this.#tuning.now();
        if (more) this.#compose([name]);
      }
    } catch (error) {
      this.#fail(name, errorText(error));
    }
  }

  /** Sends the sink's composition once; true: all of it is done. */
  async #flush(name: SinkName): Promise<boolean> {
    const { org_id: orgId, sinks } = this.#store.state;
    const { cursor, plan } = sinks[name];
    if (orgId === null || plan === null) return false;
    const packs = this.#store.read(cursor, plan.to);
    const outcome = await this.#sinks[name]({ orgId, plan, packs });
    const all = outcome.passed >= packs.length;
    const seq = all ? plan.to : (packs[outcome.passed - 1]?.seq ?? cursor);
    if (outcome.missed === true) this.#miss(seq);
    if (all || outcome.passed > 0) this.#advance(name, seq, outcome.skipped);
    if (!all) this.#fail(name, outcome.error ?? "the sink stopped early");
    return all;
  }

  #saveAdvances(): void {
    const { state, saved } = this.#store;
    if ([...RECORDED].some((name) => state.sinks[name] !== saved.sinks[name])) this.#store.save();
  }

  #advance(name: SinkName, seq: number, skipped: number): void {
    const { state } = this.#store;
    this.#store.set(withSink(state, name, advanced(state.sinks[name], seq, skipped)));
    this.#store.discardPassed();
  }

  #fail(name: SinkName, error: string): void {
    const { state } = this.#store;
    const sink = failed(state.sinks[name], this.#tuning.now(), error, this.#tuning.random());
    this.#store.set(withSink(state, name, sink));
    this.#store.save();
    const full = this.#store.bytes > this.#tuning.liveSkipBytes;
    if (name === "live" && full && sink.failures >= LIVE_SKIP_FAILURES) {
      this.#miss(this.#store.lastSeq);
      this.#advance(name, this.#store.lastSeq, this.#store.lastSeq - sink.cursor);
    }
  }

  /** Saved before the cursor moves: a crash between the two repeats the flush or the skip, and neither is forgotten. */
  #miss(seq: number): void {
    this.#store.set(withMissed(this.#store.state, seq));
    this.#store.save();
  }
}
