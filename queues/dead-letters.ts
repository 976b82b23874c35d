/**
 * The consumer of the dead-letter queues: messages that used up their retries go to R2, where `npm run replay` finds them.
 * Called by queues/consumer.ts. Acks only what R2 has.
 */
import { type Pack, readPack } from "../schema/pack.ts";
import { errorText } from "../workers/shared/log.ts";
import type { EventSinks, PackMessage } from "./events.ts";
import type { Outcome } from "./outcome.ts";

const REASON = "retries used up";

function opened(bytes: Uint8Array): Pack | undefined {
  try {
    return readPack(bytes);
  } catch {
    return undefined;
  }
}

/** Writes every message to dead letters. */
export async function buryAll(
  messages: readonly PackMessage[],
  bury: EventSinks["bury"],
): Promise<Map<string, Outcome>> {
  const outcomes = new Map<string, Outcome>();
  for (const message of messages) {
    try {
      await bury(message, opened(message.bytes), 0, REASON);
      outcomes.set(message.id, { kind: "dead", reason: REASON });
    } catch (error) {
      outcomes.set(message.id, { kind: "retry", reason: errorText(error) });
    }
  }
  return outcomes;
}
