/**
 * The real OpenTelemetry SDK with its real exporters, all signals in both encodings, over a bad network and before a ClickHouse that
 * fails: every record is counted once.
 */
import { setTimeout as delay } from "node:timers/promises";
import { OTLPLogExporter as LogsInJson } from "@opentelemetry/exporter-logs-otlp-http";
import { OTLPLogExporter as LogsInProtobuf } from "@opentelemetry/exporter-logs-otlp-proto";
import {
  AggregationTemporalityPreference,
  OTLPMetricExporter as MetricsInJson,
} from "@opentelemetry/exporter-metrics-otlp-http";
import { OTLPMetricExporter as MetricsInProtobuf } from "@opentelemetry/exporter-metrics-otlp-proto";
import { OTLPTraceExporter as TracesInJson } from "@opentelemetry/exporter-trace-otlp-http";
import { OTLPTraceExporter as TracesInProtobuf } from "@opentelemetry/exporter-trace-otlp-proto";
import { resourceFromAttributes } from "@opentelemetry/resources";
import { BatchLogRecordProcessor, LoggerProvider } from "@opentelemetry/sdk-logs";
import { MeterProvider, PeriodicExportingMetricReader } from "@opentelemetry/sdk-metrics";
import { BatchSpanProcessor, TracerProvider } from "@opentelemetry/sdk-trace";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { type EdgeProxy, startEdgeProxy } from "../support/edge-proxy.ts";
import { type FaultySystem, startFaultySystem } from "../support/faulty-system.ts";
import { query } from "../support/ledger.ts";

const SEED = 20_261_122;
const RECORDS = 400;
const BATCH = 40;
const FLUSHES = 8;
const SETTLE_MS = 60_000;
/** Long enough for five tries. */
const EXPORT_MS = 40_000;

const ENCODINGS = ["json", "protobuf"] as const;
const COMPRESSIONS = ["none", "gzip"] as const;
type Encoding = (typeof ENCODINGS)[number];
type Compression = (typeof COMPRESSIONS)[number];
const VARIANTS = ENCODINGS.flatMap((encoding) => COMPRESSIONS.map((compression) => ({ encoding, compression })));

let faulty: FaultySystem;
let edge: EdgeProxy;

beforeAll(async () => {
  faulty = await startFaultySystem({ refuse: 0.1, loseAnswer: 0.1 }, SEED);
  edge = await startEdgeProxy(faulty.system.devJson.url, SEED);
});

afterAll(async () => {
  await edge?.close();
  await faulty?.stop();
});

/** An exporter's settings; compression as people set it, in the environment. */
function withSettings<T>(
  signal: string,
  compression: Compression,
  residency: "us" | "eu",
  make: (settings: object) => T,
): T {
  const org = faulty.system.devJson.orgs.find((one) => one.residency === residency);
  process.env.OTEL_EXPORTER_OTLP_COMPRESSION = compression;
  try {
    return make({
      url: `${edge.url}/v1/${signal}`,
      headers: { authorization: `Bearer ${org?.ingest_key}` },
      timeoutMillis: EXPORT_MS,
    });
  } finally {
    delete process.env.OTEL_EXPORTER_OTLP_COMPRESSION;
  }
}

const AGENT = resourceFromAttributes({ "service.name": "claude-code", "service.version": "2.1.330" });
const sessionOf = (signal: string, encoding: Encoding, compression: Compression): string =>
  `otlp-${signal}-${encoding}-${compression}`;

const TotalsSchema = z.tuple([
  z.object({ events: z.coerce.number(), input: z.coerce.number(), lines: z.coerce.number() }),
]);
type Totals = z.infer<typeof TotalsSchema>[0];

/** What ClickHouse holds of a session's events of a type. */
async function stored(region: "us" | "eu", session: string, type: string): Promise<Totals> {
  const sql = `SELECT count() AS events, sum(input_tokens) AS input, sum(lines_added) AS lines FROM events FINAL
    WHERE session_id = '${session}' AND event_type = '${type}'`;
  return TotalsSchema.parse(await query(faulty.system.devJson, region, sql))[0];
}

/** Waits until that is as expected; resolves to what it was last. */
async function settled(region: "us" | "eu", session: string, type: string, expected: Partial<Totals>): Promise<Totals> {
  for (const deadline = Date.now() + SETTLE_MS; ; await delay(250)) {
    const totals = await stored(region, session, type);
    const equal = Object.entries(expected).every(([name, value]) => totals[name as keyof Totals] === value);
    if (equal || Date.now() > deadline) return totals;
  }
}

/** Sum of 1 to n, the tokens and lines of n records. */
const upTo = (n: number): number => (n * (n + 1)) / 2;

describe("the JS SDK", () => {
  it.concurrent.each(VARIANTS)(
    "exports logs exactly once: $encoding, $compression",
    async ({ encoding, compression }) => {
      const session = sessionOf("logs", encoding, compression);
      const region = encoding === "json" ? "us" : "eu";
      const Exporter = encoding === "json" ? LogsInJson : LogsInProtobuf;
      const exporter = withSettings("logs", compression, region, (settings) => new Exporter(settings));
      const processor = new BatchLogRecordProcessor({
        exporter,
        maxExportBatchSize: BATCH,
        exportTimeoutMillis: EXPORT_MS,
      });
      const provider = new LoggerProvider({ resource: AGENT, processors: [processor] });
      const logger = provider.getLogger("com.anthropic.claude_code.events", "2.1.330");
      for (let i = 1; i <= RECORDS; i++) {
        logger.emit({
          timestamp: Date.now(),
          body: "claude_code.api_request",
          attributes: {
            "event.name": "api_request",
            "session.id": session,
            "user.id": "sdk",
            model: "claude-opus-4-8",
            request_id: `${session}-${i}`,
            input_tokens: i,
            output_tokens: 1,
            cost_usd: 0.001,
          },
        });
      }
      await provider.forceFlush();
      await provider.shutdown();
      const expected = { events: RECORDS, input: upTo(RECORDS) };
      expect(await settled(region, session, "cost_incurred", expected)).toMatchObject(expected);
    },
  );

  it.concurrent.each(
    VARIANTS.map((variant, i) => ({
      ...variant,
      temporality: i % 2 === 0 ? ("cumulative" as const) : ("delta" as const),
    })),
  )(
    "exports metrics exactly once: $encoding, $compression, $temporality",
    async ({ encoding, compression, temporality }) => {
      const session = sessionOf("metrics", encoding, compression);
      const region = encoding === "json" ? "eu" : "us";
      const preference =
        temporality === "delta" ? AggregationTemporalityPreference.DELTA : AggregationTemporalityPreference.CUMULATIVE;
      const Exporter = encoding === "json" ? MetricsInJson : MetricsInProtobuf;
      const exporter = withSettings(
        "metrics",
        compression,
        region,
        (settings) => new Exporter({ ...settings, temporalityPreference: preference }),
      );
      const options = { exporter, exportIntervalMillis: 3_600_000, exportTimeoutMillis: EXPORT_MS };
      const provider = new MeterProvider({ resource: AGENT, readers: [new PeriodicExportingMetricReader(options)] });
      const counter = provider.getMeter("com.anthropic.claude_code").createCounter("claude_code.lines_of_code.count");
      for (let i = 1; i <= FLUSHES; i++) {
        for (const model of ["a", "b"])
          counter.add(i, { "session.id": session, "user.id": "sdk", type: "added", model });
        await provider.forceFlush();
      }
      await provider.shutdown();
      const expected = { lines: 2 * upTo(FLUSHES) };
      expect(await settled(region, session, "code_generated", expected)).toMatchObject(expected);
    },
  );

  it.concurrent.each(VARIANTS)(
    "exports spans exactly once: $encoding, $compression",
    async ({ encoding, compression }) => {
      const session = sessionOf("traces", encoding, compression);
      const Exporter = encoding === "json" ? TracesInJson : TracesInProtobuf;
      const exporter = withSettings("traces", compression, "us", (settings) => new Exporter(settings));
      const options = { exporter, maxExportBatchSize: BATCH, exportTimeoutMillis: EXPORT_MS };
      const provider = new TracerProvider({
        resource: resourceFromAttributes({ "service.name": "an-agent-of-our-own" }),
        spanProcessors: [new BatchSpanProcessor(options)],
      });
      const tracer = provider.getTracer("an-instrumentation");
      for (let i = 1; i <= RECORDS; i++) {
        const attributes = {
          "gen_ai.operation.name": "chat",
          "gen_ai.provider.name": "openai",
          "gen_ai.request.model": "gpt-5.5",
          "gen_ai.conversation.id": session,
          "gen_ai.usage.input_tokens": i,
          "gen_ai.usage.output_tokens": 1,
        };
        tracer.startSpan("chat gpt-5.5", { attributes }).end();
      }
      await provider.forceFlush();
      await provider.shutdown();
      const expected = { events: RECORDS, input: upTo(RECORDS) };
      expect(await settled("us", session, "cost_incurred", expected)).toMatchObject(expected);
    },
  );

  it("met every fault on the way", () => {
    for (const [fate, count] of Object.entries(edge.counts)) expect([fate, count > 0]).toEqual([fate, true]);
    expect(faulty.proxy.counts.refused).toBeGreaterThan(0);
    expect(faulty.proxy.counts.lost).toBeGreaterThan(0);
  });
});
