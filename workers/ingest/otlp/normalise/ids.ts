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

/** By bytes: `toString(16)` of a number above 2^31 is several times slower. */
const HEX2 = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));
const hex4 = (half: number): string => `${HEX2[(half >>> 8) & 0xff]}${HEX2[half & 0xff]}`;
const hex8 = (word: number): string => hex4(word >>> 16) + hex4(word);

/** UUIDv8 of the parts; what they are decides what counts as the same event. */
export function eventId(...parts: readonly (string | number)[]): string {
  const text = parts.join(SEPARATOR);
  const first = hashString(text);
  const second = hashString(SECOND_LANE + text);
  const version = hex4((first.lo & 0x0fff) | 0x8000);
  const variant = hex4(((second.hi >>> 16) & 0x3fff) | 0x8000);
  const rest = hex4(second.hi) + hex8(second.lo);
  return `${hex8(first.hi)}-${hex4(first.lo >>> 16)}-${version}-${variant}-${rest}`;
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
