/** What all normalisers share: ids, times, values, places, dispatch; and that nothing a client sends breaks them. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { AttributeValue, DataPoint, LogRecord, OtlpExport } from "../../../../workers/ingest/otlp/model.ts";
import { CLAUDE_CODE_EVENTS } from "../../../../workers/ingest/otlp/normalise/claude-code-table.ts";
import { CODEX_EVENTS } from "../../../../workers/ingest/otlp/normalise/codex-table.ts";
import { canonical, eventId, logKey, seriesKey } from "../../../../workers/ingest/otlp/normalise/ids.ts";
import { languageOf } from "../../../../workers/ingest/otlp/normalise/languages.ts";
import { normalise, normaliseByAgent } from "../../../../workers/ingest/otlp/normalise/normalise.ts";
import { customType, keyOf } from "../../../../workers/ingest/otlp/normalise/table.ts";
import { millisOf, timeOfUuid } from "../../../../workers/ingest/otlp/normalise/times.ts";
import { booleanOf, countOf, numberOf, scalarOf, textOf } from "../../../../workers/ingest/otlp/normalise/values.ts";
import { validateEvent } from "../../../../workers/ingest/validate.ts";
import { AT, AT_ISO, claudePoint, claudeRecord, codexRecord } from "../../../support/otlp-records.ts";

describe("event ids", () => {
  it("are UUIDs of version 8 that only their parts decide", () => {
    const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
    const seen = new Set<string>();
    for (let i = 0; i < 20_000; i++) {
      const id = eventId("agent", "kind", `key ${i}`, i);
      expect(id).toMatch(uuid);
      seen.add(id);
    }
    expect(seen.size).toBe(20_000);
    expect(eventId("a", "b", 1)).toBe(eventId("a", "b", "1"));
    expect(eventId("a", "bc")).not.toBe(eventId("ab", "c"));
  });

  it("do not depend on the order of attributes, nor on what a collector observed", () => {
    const a = claudeRecord("x", { one: 1, two: [1, { k: "v" }] });
    const b = claudeRecord("x", { two: [1, { k: "v" }], one: "1" }, { observedTimeUnixNano: "1795368779000000000" });
    expect(logKey(a)).toBe(logKey(b));
    expect(canonical({ a: null, b: {} })).not.toBe(canonical({ a: {}, b: null }));
    expect(logKey(claudeRecord("x", {}, { timeUnixNano: "1795368777000000001" }))).not.toBe(
      logKey(claudeRecord("x", {}, { timeUnixNano: AT })),
    );
  });

  it("of series hold resource, scope, metric and attributes, and no time", () => {
    const point = claudePoint("lines_of_code.count", 1, { type: "added" });
    expect(seriesKey(point)).toMatch(/^[0-9a-f]{32}$/);
    expect(seriesKey({ ...point, value: 2, timeUnixNano: "1" })).toBe(seriesKey(point));
    for (const other of [
      { ...point, metric: "other" },
      { ...point, attributes: { ...point.attributes, type: "removed" } },
      { ...point, resource: { "service.name": "claude-code", "host.name": "b" } },
      { ...point, scope: { ...point.scope, name: "other" } },
    ]) {
      expect(seriesKey(other)).not.toBe(seriesKey(point));
    }
  });
});

describe("times", () => {
  it("nanoseconds are cut to milliseconds; 0 and nonsense are no time", () => {
    expect(millisOf("1795368776972999999")).toBe(1_795_368_776_972);
    for (const none of ["0", "", "999999", "-1", "1e18", "99999999999999999999999"])
      expect(millisOf(none)).toBeUndefined();
  });

  it("a UUIDv7 holds its time, another UUID none", () => {
    expect(timeOfUuid("01a2045e-70cd-7853-8d13-6d7e130e7d7b")).toBe(Date.parse("2026-11-22T17:47:07.853Z"));
    expect(timeOfUuid("f2155b26-3f21-4aed-a01c-b225bbd30313")).toBeUndefined();
  });
});

describe("values", () => {
  it.each<[AttributeValue, number | undefined]>([
    [1.5, 1.5],
    ["73", 73],
    ["0.047", 0.047],
    ["1e3", 1_000],
    ["", undefined],
    ["12 ms", undefined],
    ["0x10", undefined],
    ["1e999", undefined],
    [Number.NaN, undefined],
    [true, undefined],
    [null, undefined],
    [{}, undefined],
  ])("%j as a number is %j", (value, number) => {
    expect(numberOf(value)).toBe(number);
  });

  it("are bounded: counts inside their range, texts in length, halves of characters never", () => {
    expect(countOf("9007199254740993", 100)).toBeUndefined();
    expect(countOf(-1, 100)).toBeUndefined();
    expect(countOf(2.6, 100)).toBe(3);
    expect(textOf("é".repeat(5_000))).toHaveLength(2_048);
    expect(textOf(`${"a".repeat(2_047)}😀`)?.isWellFormed()).toBe(true);
    expect([booleanOf("True"), booleanOf("false"), booleanOf("yes"), booleanOf(1)]).toEqual([
      true,
      false,
      undefined,
      undefined,
    ]);
    expect([scalarOf({}), scalarOf([]), scalarOf(null), scalarOf(""), scalarOf("<REDACTED>")]).toEqual(
      Array(5).fill(undefined),
    );
    expect(scalarOf({ a: [1] })).toBe('{"a":[1]}');
  });

  it("names are keys of one segment, and types of the contract's grammar", () => {
    expect(keyOf("plugin.name")).toBe("plugin_name");
    expect(customType("codex", "Weird Name/é")).toBe("custom.codex.weird_name_");
    expect(customType("codex", "")).toBe("custom.codex.unnamed");
    expect(customType("codex", "x".repeat(500))).toHaveLength(107);
    expect(["src/App.TSX", "Dockerfile", "a\\b.py", "none", "x.unknown"].map(languageOf)).toEqual([
      "typescript",
      "dockerfile",
      "python",
      undefined,
      undefined,
    ]);
  });
});

describe("dispatch", () => {
  it("gives each record of a mixed request to its agent", () => {
    const records = [
      claudeRecord("user_prompt"),
      codexRecord("user_prompt"),
      claudeRecord("user_prompt", {}, { resource: { "service.name": "renamed" } }),
      codexRecord("user_prompt", {}, { resource: { "service.name": "renamed" } }),
    ];
    const parts = normaliseByAgent({ signal: "logs", records });
    expect(parts.map(({ agent, result }) => [agent, result.counts.records])).toEqual([
      ["claude-code", 2],
      ["codex", 2],
    ]);
    expect(normalise({ signal: "logs", records }).counts).toMatchObject({ records: 4, kept: 4 });
    expect(new Set(parts.flatMap(({ result }) => result.events.map(({ event }) => event.agent)))).toEqual(
      new Set(["claude-code", "codex"]),
    );
  });
});

const awkward = fc.oneof(
  fc.constantFrom<AttributeValue>(
    null,
    {},
    [],
    "",
    "0",
    "-1",
    "true",
    "false",
    "[REDACTED]",
    1e308,
    -1,
    0.5,
    2 ** 53,
    "\ud800",
    "\u0000\u0001".repeat(4_000),
    "9".repeat(39),
    '{"git_commit_id":5,"mcp_tool_name":{}}',
    "*** Begin Patch\n*** Add File: a.py\n+x\n*** End Patch",
    "Process exited with code 1\nOutput:\nrejected",
    "response.completed",
    "01a2045e-70cd-7853-8d13-6d7e130e7d7b",
    "https://u:p@h/o/r.git",
  ),
  fc.string({ unit: "binary" }),
  fc.double(),
  fc.boolean(),
  fc.array(fc.string(), { maxLength: 3 }),
  fc.dictionary(fc.string(), fc.integer(), { maxKeys: 3 }),
) as fc.Arbitrary<AttributeValue>;
const NAMES = [
  ..."model,session.id,user.id,user.email,conversation.id,prompt.id,request_id,tool_use_id,call_id,event.sequence".split(
    ",",
  ),
  ..."success,duration_ms,status_code,error,input_tokens,cost_usd,cost_usd_micros,cache_creation_tokens".split(","),
  ..."cache_creation_1h_tokens,tool_parameters,arguments,output,tool_name,event.kind,error.message".split(","),
  ..."input_token_count,cached_token_count,http.response.status_code,team.id,repo,branch,env,agent,code,url".split(","),
  ..."number,severity,language,fatal,message,accepted,type,start_type,__proto__,constructor,a.b,prompt".split(","),
];
const attributes = fc.dictionary(fc.oneof(fc.constantFrom(...NAMES), fc.string()), awkward, { maxKeys: 30 });
const eventName = fc.oneof(
  fc.constantFrom(...Object.keys(CLAUDE_CODE_EVENTS), ...Object.keys(CODEX_EVENTS)),
  fc.string(),
);
const metricName = fc.constantFrom(
  ..."session,lines_of_code,pull_request,commit,code_edit_tool.decision,cost.usage,token.usage,active_time.total,x"
    .split(",")
    .map((name) => (name.includes(".") ? name : `${name}.count`)),
);
const value = fc.oneof(fc.double(), fc.constantFrom(null, Number.POSITIVE_INFINITY, Number.NaN, -1, 1e300, 5));

function events(one: OtlpExport): { event: object; at: number }[] {
  const result = normalise(one);
  const { records, mapped, kept, ignored } = result.counts;
  expect([records, mapped + kept + ignored]).toEqual([one.records.length, one.records.length]);
  const resolved = result.cumulative.map((fact) => fact.toEvent(0, fact.value));
  return [...result.events, ...resolved].map(({ event, sources }) => {
    const fields: Record<string, unknown> = event;
    for (const path of Object.values(sources)) {
      const place = path.startsWith("metadata.") ? event.metadata : fields;
      expect(Object.hasOwn(place ?? {}, path.replace(/^metadata\./, "")), path).toBe(true);
    }
    return { event, at: Date.parse(event.timestamp) };
  });
}

describe("whatever a client sends", () => {
  it("in log records becomes events that /v1/events takes, or none, and is counted once", () => {
    fc.assert(
      fc.property(eventName, attributes, fc.boolean(), (name, sent, isClaude) => {
        const record: LogRecord = isClaude ? claudeRecord(name, sent) : codexRecord(name, sent);
        for (const { event, at } of events({ signal: "logs", records: [record] })) {
          expect(validateEvent(event, at)).toHaveProperty("timestampMs");
        }
      }),
      { numRuns: 1_500 },
    );
  });

  it("in data points too, and never more than so many", () => {
    fc.assert(
      fc.property(metricName, value, attributes, fc.boolean(), (metric, sent, more, isCumulative) => {
        const temporality = isCumulative ? "cumulative" : "delta";
        const point: DataPoint = { ...claudePoint(metric, 0, more, { temporality }), value: sent };
        const made = events({ signal: "metrics", records: [point] });
        expect(made.length).toBeLessThanOrEqual(1_000);
        for (const { event, at } of made.slice(0, 3)) expect(validateEvent(event, at)).toHaveProperty("timestampMs");
      }),
      { numRuns: 800 },
    );
    const flood = Array.from({ length: 200 }, (_, nth) => claudePoint("pull_request.count", 1e9, { nth }));
    expect(normalise({ signal: "metrics", records: flood }).events.length).toBeLessThan(52_000);
  });

  it("in very many or very long attributes costs attributes, not the event", () => {
    const many = Object.fromEntries(Array.from({ length: 200 }, (_, nth) => [`key.${nth}`, "é\n".repeat(3_000)]));
    const [made] = events({ signal: "logs", records: [claudeRecord("user_prompt", many)] });
    expect(validateEvent(made?.event, Date.parse(AT_ISO))).toHaveProperty("timestampMs");
    expect(JSON.stringify(made?.event)).toContain("key_0");
  });

  it("under many unknown names is counted, under a bounded number of them", () => {
    const records = Array.from({ length: 500 }, (_, nth) => claudeRecord(`new_${nth}`));
    const { unknown } = normalise({ signal: "logs", records }).counts;
    expect(Object.keys(unknown)).toHaveLength(101);
    expect(Object.values(unknown).reduce((sum, times) => sum + times, 0)).toBe(500);
  });
});
