/**
 * Runs one classified statement and gives its output as a stream and its end as a value. Called by handler.ts. It takes and
 * returns slots, and does not know who reads the output.
 */

import { createReadStream } from "node:fs";
import { rm } from "node:fs/promises";
import type { ChdbResult } from "chdb";
import type { Connection, Scope } from "./connection.ts";
import type { Engine, Slot, SlotKind } from "./engine.ts";
import { type ClickHouseError, fromEngine, refuse } from "./errors.ts";
import { openPipe } from "./pipe.ts";
import { type Statement, sqlString } from "./statement.ts";

export type Outcome =
  | { ok: true; rows: number; bytes: number; elapsedNs: number }
  | { ok: false; error: ClickHouseError };

export interface Run {
  /** Must be read to its end; it never throws. */
  output: AsyncIterable<Uint8Array>;
  done: Promise<Outcome>;
}

export interface RunInput {
  text: string;
  scope: Scope;
  /** Connection of a client session; otherwise that of the slot. */
  connection: Connection | undefined;
  /** The client has gone. */
  signal: AbortSignal;
}

const NOTHING: AsyncIterable<Uint8Array> = (async function* () {})();
const GONE: Outcome = { ok: false, error: refuse("QUERY_WAS_CANCELLED", "The client has disconnected") };

export async function runSelect(
  engine: Engine,
  input: RunInput,
  select: Extract<Statement, { kind: "select" }>,
  format: string,
  holdBack: boolean,
): Promise<Run> {
  const slot = await engine.slots.read.take(input.signal);
  if (slot === undefined) return { output: NOTHING, done: Promise.resolve(GONE) };
  const file = holdBack ? engine.newFile() : slot.pipe;
  const outfile = ` INTO OUTFILE ${sqlString(file)}${holdBack ? "" : " TRUNCATE"}`;
  const stated = select.format === undefined ? ` FORMAT ${format}` : ` ${input.text.slice(select.outfileAt)}`;
  const sql = `${input.text.slice(0, select.outfileAt)}${outfile}${stated}`;
  const pipe = holdBack ? undefined : openPipe(slot.pipe);
  const read = pipe && closed(pipe.output);
  let killing: Promise<void> | undefined;
  const cancel = () => {
    killing = engine.kill(file, done).catch(() => undefined);
  };
  const done = execute(engine, slot, input, sql, [outfile]).finally(() => {
    input.signal.removeEventListener("abort", cancel);
    pipe?.finish();
  });
  if (input.signal.aborted) cancel();
  else input.signal.addEventListener("abort", cancel, { once: true });
  // A kill still under way goes by the name of the pipe: the next query on it must not start before.
  void Promise.allSettled([done, read]).then(async () => {
    await killing;
    await release(engine, "read", slot, await done);
  });
  return { output: pipe ? pipe.output : heldBack(file, done), done };
}

async function* heldBack(file: string, done: Promise<Outcome>): AsyncGenerator<Uint8Array> {
  try {
    if ((await done).ok) yield* createReadStream(file);
  } finally {
    await rm(file, { force: true });
  }
}

function closed(output: NodeJS.EventEmitter): Promise<void> {
  return new Promise((resolve) => {
    output.once("close", resolve);
  });
}

export async function runInsert(
  engine: Engine,
  input: RunInput,
  insert: Extract<Statement, { kind: "insert" }>,
  format: string,
  data: { path: string; compression: string },
): Promise<Outcome> {
  const slot = await engine.slots.insert.take(input.signal);
  if (slot === undefined) return GONE;
  const infile = ` FROM INFILE ${sqlString(data.path)} COMPRESSION ${sqlString(data.compression)} `;
  const settings = input.text.slice(insert.infileAt, insert.formatAt);
  const sql = `${input.text.slice(0, insert.infileAt)}${infile}${settings} FORMAT ${format}`;
  const outcome = await execute(engine, slot, input, sql, [infile]);
  void release(engine, "insert", slot, outcome);
  return outcome;
}

/** Anything else: small answers, held in memory. */
export async function runCommand(engine: Engine, input: RunInput, format: string, scoped: boolean): Promise<Run> {
  const kind: SlotKind = /^\W*(SHOW|DESC|DESCRIBE|EXPLAIN|EXISTS)\b/i.test(input.text) ? "read" : "command";
  const slot = await engine.slots[kind].take(input.signal);
  if (slot === undefined) return { output: NOTHING, done: Promise.resolve(GONE) };
  const single = scoped && input.connection === undefined ? engine.connect() : undefined;
  const chunks: Uint8Array[] = [];
  const alone = single === undefined ? input : { ...input, connection: single };
  const keep = (result: ChdbResult) => void chunks.push(result.bytes());
  const outcome = await execute(engine, slot, alone, input.text, [], format, keep);
  single?.close();
  void release(engine, kind, slot, outcome);
  return { output: fromMemory(chunks), done: Promise.resolve(outcome) };
}

async function* fromMemory(chunks: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* chunks;
}

async function execute(
  engine: Engine,
  slot: Slot,
  input: RunInput,
  sql: string,
  injected: readonly string[],
  format?: string,
  keep?: (result: ChdbResult) => void,
): Promise<Outcome> {
  try {
    const connection = input.connection ?? (await enterSlot(engine, slot, input.scope));
    if (input.connection !== undefined) await input.connection.enter(input.scope);
    const result = await connection.run(sql, format);
    keep?.(result);
    return {
      ok: true,
      rows: result.rowsRead,
      bytes: result.bytesRead,
      elapsedNs: Math.round(result.elapsed * 1e9),
    };
  } catch (error) {
    return { ok: false, error: fromEngine(error, injected) };
  }
}

/** The engine lists a failed query as running until its connection is used again, so it is used at once. */
async function release(engine: Engine, kind: SlotKind, slot: Slot, outcome: Outcome): Promise<void> {
  if (!outcome.ok) await slot.connection?.run("SELECT 1").catch(() => undefined);
  engine.slots[kind].give(slot);
}

async function enterSlot(engine: Engine, slot: Slot, scope: Scope): Promise<Connection> {
  const connection = slot.connection ?? engine.connect();
  slot.connection = undefined;
  try {
    await connection.enter(scope);
    slot.connection = connection;
    return connection;
  } catch (error) {
    connection.close();
    throw error;
  }
}
