/**
 * Event ids that the record alone decides: UUIDv8 of 122 bits of hash over a natural key, or over the whole record when it has
 * none. Used by every normaliser. Pure, but for remembering the text of a request's resources.
 *
 * A key always holds the agent, the kind of event and the record's time: one event_id under two times would be refused as a
 * fault of the client, and call ids do repeat between sessions (`call_1` of a small provider). Numbers and their decimal texts
 * are the same in a key, so that both encodings give the same ids.
 */
import { hashString } from "../../../../schema/identity.ts";
import type { Attributes, AttributeValue, DataPoint, LogRecord, Span } from "../model.ts";

const SEPARATOR = "\u0000";
const SECOND_LANE = "\u0001tenfold";

const hex8 = (word: number): string => ((word >>> 0) + 0x1_0000_0000).toString(16).slice(1);

/** UUIDv8 of the parts; what they are decides what counts as the same event. */
export function eventId(...parts: readonly (string | number)[]): string {
  const text = parts.join(SEPARATOR);
  const first = hashString(text);
  const second = hashString(SECOND_LANE + text);
  const a = hex8(first.hi);
  const b = hex8(((first.lo & 0xffff0fff) | 0x8000) >>> 0);
  const c = hex8(((second.hi & 0x3fffffff) | 0x80000000) >>> 0);
  const d = hex8(second.lo);
  return `${a}-${b.slice(0, 4)}-${b.slice(4)}-${c.slice(0, 4)}-${c.slice(4)}${d}`;
}

/** Attributes as one text, whatever their order. */
export function canonical(attributes: Attributes): string {
  const names = Object.keys(attributes).sort();
  let text = "";
  for (const name of names) text += `${name}=${valueText(attributes[name])}${SEPARATOR}`;
  return text;
}

function valueText(value: AttributeValue | undefined): string {
  if (value === null || value === undefined) return "";
  if (typeof value !== "object") return String(value);
  if (Array.isArray(value)) return `[${value.map(valueText).join(",")}]`;
  return `{${canonical(value)}}`;
}

const resourceTexts = new WeakMap<Attributes, string>();

function resourceText(resource: Attributes): string {
  let text = resourceTexts.get(resource);
  if (text === undefined) {
    text = canonical(resource);
    resourceTexts.set(resource, text);
  }
  return text;
}

/** Everything a log record says, with its time: the key of a record without a natural one. */
export function logKey(record: LogRecord): string {
  const { timeUnixNano, observedTimeUnixNano, eventName, body, resource, scope, attributes } = record;
  const time = timeUnixNano === "0" ? observedTimeUnixNano : timeUnixNano;
  return [time, eventName, valueText(body), scope.name, canonical(attributes), resourceText(resource)].join(SEPARATOR);
}

/** A span's own ids; they are unique by definition of the format. */
export function spanKey(span: Span): string {
  return [span.traceId, span.spanId].join(SEPARATOR);
}

/** Natural key of a metric series, as 32 hex digits: resource, scope, metric and attributes. */
export function seriesKey(point: DataPoint): string {
  const text = [point.metric, point.scope.name, canonical(point.attributes), resourceText(point.resource)].join(
    SEPARATOR,
  );
  const first = hashString(text);
  const second = hashString(SECOND_LANE + text);
  return hex8(first.hi) + hex8(first.lo) + hex8(second.hi) + hex8(second.lo);
}
