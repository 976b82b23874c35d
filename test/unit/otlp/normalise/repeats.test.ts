/** Retries, other orders and the other encoding change nothing. */
import { describe, expect, it } from "vitest";
import { decode } from "../../../../workers/ingest/otlp/decode.ts";
import type { OtlpExport } from "../../../../workers/ingest/otlp/model.ts";
import { bodies, eventsOf, identityOf, requests, scenarios } from "../../../support/otlp-fixtures.ts";
import { toProtobuf } from "../../../support/otlp-protobuf.ts";
import { totalsOf } from "../../../support/otlp-totals.ts";

const runs = [...scenarios("claude-code"), ...scenarios("codex"), ...scenarios("gemini")].map((run) => ({
  ...run,
  run: `${run.agent}/${run.name}`,
}));

/** Park-Miller: the same shuffle every time. */
function shuffled<T>(items: readonly T[], seed: number): T[] {
  let state = seed;
  const out = [...items];
  for (let i = out.length - 1; i > 0; i--) {
    state = (state * 48_271) % 2_147_483_647;
    const j = state % (i + 1);
    const [a, b] = [out[i], out[j]];
    if (a !== undefined && b !== undefined) [out[i], out[j]] = [b, a];
  }
  return out;
}

/** Every record in a request of its own. */
function alone(one: OtlpExport): OtlpExport[] {
  switch (one.signal) {
    case "logs":
      return one.records.map((record) => ({ signal: "logs", records: [record] }));
    case "metrics":
      return one.records.map((record) => ({ signal: "metrics", records: [record] }));
    case "traces":
      return one.records.map((record) => ({ signal: "traces", records: [record] }));
  }
}

const identities = (exports: readonly OtlpExport[]): string[] => eventsOf(exports).map(identityOf).sort();

describe.each(runs)("$run", (run) => {
  const exports = requests(run);
  // A cumulative point's event is what it added to the points before it: another order cuts the same total elsewhere.
  const isCumulative = run.name.includes("cumulative");

  it("sent three times and shuffled is the same set of events", () => {
    const sent = shuffled([...exports, ...exports, ...exports], 7);
    expect(totalsOf(eventsOf(sent))).toEqual(totalsOf(eventsOf(exports)));
    if (!isCumulative) expect(identities(sent)).toEqual(identities(exports));
  });

  it("record by record, three times and shuffled, is the same set of events", () => {
    const records = exports.filter(({ signal }) => signal !== "traces").flatMap(alone);
    const sent = shuffled([...records, ...records, ...records], 11);
    expect(totalsOf(eventsOf(sent))).toEqual(totalsOf(eventsOf(exports)));
    if (!isCumulative) expect(identities(sent)).toEqual(identities(exports));
  });

  it("half as protobuf and half as JSON is the same events, value for value", () => {
    const mixed = bodies(run).map(({ signal, encoding, bytes }, nth) => {
      if (encoding === "protobuf" || nth % 2 === 0) return decode(signal, encoding, bytes).otlp;
      return decode(signal, "protobuf", toProtobuf(signal, JSON.parse(new TextDecoder().decode(bytes)))).otlp;
    });
    expect(eventsOf(mixed).map(({ event, price }) => ({ event, price }))).toEqual(
      eventsOf(exports).map(({ event, price }) => ({ event, price })),
    );
  });
});
