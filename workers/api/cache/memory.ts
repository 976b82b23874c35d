/**
 * Answers one isolate remembers, bounded in bytes, oldest use out first, forgotten by organisation when something there changed.
 * Used by answers.ts. Knows no time: what is fresh is decided there.
 */

/** One answer as it is sent. */
export interface StoredAnswer {
  text: string;
  etag: string;
  /** ms since the epoch. */
  storedAt: number;
}

/** Characters of all answers together: a tenth of an isolate's 128 MB at two bytes a character. */
const MAX_TOTAL_LENGTH = 6_000_000;
/** A longer answer is not kept: it would push out a hundred others. */
const MAX_ANSWER_LENGTH = MAX_TOTAL_LENGTH / 10;

interface Entry {
  orgId: string;
  answer: StoredAnswer;
}

export class AnswerMemory {
  readonly #entries = new Map<string, Entry>();
  #length = 0;

  get(key: string): StoredAnswer | undefined {
    const entry = this.#entries.get(key);
    if (entry === undefined) return undefined;
    this.#entries.delete(key);
    this.#entries.set(key, entry);
    return entry.answer;
  }

  set(key: string, orgId: string, answer: StoredAnswer): void {
    this.#remove(key);
    if (answer.text.length > MAX_ANSWER_LENGTH) return;
    this.#entries.set(key, { orgId, answer });
    this.#length += answer.text.length;
    for (const oldest of this.#entries.keys()) {
      if (this.#length <= MAX_TOTAL_LENGTH) break;
      this.#remove(oldest);
    }
  }

  /** Forgets every answer of an organisation. */
  forget(orgId: string): void {
    for (const [key, entry] of this.#entries) if (entry.orgId === orgId) this.#remove(key);
  }

  #remove(key: string): void {
    const entry = this.#entries.get(key);
    if (entry === undefined) return;
    this.#entries.delete(key);
    this.#length -= entry.answer.text.length;
  }
}
