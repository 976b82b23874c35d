/** The ingest app as a Worker of its own, with the real MetricSeries on a clock of the tests. Used by the tests of this folder only. */

import { MAX_SERIES } from "../../../durable-objects/metric-series/limits.ts";
import { MetricSeries as ShippedMetricSeries } from "../../../durable-objects/metric-series.ts";
import { createIngestApp } from "../../../workers/ingest/app.ts";
import type { Env } from "../../../workers/shared/env.ts";
import { clock } from "./clock.ts";

export { QuotaLease } from "../../../durable-objects/quota-lease.ts";
export { RecordingBuffer, RecordingLive } from "../ingest/worker.ts";

export class MetricSeries extends ShippedMetricSeries {
  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env, { now: () => Date.now() + clock.ahead, maxSeries: MAX_SERIES });
  }
}

export default createIngestApp();
