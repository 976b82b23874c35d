/**
 * OTLP protobuf to the model: what all signals share, and the entry. Called by decode.ts.
 * Field numbers are those of opentelemetry-proto v1; `case` labels are `field * 8 + wire type` (0 varint, 1 fixed64, 2 bytes).
 * Fields that the model does not have are skipped by their wire type, whatever their number, packed or not.
 */
import { malformed } from "./decode-budget.ts";
import { type Bag, doubleValue, NO_ATTRIBUTES, newBag } from "./decode-values.ts";
import { MAX_ATTRIBUTES, MAX_VALUE_DEPTH } from "./limits.ts";
import type { Attributes, AttributeValue, Scope } from "./model.ts";
import type { WireReader } from "./protobuf.ts";

/** What records share until their group has been read whole: resource and scope may stand behind the records. */
export const NO_SCOPE: Scope = { name: "", version: "", attributes: NO_ATTRIBUTES };

interface Placed {
  resource: Attributes;
  scope: Scope;
}

/**
 * Reads the three levels that every signal has: request -> resource group -> scope group. `read` reads one message of the third
 * and appends its records.
 */
export function readGroups<T extends Placed>(
  reader: WireReader,
  read: (reader: WireReader, end: number, records: T[]) => void,
): T[] {
  const records: T[] = [];
  const { length } = reader;
  for (let tag = reader.next(length); tag !== 0; tag = reader.next(length)) {
    if (tag === 10) readResourceGroup(reader, reader.open(length), read, records);
  }
  return records;
}

function readResourceGroup<T extends Placed>(
  reader: WireReader,
  end: number,
  read: (reader: WireReader, end: number, records: T[]) => void,
  records: T[],
): void {
  const first = records.length;
  let resource: Attributes = NO_ATTRIBUTES;
  for (let tag = reader.next(end); tag !== 0; tag = reader.next(end)) {
    if (tag === 10) resource = readResource(reader, reader.open(end));
    else if (tag === 18) readScopeGroup(reader, reader.open(end), read, records);
  }
  for (let i = first; i < records.length; i++) {
    const record = records[i];
    if (record !== undefined) record.resource = resource;
  }
}

function readScopeGroup<T extends Placed>(
  reader: WireReader,
  end: number,
  read: (reader: WireReader, end: number, records: T[]) => void,
  records: T[],
): void {
  const first = records.length;
  let scope = NO_SCOPE;
  for (let tag = reader.next(end); tag !== 0; tag = reader.next(end)) {
    if (tag === 10) scope = readScope(reader, reader.open(end));
    else if (tag === 18) read(reader, reader.open(end), records);
  }
  for (let i = first; i < records.length; i++) {
    const record = records[i];
    if (record !== undefined) record.scope = scope;
  }
}

function readResource(reader: WireReader, end: number): Attributes {
  const attributes = new AttributeReader();
  for (let tag = reader.next(end); tag !== 0; tag = reader.next(end)) {
    if (tag === 10) attributes.read(reader, end);
  }
  return attributes.bag;
}

function readScope(reader: WireReader, end: number): Scope {
  const attributes = new AttributeReader();
  const scope = { name: "", version: "", attributes: attributes.bag };
  for (let tag = reader.next(end); tag !== 0; tag = reader.next(end)) {
    if (tag === 10) scope.name = reader.text(end);
    else if (tag === 18) scope.version = reader.text(end);
    else if (tag === 26) attributes.read(reader, end);
  }
  return scope;
}

/** Collects the KeyValues of one holder, up to their limit. */
export class AttributeReader {
  readonly bag: Bag;
  #count = 0;

  constructor(bag: Bag = newBag()) {
    this.bag = bag;
  }

  /** Reads the KeyValue that starts here. */
  read(reader: WireReader, end: number): void {
    this.#count += 1;
    if (this.#count > MAX_ATTRIBUTES) {
      reader.budget.dropped += 1;
      reader.pos = reader.open(end);
      return;
    }
    readKeyValue(reader, reader.open(end), this.bag, 1);
  }
}

function readKeyValue(reader: WireReader, end: number, bag: Bag, depth: number): void {
  let key = "";
  let value: AttributeValue = null;
  reader.budget.value();
  for (let tag = reader.next(end); tag !== 0; tag = reader.next(end)) {
    if (tag === 10) key = reader.text(end);
    else if (tag === 18) value = readValue(reader, reader.open(end), depth);
  }
  bag[key] = value;
}

/** An AnyValue; of several members the last one counts. */
export function readValue(reader: WireReader, end: number, depth: number): AttributeValue {
  let value: AttributeValue = null;
  for (let tag = reader.next(end); tag !== 0; tag = reader.next(end)) {
    switch (tag) {
      case 10:
        value = reader.text(end);
        break;
      case 16:
        value = reader.readVarint() !== 0;
        break;
      case 24:
        value = reader.int64();
        break;
      case 33:
        value = doubleValue(reader.readDouble());
        break;
      case 42:
        value = readArray(reader, reader.open(end), depth);
        break;
      case 50:
        value = readMap(reader, reader.open(end), depth);
        break;
      case 58:
        value = reader.base64(end);
        break;
    }
  }
  return value;
}

function readArray(reader: WireReader, end: number, depth: number): AttributeValue[] {
  if (depth >= MAX_VALUE_DEPTH) throw malformed(`values nest at most ${MAX_VALUE_DEPTH} deep`);
  const values: AttributeValue[] = [];
  for (let tag = reader.next(end); tag !== 0; tag = reader.next(end)) {
    if (tag !== 10) continue;
    reader.budget.value();
    values.push(readValue(reader, reader.open(end), depth + 1));
  }
  return values;
}

function readMap(reader: WireReader, end: number, depth: number): Bag {
  if (depth >= MAX_VALUE_DEPTH) throw malformed(`values nest at most ${MAX_VALUE_DEPTH} deep`);
  const bag = newBag();
  for (let tag = reader.next(end); tag !== 0; tag = reader.next(end)) {
    if (tag === 10) readKeyValue(reader, reader.open(end), bag, depth + 1);
  }
  return bag;
}
