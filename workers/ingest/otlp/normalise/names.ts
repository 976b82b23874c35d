/**
 * The name of a log record's event. Used by every normaliser of logs. Pure.
 */
import type { LogRecord } from "../model.ts";
import { labelOf } from "./values.ts";

/** A name, not a sentence: some agents write prose into the body. */
const NAME = /^[A-Za-z0-9_.:-]{1,100}$/;

/** From the attribute, else a body that begins with `namePrefix`; never the record's own eventName. Without the prefix. */
export function nameOf(record: LogRecord, namePrefix: string): string | undefined {
  const named = labelOf(record.attributes["event.name"]);
  const body = typeof record.body === "string" && record.body.startsWith(namePrefix) ? record.body : "";
  const name = named ?? body;
  if (!NAME.test(name)) return undefined;
  return name.startsWith(namePrefix) ? name.slice(namePrefix.length) : name;
}
