/**
 * Hostile bodies for POST /v1/events: each with the one answer it must get. `events`: JSON texts of single bad events, which must
 * be refused one by one beside a good neighbour; `bodies`: whole bodies that must be refused or judged as said.
 */
import { deflateSync, gzipSync, zstdCompressSync } from "node:zlib";

export interface HostileEvent {
  name: string;
  /** JSON text of one event, hostile in one way. */
  text: string;
  /** What becomes of it; "stored" where odd is not wrong. */
  expect: string;
}

export interface HostileBody {
  name: string;
  bytes: Uint8Array;
  headers?: Record<string, string>;
  status: number;
  code: string;
}

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);

function event(fields: string, metadata?: string, type = "custom.hostile"): string {
  const base = `"event_type":"${type}","user_id":"u","session_id":"s","timestamp":"${new Date().toISOString()}"`;
  return `{${[base, fields, metadata === undefined ? "" : `"metadata":${metadata}`].filter((part) => part !== "").join(",")}}`;
}

/** Values that fit no field; as JSON text. */
const WRONG = [
  '""',
  "0",
  "-1",
  "1.5",
  "true",
  "[]",
  "{}",
  '{"a":1}',
  "[1]",
  '"\\ud800"',
  `"${"x".repeat(257)}"`,
  "1e999",
  "-0.5",
];
const STRINGS = ["user_id", "session_id"];
const LABELS = ["team_id", "agent", "agent_version", "model", "repo", "branch", "environment"];
const NUMBERS: [type: string, field: string, max: number][] = [
  ["session_end", "duration_ms", 2 ** 40 - 1],
  ["code_generated", "lines_added", 2 ** 31 - 1],
  ["code_generated", "lines_removed", 2 ** 31 - 1],
  ["pr_created", "number", 2 ** 32 - 1],
  ["error", "status_code", 999],
  ["cost_incurred", "input_tokens", 2 ** 40 - 1],
  ["cost_incurred", "output_tokens", 2 ** 40 - 1],
  ["cost_incurred", "cache_read_tokens", 2 ** 40 - 1],
  ["cost_incurred", "cache_write_tokens", 2 ** 40 - 1],
  ["cost_incurred", "reasoning_tokens", 2 ** 40 - 1],
  ["cost_incurred", "cost_usd", 1_000_000],
];

/** Events each refused (or stored) on its own. */
export function hostileEvents(): HostileEvent[] {
  const list: HostileEvent[] = [];
  const add = (name: string, text: string, expect = "invalid_event"): void => void list.push({ name, text, expect });
  for (const value of WRONG) {
    for (const field of STRINGS)
      add(
        `${field} = ${value.slice(0, 20)}`,
        event("")
          .replace(/"(u|s)"/, (m) => m)
          .replace(`"${field}":"${field[0]}"`, `"${field}":${value}`),
      );
    for (const field of LABELS)
      if (value !== '""') add(`${field} = ${value.slice(0, 20)}`, event(`"${field}":${value}`));
    if (value !== "0") add(`seq = ${value.slice(0, 20)}`, event(`"seq":${value}`));
    add(`event_id = ${value.slice(0, 20)}`, event(`"event_id":${value}`));
    add(`timestamp = ${value.slice(0, 20)}`, event("").replace(/"timestamp":"[^"]*"/, `"timestamp":${value}`));
    add(`event_type = ${value.slice(0, 20)}`, event("").replace('"custom.hostile"', value));
    add(`event_category = ${value.slice(0, 20)}`, event(`"event_category":${value}`));
    if (!value.startsWith("{")) add(`metadata = ${value.slice(0, 20)}`, event("", value));
  }
  for (const [type, field, max] of NUMBERS) {
    for (const bad of [`${max + 1}`, "-1", "1e999", "1e19", '"5"', "true", "[]", "{}", "9223372036854775808"]) {
      add(`${field} = ${bad}`, event("", `{"${field}":${bad}}`, type));
    }
    if (field !== "cost_usd") add(`${field} = 0.5`, event("", `{"${field}":0.5}`, type));
  }
  for (const time of [
    "2026-13-01T00:00:00Z",
    "2026-02-30T00:00:00Z",
    "yesterday",
    "1700000000000",
    "2026-11-22 10:00:00",
    "2026-11-22T10:00:00",
    "2026-11-22T25:00:00Z",
    "2026-11-22T10:00:60Z",
    "+275760-09-13T00:00:00.001Z",
  ]) {
    add(`timestamp ${time}`, event("").replace(/"timestamp":"[^"]*"/, `"timestamp":"${time}"`));
  }
  add(
    "timestamp far ahead",
    event("").replace(/"timestamp":"[^"]*"/, '"timestamp":"9999-12-31T23:59:59Z"'),
    "timestamp_in_future",
  );
  add(
    "timestamp long ago",
    event("").replace(/"timestamp":"[^"]*"/, '"timestamp":"0001-01-01T00:00:00Z"'),
    "timestamp_too_old",
  );
  for (const type of [
    "custom.",
    "custom.A",
    "custom.é",
    "custom.a b",
    `custom.${"a".repeat(101)}`,
    "Session_Start",
    "session_start ",
    "__proto__",
    "constructor",
    "toString",
  ]) {
    add(`type ${type.slice(0, 20)}`, event("", undefined, type));
  }
  for (const field of ["user_id", "session_id", "timestamp", "event_type"]) {
    add(
      `without ${field}`,
      event("")
        .replace(new RegExp(`"${field}":"[^"]*",?`), "")
        .replace(",}", "}"),
    );
  }
  add("metadata with __proto__", event("", '{"__proto__":{"polluted":1}}'), "invalid_key");
  add("__proto__ deep inside", event("", '{"a":[{"b":{"__proto__":[]}}]}'), "invalid_key");
  add("top-level __proto__", event('"__proto__":{"polluted":1}'), "invalid_key");
  add("constructor.prototype", event("", '{"constructor":{"prototype":{"polluted":1}}}'), "stored");
  add("21 levels", event("", `${'{"a":'.repeat(21)}1${"}".repeat(21)}`), "metadata_too_deep");
  add("20 levels", event("", `${'{"a":'.repeat(20)}1${"}".repeat(20)}`), "stored");
  add("10,000 nested arrays", event("", `{"a":${"[".repeat(10_000)}${"]".repeat(10_000)}}`), "metadata_too_deep");
  add("a key of 257", event("", `{"${"k".repeat(257)}":1}`), "invalid_key");
  add("a key of 30,000", event("", `{"${"k".repeat(30_000)}":1}`), "invalid_key");
  add("33 KB of metadata", event("", `{"a":"${"x".repeat(33_000)}"}`), "metadata_too_large");
  add("33 KB in unknown fields", event(`"extra":"${"x".repeat(33_000)}"`), "metadata_too_large");
  add("70 KB of metadata", event("", `{"a":"${"x".repeat(70_000)}"}`), "event_too_large");
  add("lone high surrogate", event("", '{"a":"\\ud83d"}'), "invalid_unicode");
  add("lone low surrogate in a key", event("", '{"\\udc00":1}'), "invalid_unicode");
  add("reversed surrogates", event("", '{"a":"\\udc00\\ud800"}'), "invalid_unicode");
  add("1e999 in metadata", event("", '{"a":1e999}'), "invalid_number");
  add("-1e999 in an array", event("", '{"a":[0,[-1e999]]}'), "invalid_number");
  add("duplicate keys: the last counts", event('"user_id":"first","user_id":"second"'), "stored");
  add("control characters", event("", '{"a":"\\u0000\\u0001\\u001f\\u007f"}'), "stored");
  add("NUL in ids", event('"agent":"a\\u0000b"'), "stored");
  add("SQL in ids", event(`"agent":"'); DROP TABLE events; --"`), "stored");
  add("HTML in ids", event('"repo":"<script>alert(1)</script>"'), "stored");
  add("right-to-left and emoji", event('"repo":"\u202eמאגר 🚀"'), "stored");
  add(
    "server fields",
    event('"received_at":"x","region":"mars","_partition_key":"x","_processing_time":1,"_ver":9'),
    "stored",
  );
  add("a dotted and a nested key of the same path", event("", '{"a.b":1,"a":{"b":2}}'), "stored");
  add("an empty key", event("", '{"":1}'), "stored");
  add("a number beyond 2^53 in metadata", event("", '{"a":12345678901234567890}'), "stored");
  for (const value of ["null", "5", '"text"', "true", "[]", "{}", "[[]]", '{"event_type":"error"}', '{"events":[]}'])
    add(`not an event: ${value}`, value);
  return list;
}

/** Bodies judged as a whole. */
export function hostileBodies(): HostileBody[] {
  const list: HostileBody[] = [];
  const add = (
    name: string,
    bytes: Uint8Array | string,
    status: number,
    code: string,
    headers?: Record<string, string>,
  ): void => {
    list.push({
      name,
      bytes: typeof bytes === "string" ? utf8(bytes) : bytes,
      status,
      code,
      ...(headers === undefined ? {} : { headers }),
    });
  };
  for (const text of [
    "{",
    "[",
    "nul",
    "NaN",
    "[NaN]",
    "[Infinity]",
    "{'a':1}",
    "[1,]",
    "[{]",
    '{"a"}',
    '"\\x"',
    "<xml/>",
    "a=b&c=d",
    "\u0000",
    "]",
    "[1 2]",
    "5",
    '"text"',
    "null",
    "true",
    '{"events":5}',
    '{"events":{}}',
    '{"events":"x"}',
    "{nope\n{nope}",
  ]) {
    add(`not a body: ${JSON.stringify(text)}`, text, 400, "invalid_body");
  }
  for (const text of ["", " ", "\n\n", "\ufeff"]) add(`empty: ${JSON.stringify(text)}`, text, 400, "empty_body");
  add("UTF-16", Uint8Array.from([0xff, 0xfe, 0x5b, 0, 0x5d, 0]), 400, "invalid_encoding");
  add("Latin-1", Uint8Array.from([0x5b, 0x22, 0xe9, 0x22, 0x5d]), 400, "invalid_encoding");
  add("overlong UTF-8", Uint8Array.from([0x5b, 0x22, 0xc0, 0xaf, 0x22, 0x5d]), 400, "invalid_encoding");
  add("surrogates in UTF-8", Uint8Array.from([0x5b, 0x22, 0xed, 0xa0, 0x80, 0x22, 0x5d]), 400, "invalid_encoding");
  add("half a character at the end", Uint8Array.from([0x5b, 0x22, 0xf0, 0x9f, 0x9a]), 400, "invalid_encoding");
  add("100,000 open brackets", "[".repeat(100_000), 400, "invalid_body");
  add("1,001 events", `[${"{},".repeat(1_000)}{}]`, 413, "too_many_events");
  add("100,000 numbers", `[${"1,".repeat(99_999)}1]`, 413, "too_many_events");
  const bomb = new Uint8Array(50_000_000);
  add("gzip bomb", gzipSync(bomb), 413, "payload_too_large", { "content-encoding": "gzip" });
  add("zstd bomb", zstdCompressSync(bomb), 413, "payload_too_large", { "content-encoding": "zstd" });
  add("deflate bomb", deflateSync(bomb), 413, "payload_too_large", { "content-encoding": "deflate" });
  add("gzip of gzip", gzipSync(gzipSync("[]")), 400, "invalid_encoding", { "content-encoding": "gzip" });
  for (const encoding of ["gzip", "zstd", "deflate"]) {
    add(`not ${encoding}`, "[]", 400, "invalid_body", { "content-encoding": encoding });
  }
  add("gzip cut short", gzipSync("[1,2,3]".repeat(100)).subarray(0, 30), 400, "invalid_body", {
    "content-encoding": "gzip",
  });
  for (const encoding of ["br", "compress", "gzip, gzip", "x", "__proto__", "constructor"]) {
    add(`encoding ${encoding}`, "[]", 415, "unsupported_media_type", { "content-encoding": encoding });
  }
  for (const type of ["application/xml", "multipart/form-data; boundary=x", "application/x-protobuf", "image/png"]) {
    add(`type ${type}`, "[]", 415, "unsupported_media_type", { "content-type": type });
  }
  return list;
}
