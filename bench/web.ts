/**
 * The dashboard in real Chromium at a quarter of the processor's speed, on seeded data: JavaScript of every first view, first paint, length
 * of interactions, redraw of a chart, scrolling 100,000 sessions, and memory while Live runs.
 * TENFOLD_BENCH_MINUTES: minutes of Live, default 10. TENFOLD_BENCH_PARTS: some of weight,paint,acts,redraw,scroll,memory; default all.
 */
import { z } from "zod";
import { MAX_FIRST_VIEW_BYTES, weighPage } from "../test/support/page-weight.ts";
import { manySessions, PAGES, type PageWorld } from "../test/support/page-world.ts";
import { settingsWorld } from "../test/support/settings-script.ts";
import { type BenchResult, median, percentile, round } from "./result.ts";
import { type Dashboard, SLOW_DOWN, startDashboard } from "./support/throttled-page.ts";
import { actOnce, SHORTEST_MS } from "./support/web-interactions.ts";
import { growthPerMinute, SETTLING_MINUTES, watchMemory } from "./support/web-memory.ts";

const MINUTES = Number(process.env.TENFOLD_BENCH_MINUTES ?? 10);
/** Fewer samples after settling have no slope. */
const LEAST_MINUTES = SETTLING_MINUTES + 2;
const PAINT_LIMIT_MS = 1_000;
const PAINT_LOADS = 5;
const PAINT_PAGES = ["sign-in", "live", "overview", "cost"];
const ACT_LIMIT_MS = 100;
const ACT_ROUNDS = 2;
const REDRAW_LIMIT_MS = 8;
const REDRAW_ROUNDS = 100;
/** 60 minutes of 10 s windows, by ten types. */
const REDRAW = { points: 360, types: 10 };
const SESSIONS = 100_000;
/** A list for the other parts: all of it loaded, so that it can be sorted. */
const FEW_SESSIONS = 250;
/** One frame at 60 Hz, and what a display's clock may be off. */
const FRAME_MS = 1_000 / 60;
const TOLERANCE_MS = 1.5;
const SCROLL_FRAMES = 300;
/** CSS pixels a frame. */
const SPEEDS = { reading: 24, "turning the wheel": 120, "dragging the bar": 9_000 };
/** Less is the noise of compiled code and of counters. */
const GROWTH_LIMIT_BYTES = 20_000;

type Row = BenchResult["rows"][number];
type Part = (dashboard: Dashboard, world: PageWorld) => Promise<{ rows: Row[]; notes?: string[] }>;

const PARTS: Readonly<Record<string, Part>> = { weight, paint, acts, redraw, scroll, memory };

export async function run(): Promise<BenchResult> {
  const wanted = (process.env.TENFOLD_BENCH_PARTS ?? Object.keys(PARTS).join(",")).split(",");
  const world: PageWorld = {
    sessions: manySessions(FEW_SESSIONS),
    settings: settingsWorld(Date.now()),
    pageOf: SESSIONS,
  };
  const dashboard = await startDashboard(world);
  const rows: Row[] = [];
  const notes = [
    `Chromium ${dashboard.browser.version()}, headless, drawing without a graphics card; processor slowed down ${SLOW_DOWN} times. The data are`,
    "seeded and come from a fake of the API (test/support/page-world.ts): what is measured is the page, not ClickHouse.",
  ];
  try {
    for (const name of wanted) {
      const part = PARTS[name];
      if (part === undefined) throw new Error(`unknown part ${name}; parts: ${Object.keys(PARTS).join(", ")}`);
      const result = await part(dashboard, world);
      rows.push(...result.rows);
      notes.push(...(result.notes ?? []));
    }
  } finally {
    await dashboard.close();
  }
  return { title: "web: the dashboard in Chromium", rows, notes };
}

const row = (what: string, value: number, unit: string, limit: number, more = ""): Row => ({
  what,
  measured: `${value} ${unit}`,
  limit: `${limit} ${unit}`,
  met: value <= limit ? "yes" : "NO",
  more,
});

async function weight(dashboard: Dashboard): ReturnType<Part> {
  const rows: Row[] = [];
  for (const spec of PAGES) {
    const { bytes, files } = await weighPage(dashboard.browser, dashboard.fake.url, spec);
    const limit = MAX_FIRST_VIEW_BYTES / 1_000;
    rows.push(row(`first view: ${spec.name}`, round(bytes / 1_000, 1), "KB", limit, `${files.length} files, gzip`));
  }
  return { rows };
}

async function paint(dashboard: Dashboard): ReturnType<Part> {
  const rows: Row[] = [];
  for (const { name, path, shown } of PAGES.filter((spec) => PAINT_PAGES.includes(spec.name))) {
    const paints: number[] = [];
    const full: number[] = [];
    let shifted = 0;
    for (let load = 0; load < PAINT_LOADS; load++) {
      const opened = await dashboard.open(path);
      await opened.page.locator(shown).first().waitFor();
      full.push(await opened.read("performance.now()", z.number()));
      await opened.page.waitForLoadState("networkidle");
      paints.push(await opened.read("tenfoldProbe.firstPaint()", z.number()));
      shifted = Math.max(shifted, await opened.read("tenfoldProbe.shifted()", z.number()));
      await opened.close();
    }
    const more = `data shown ${round(median(full))} ms; layout shift ${round(shifted, 3)}; median of ${PAINT_LOADS}, nothing cached`;
    rows.push(row(`first contentful paint: ${name}`, round(median(paints)), "ms", PAINT_LIMIT_MS, more));
  }
  return { rows };
}

async function acts(dashboard: Dashboard): ReturnType<Part> {
  const all: { name: string; longest: number }[] = [];
  for (let i = 0; i < ACT_ROUNDS; i++) all.push(...(await actOnce(dashboard)));
  const lengths = all.map(({ longest }) => longest);
  const p75 = percentile(lengths, 0.75);
  const names = [...new Set(all.map(({ name }) => name))];
  const each = names
    .map((name) => ({ name, ms: median(all.filter((one) => one.name === name).map(({ longest }) => longest)) }))
    .sort((a, b) => b.ms - a.ms);
  const more = `${all.length} acts, each its slowest interaction; median ${median(lengths)}, p95 ${percentile(lengths, 0.95)} ms`;
  return {
    rows: [row("interaction p75", p75, "ms", ACT_LIMIT_MS, more)],
    notes: [
      `acts, median ms until the next paint (0: under ${SHORTEST_MS}): ${each.map(({ name, ms }) => `${name} ${ms}`).join(", ")}`,
    ],
  };
}

const RoundsSchema = z.object({ script: z.array(z.number()), drawn: z.array(z.number()) });

async function redraw(dashboard: Dashboard): ReturnType<Part> {
  const opened = await dashboard.open("/sign-in");
  await opened.page.waitForLoadState("networkidle");
  const draw = (call: string) => opened.read(`tenfoldRedraw.${call}`, RoundsSchema);
  const hour = await draw(`range(${REDRAW.points}, ${REDRAW.types}, ${REDRAW_ROUNDS})`);
  const live = await draw(`live(${REDRAW_ROUNDS})`);
  await opened.close();
  const line = (what: string, { script, drawn }: z.infer<typeof RoundsSchema>): Row =>
    row(
      `redraw: ${what}`,
      round(median(script), 2),
      "ms",
      REDRAW_LIMIT_MS,
      `p95 ${round(percentile(script, 0.95), 2)}; with pixels ${round(median(drawn), 2)} ms`,
    );
  return { rows: [line("60 min of 10 s by 10 types", hour), line("the Live chart, 15 min by 8", live)] };
}

const ScrollSchema = z.object({ between: z.array(z.number()), work: z.array(z.number()) });
const LIST = '[role=region][aria-label="List of sessions"]';

async function scroll(dashboard: Dashboard, world: PageWorld): ReturnType<Part> {
  const few = world.sessions;
  world.sessions = manySessions(SESSIONS);
  // Loading and parsing them at once is no part of it: a person pages them in by 100.
  const opened = await dashboard.open("/sessions?range=24h", { slow: false });
  await opened.page.getByText("100,000", { exact: false }).first().waitFor({ timeout: 60_000 });
  await opened.page.waitForLoadState("networkidle");
  await opened.cdp.send("Emulation.setCPUThrottlingRate", { rate: SLOW_DOWN });
  const rows: Row[] = [];
  for (const [name, pixels] of Object.entries(SPEEDS)) {
    const call = `tenfoldProbe.scroll(${JSON.stringify(LIST)}, ${pixels}, ${SCROLL_FRAMES})`;
    const { between, work } = await opened.read(call, ScrollSchema);
    const inTime = between.filter((ms) => ms <= FRAME_MS + TOLERANCE_MS).length / between.length;
    const more = `${round(100 * inTime, 1)} % of frames in time, median ${round(median(between), 1)}; main thread median ${round(median(work), 1)}, p95 ${round(percentile(work, 0.95), 1)} ms`;
    const p95 = round(percentile(between, 0.95), 1);
    rows.push(
      row(`100,000 sessions, ${name} (${pixels} px a frame), p95`, p95, "ms", round(FRAME_MS + TOLERANCE_MS, 1), more),
    );
  }
  await opened.close();
  world.sessions = few;
  return { rows };
}

async function memory(dashboard: Dashboard): ReturnType<Part> {
  if (!(MINUTES >= LEAST_MINUTES)) throw new Error(`memory needs TENFOLD_BENCH_MINUTES of at least ${LEAST_MINUTES}`);
  const samples = await watchMemory(dashboard, MINUTES);
  const growth = Math.max(0, growthPerMinute(samples));
  const [first, last] = [samples.find(({ minute }) => minute === SETTLING_MINUTES), samples.at(-1)];
  const more = `${kilobytes(first?.heapBytes)} KB after ${SETTLING_MINUTES} min, ${kilobytes(last?.heapBytes)} KB after ${MINUTES}; nodes ${first?.nodes} to ${last?.nodes}, listeners ${first?.listeners} to ${last?.listeners}`;
  return {
    rows: [
      row(
        `growth over ${MINUTES} min of Live, a minute`,
        round(growth / 1_000, 1),
        "KB",
        GROWTH_LIMIT_BYTES / 1_000,
        more,
      ),
    ],
    notes: [`heap after collection, KB, by minute: ${samples.map(({ heapBytes }) => kilobytes(heapBytes)).join(", ")}`],
  };
}

const kilobytes = (bytes: number | undefined): number => round((bytes ?? 0) / 1_000);
