/**
 * ns an event of four validators of the same contract inside bare workerd: by hand, the compiled schema as ingest uses it, zod as
 * Workers run it by default, and all of ingest's checks. Valid bodies, and bodies with 5 % bad events.
 * Target: the compiled schema >= 0.8 of hand-written.
 */
import { z } from "zod";
import { type BenchResult, median, round } from "./result.ts";
import { cpuSeconds } from "./support/load.ts";
import { startWorkerd, type Workerd } from "./support/workerd.ts";

const EVENTS = 1_000;
const ROUNDS = 5;
const TARGET = 0.8;
const NOTHING = "nothing";

/** Loops are sized so that one request takes a third of a second or more: CPU is counted in ticks of 10 ms. */
const CHECKS = {
  nothing: { name: "empty loop", loops: 8_000 },
  hand: { name: "hand-written", loops: 2_400 },
  compiled: { name: "z.compile (checkSchema)", loops: 2_400 },
  zod: { name: "zod, the default on Workers", loops: 120 },
  ingest: { name: "all of ingest: schema, clock, metadata text", loops: 600 },
} as const;
type Check = keyof typeof CHECKS;
const NAMES = Object.keys(CHECKS) as Check[];

const AnswerSchema = z.object({ valid: z.number(), verdicts: z.array(z.boolean()) });

export async function run(): Promise<BenchResult> {
  const workerd = await startWorkerd("bench/workers/validate.ts");
  try {
    const rows: BenchResult["rows"] = [];
    const ratios: string[] = [];
    for (const faults of [false, true]) {
      const times = await measure(workerd, faults);
      const empty = median(times.nothing);
      const ns = (check: Check): number => median(times[check]) - empty;
      const limit = ns("hand");
      for (const check of NAMES) {
        if (check === NOTHING) continue;
        rows.push({
          events: faults ? "5 % bad" : "all valid",
          validator: CHECKS[check].name,
          "ns/event": round(ns(check)),
          "events/s": round(1e9 / ns(check)),
          "of hand-written": round(limit / ns(check), 2),
        });
      }
      const ratio = round(limit / ns("compiled"), 2);
      const word = ratio >= TARGET ? "met" : "MISSED";
      ratios.push(
        `compiled/hand-written, ${faults ? "5 % bad" : "all valid"}: ${ratio} (target >= ${TARGET}): ${word}`,
      );
    }
    return {
      title: "validate: one contract, four validators, inside bare workerd",
      rows,
      notes: [...ratios, `CPU of the process less an empty loop; medians of ${ROUNDS} interleaved rounds`],
    };
  } finally {
    workerd.stop();
  }
}

/** ns of CPU an event, by check and round. */
async function measure(workerd: Workerd, faults: boolean): Promise<Record<Check, number[]>> {
  const times: Record<Check, number[]> = { nothing: [], hand: [], compiled: [], zod: [], ingest: [] };
  await sameVerdicts(workerd, faults);
  for (let n = 0; n <= ROUNDS; n++) {
    for (const check of NAMES) {
      const { loops } = CHECKS[check];
      const before = cpuSeconds(workerd.pid);
      await ask(workerd, check, faults, loops);
      // The first round warms the code up.
      if (n > 0) times[check].push(((cpuSeconds(workerd.pid) - before) / (loops * EVENTS)) * 1e9);
    }
  }
  return times;
}

async function ask(workerd: Workerd, check: Check, faults: boolean, loops: number): Promise<boolean[]> {
  const query = `check=${check}&faults=${faults ? 1 : 0}&loops=${loops}`;
  const response = await fetch(`http://127.0.0.1:${workerd.port}/run?${query}`);
  return AnswerSchema.parse(await response.json()).verdicts;
}

/** Validators of different contracts cannot be compared. */
async function sameVerdicts(workerd: Workerd, faults: boolean): Promise<void> {
  const expected = await ask(workerd, "zod", faults, 1);
  for (const check of ["hand", "compiled", "ingest"] as const) {
    const verdicts = await ask(workerd, check, faults, 1);
    if (verdicts.some((verdict, i) => verdict !== expected[i]))
      throw new Error(`${check} gives other verdicts than zod`);
  }
  const bad = expected.filter((valid) => !valid).length;
  if (bad !== (faults ? EVENTS / 20 : 0)) throw new Error(`${bad} bad events of ${EVENTS}`);
}
