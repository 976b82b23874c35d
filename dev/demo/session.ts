/**
 * One coding session of one developer, as the events an agent would send: turns of model calls, tool calls and edits,
 * with rate limits, tool failures, a pull request or a security alert now and then. Pure: everything follows from the key
 * and the start. Used by history.ts and live.ts. It decides nothing about working hours or sending.
 */
import type { EventInput } from "../../schema/event.ts";
import { HOUR_MS, MINUTE_MS, SECOND_MS } from "../../schema/limits.ts";
import {
  ALERTS,
  BRANCH_KINDS,
  BRANCH_TOPICS,
  type DemoAgent,
  type DemoError,
  type DemoModel,
  type DemoRepo,
  MODEL_ERRORS,
  PR_TITLES,
  TOOL_ERRORS,
} from "./catalog.ts";
import type { DemoDeveloper } from "./org-plan.ts";
import {
  between,
  chance,
  intBetween,
  logNormal,
  pick,
  pickWeighted,
  type Random,
  randomFrom,
  uuidV7,
} from "./random.ts";

/** An event with its time as a number (ms since the epoch; the same as its timestamp), to merge and pace by. */
export interface DemoEvent {
  at: number;
  event: EventInput;
}

/** How long sessions are, in turns. The last kind is the agent that is left to run for half a day. */
const LENGTHS = [
  { share: 55, turns: [1, 4] },
  { share: 33, turns: [4, 14] },
  { share: 11, turns: [15, 45] },
  { share: 1, turns: [100, 220] },
] as const;

const RATE_LIMIT_CHANCE = 0.015;
const TOOL_ERROR_CHANCE = 0.05;
const EDIT_CHANCE = 0.35;
const ACCEPT_CHANCE = 0.9;
const ALERT_CHANCE = 0.002;
const PR_CHANCE = 0.35;
const CRASH_CHANCE = 0.03;
const MAX_CONTEXT_TOKENS = 180_000;
/** Nobody waits longer than this between two turns of one session. */
const MAX_THINKING_MS = 40 * MINUTE_MS;
/** Whatever its turns say, a session ends then. */
const MAX_SESSION_MS = 14 * HOUR_MS;

/** The running state of a session: its clock, its dice and what every event of it carries. */
interface Run {
  random: Random;
  at: number;
  seq: number;
  agent: DemoAgent;
  repo: DemoRepo;
  context: number;
  common: Pick<
    EventInput,
    "user_id" | "session_id" | "team_id" | "environment" | "agent" | "agent_version" | "repo" | "branch"
  >;
}

/** An event's type, model and metadata; the run adds the rest. Distributes over the union so that types keep their metadata. */
type Body = EventInput extends infer E
  ? E extends EventInput
    ? Pick<E, "event_type" | "metadata" | "model">
    : never
  : never;

function emit(run: Run, body: Body): DemoEvent {
  const event: EventInput = {
    ...run.common,
    ...body,
    event_id: uuidV7(run.random, run.at),
    timestamp: new Date(run.at).toISOString(),
    seq: run.seq++,
  };
  return { at: run.at, event };
}

function advance(run: Run, ms: number): void {
  run.at += Math.max(1, Math.round(ms));
}

function costUsd(model: DemoModel, input: number, output: number, read: number, written: number): number | undefined {
  if (model.price === undefined) return undefined;
  const { price } = model;
  const micro = input * price.input + output * price.output + read * price.cacheRead + written * price.cacheWrite;
  return Math.round(micro * 1_000) / 1e9;
}

function failure(run: Run, error: DemoError, extra: { tool_name?: string; fatal: boolean; model?: string }): DemoEvent {
  const { model, ...rest } = extra;
  return emit(run, {
    event_type: "error",
    ...(model === undefined ? {} : { model }),
    metadata: {
      code: error.code,
      message: error.message,
      ...(error.status === null ? {} : { status_code: error.status }),
      ...rest,
    },
  });
}

function* modelCall(run: Run, model: DemoModel): Generator<DemoEvent> {
  const { random } = run;
  while (chance(random, RATE_LIMIT_CHANCE)) {
    advance(run, between(random, 300, 2_000));
    const error = pickWeighted(random, MODEL_ERRORS, (e) => e.weight);
    yield failure(run, error, { fatal: false, model: model.name });
    advance(run, between(random, 2, 30) * SECOND_MS);
  }
  const latency = Math.min(logNormal(random, 5_500, 0.7), 4 * MINUTE_MS);
  advance(run, latency);
  const input = intBetween(random, 3, 900);
  const output = Math.round(Math.min(logNormal(random, 260, 1), 16_000));
  const cacheWrite = Math.round(Math.min(logNormal(random, 1_100, 0.9), 40_000));
  const cacheRead = run.context;
  const cost = costUsd(model, input, output, cacheRead, cacheWrite);
  yield emit(run, {
    event_type: "cost_incurred",
    model: model.name,
    metadata: {
      model: model.name,
      input_tokens: input,
      output_tokens: output,
      cache_read_tokens: cacheRead,
      cache_write_tokens: cacheWrite,
      ...(chance(random, 0.4) ? { reasoning_tokens: Math.round(output * between(random, 0.1, 0.6)) } : {}),
      ...(cost === undefined ? {} : { cost_usd: cost }),
      request_id: `req_${uuidV7(random, run.at).replaceAll("-", "").slice(12)}`,
      duration_ms: Math.round(latency),
    },
  });
  // A full context is compacted: the next call starts from a summary.
  run.context += cacheWrite + output;
  if (run.context > MAX_CONTEXT_TOKENS) run.context = intBetween(random, 12_000, 30_000);
}

function* toolCall(run: Run): Generator<DemoEvent> {
  const { random, agent, repo } = run;
  const edits = chance(random, EDIT_CHANCE);
  const tool = pick(random, edits ? agent.editTools : agent.tools);
  const duration = edits ? between(random, 15, 250) : Math.min(logNormal(random, 900, 1.4), 2 * MINUTE_MS);
  advance(run, duration);
  const failed = chance(random, TOOL_ERROR_CHANCE);
  yield emit(run, {
    event_type: "custom.tool_call",
    metadata: { tool_name: tool, duration_ms: Math.round(duration), success: !failed },
  });
  advance(run, 1);
  if (failed) {
    yield failure(
      run,
      pickWeighted(random, TOOL_ERRORS, (e) => e.weight),
      { tool_name: tool, fatal: false },
    );
  } else if (edits) {
    const added = Math.round(Math.min(logNormal(random, 9, 1.2), 2_000));
    yield emit(run, {
      event_type: "code_generated",
      metadata: {
        language: chance(random, 0.85) ? repo.language : repo.secondary,
        lines_added: added,
        lines_removed: Math.round(added * between(random, 0, 0.8)),
        accepted: chance(random, ACCEPT_CHANCE),
        tool_name: tool,
      },
    });
  }
  if (chance(random, ALERT_CHANCE)) {
    advance(run, 1);
    const { rule, severity, detail } = pickWeighted(random, ALERTS, (a) => a.weight);
    yield emit(run, { event_type: "security_alert", metadata: { rule, severity, detail, tool_name: tool } });
  }
}

function pullRequest(run: Run): DemoEvent {
  const number = intBetween(run.random, 100, 9_999);
  return emit(run, {
    event_type: "pr_created",
    metadata: {
      repo: run.repo.name,
      number,
      url: `https://git.example/${encodeURIComponent(run.repo.name)}/pull/${number}`,
      title: pick(run.random, PR_TITLES),
    },
  });
}

function begin(random: Random, developer: DemoDeveloper, startMs: number): Run {
  const agent = chance(random, 0.2) ? developer.secondAgent : developer.agent;
  const repo = pick(random, developer.team.repos);
  const branch = chance(random, 0.2)
    ? "main"
    : `${pick(random, BRANCH_KINDS)}/${pick(random, BRANCH_TOPICS)}-${intBetween(random, 1, 40)}`;
  return {
    random,
    at: startMs,
    seq: 0,
    agent,
    repo,
    context: intBetween(random, 9_000, 22_000),
    common: {
      user_id: developer.user_id,
      session_id: uuidV7(random, startMs),
      team_id: developer.team.team_id,
      environment: chance(random, 0.93) ? "production" : "staging",
      agent: agent.name,
      agent_version: agent === developer.agent ? developer.agentVersion : pick(random, agent.versions),
      repo: repo.name,
      branch,
    },
  };
}

function end(run: Run, startMs: number, outcome: string): DemoEvent {
  return emit(run, { event_type: "session_end", metadata: { duration_ms: run.at - startMs, outcome } });
}

/**
 * The events of the session named `key` (which must hold the seed), in order, from session_start to session_end.
 * Lazy: a caller may stop early, as an agent that is killed does.
 */
export function* simulateSession(key: string, developer: DemoDeveloper, startMs: number): Generator<DemoEvent, void> {
  const random = randomFrom(key);
  const run = begin(random, developer, startMs);
  const main = pickWeighted(random, run.agent.models, (m) => m.weight);
  const [fewest, most] = pickWeighted(random, LENGTHS, (l) => l.share).turns;
  const turns = intBetween(random, fewest, most);
  yield emit(run, {
    event_type: "session_start",
    model: main.name,
    metadata: {
      agent: run.agent.name,
      model: main.name,
      repo: run.repo.name,
      branch: run.common.branch,
      entrypoint: pick(random, run.agent.entrypoints),
    },
  });
  for (let turn = 1; turn <= turns && run.at - startMs < MAX_SESSION_MS; turn++) {
    advance(run, Math.min(logNormal(random, 45 * SECOND_MS, 0.9), MAX_THINKING_MS));
    yield emit(run, { event_type: "custom.turn", metadata: { turn } });
    const steps = Math.min(1 + Math.round(logNormal(random, 4, 0.8)), 60);
    for (let step = 0; step < steps; step++) {
      const model = chance(random, 0.9) ? main : pickWeighted(random, run.agent.models, (m) => m.weight);
      yield* modelCall(run, model);
      if (step < steps - 1) yield* toolCall(run);
    }
    if (chance(random, CRASH_CHANCE / 10)) {
      advance(run, 20);
      yield failure(
        run,
        { weight: 1, code: "agent_crash", message: "The agent stopped unexpectedly", status: null },
        { fatal: true },
      );
      advance(run, 1);
      yield end(run, startMs, "crashed");
      return;
    }
  }
  if (turns >= fewest + 2 && chance(random, PR_CHANCE)) {
    advance(run, between(random, 2, 20) * SECOND_MS);
    yield pullRequest(run);
  }
  advance(run, between(random, 1, 90) * SECOND_MS);
  yield end(run, startMs, chance(random, 0.88) ? "completed" : "abandoned");
}
