/**
 * Queue messages that this isolate is working on, or has put back with a delay. On a laptop one isolate sees all of them, and the
 * local broker's backlog leaves them out, so `npm start` asks here before it calls its queues drained. In production it is one
 * isolate's view. Written by queues/consumer.ts, read by the operator app.
 */

/** Above it ids are no longer remembered: the number then says "at least". */
const MAX_IDS = 50_000;

export class WaitingMessages {
  readonly #ids = new Set<string>();

  get count(): number {
    return this.#ids.size;
  }

  put(id: string): void {
    if (this.#ids.size < MAX_IDS) this.#ids.add(id);
  }

  /** The message is settled for good. */
  seen(id: string): void {
    this.#ids.delete(id);
  }
}

/** The isolate's own. */
export const waitingMessages = new WaitingMessages();
