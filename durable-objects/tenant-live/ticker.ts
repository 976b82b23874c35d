/**
 * Leading and trailing edge: the first request runs at once, those within the interval run together at its end.
 * Used by the object's shell for METRIC_UPDATE and EVENT. A timer exists only while something waits for it, because a
 * pending timer keeps the object in memory, and billed.
 */
export class Ticker {
  readonly #run: () => number;
  readonly #now: () => number;
  #next = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** `run` does the work and returns the ms before it may run again. It must not throw. */
  constructor(run: () => number, now: () => number) {
    this.#run = run;
    this.#now = now;
  }

  request(): void {
    if (this.#timer !== undefined) return;
    const wait = this.#next - this.#now();
    if (wait <= 0) {
      this.flush();
      return;
    }
    this.#timer = setTimeout(() => this.flush(), wait);
  }

  /** Runs now, whatever the interval says. */
  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#next = this.#now() + this.#run();
  }
}
