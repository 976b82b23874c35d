/** Answers of one kind of request, counted by status and public error code. Used by the reading benches. */
import { z } from "zod";

const ErrorSchema = z.object({ error: z.object({ code: z.string() }) });

export class PublicErrorCounts {
  readonly #counts = new Map<string, number>();

  async add(response: Response): Promise<void> {
    const text = await response.text();
    const body = response.ok ? undefined : ErrorSchema.safeParse(JSON.parse(text));
    const key = body?.success === true ? `${response.status} ${body.data.error.code}` : String(response.status);
    this.#counts.set(key, (this.#counts.get(key) ?? 0) + 1);
  }

  text(): string {
    return [...this.#counts].map(([key, count]) => `${key}: ${count}`).join(", ");
  }
}
