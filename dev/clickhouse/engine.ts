/**
 * The engine of this process: one data directory, the connections on it and the files through which data enters and leaves.
 * Called by main.ts (open, close) and run.ts. It knows nothing of HTTP.
 */

import { execFileSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { drainPending } from "chdb";
import { Connection } from "./connection.ts";
import { refuse } from "./errors.ts";
import { Slots } from "./slots.ts";
import { sqlString } from "./statement.ts";

export interface Slot {
  /** Named pipe that only the query of this slot writes to. */
  pipe: string;
  connection: Connection | undefined;
}

export type SlotKind = "read" | "insert" | "command";

/**
 * A query holds a slot and a thread. Reads get the most, so that slow ones leave room; inserts and commands have their own, so
 * that neither a burst of inserts nor an OPTIMIZE makes a dashboard wait.
 */
const SLOTS: Record<SlotKind, number> = { read: 16, insert: 4, command: 4 };
/** One for KILL QUERY, four for Node's own file reads and writes. */
export const THREADS = SLOTS.read + SLOTS.insert + SLOTS.command + 5;
/** A query appears in system.processes only once it is planned, so a kill is repeated until the query has ended. */
const KILL_INTERVAL_MS = 50;
/** A predecessor whose parent was killed still finishes its inserts and holds its lock on the directory meanwhile. */
const LOCK_TIMEOUT_MS = 10_000;
const LOCK_RETRY_MS = 500;

export class Engine {
  readonly slots: Record<SlotKind, Slots<Slot>>;
  readonly version: string;
  readonly timezone: string;
  readonly #files: string;
  readonly #data: string;
  readonly #all: Slot[];
  readonly #control: Connection;

  private constructor(data: string, files: string, control: Connection, version: string, timezone: string) {
    this.#data = data;
    this.#files = files;
    this.#control = control;
    this.version = version;
    this.timezone = timezone;
    const read = this.#makeSlots("read");
    const insert = this.#makeSlots("insert");
    const command = this.#makeSlots("command");
    this.#all = [...read, ...insert, ...command];
    execFileSync("mkfifo", ["-m", "600", ...read.map((slot) => slot.pipe)]);
    this.slots = { read: new Slots(read), insert: new Slots(insert), command: new Slots(command) };
  }

  static async open(dataDir: string): Promise<Engine> {
    // INFILE expands globs, and the paths below are written into statements.
    if (/[*?{}[\]'"\\]/.test(dataDir)) throw refuse("BAD_ARGUMENTS", `Unusable data directory: ${dataDir}`);
    const data = join(dataDir, "store");
    const files = join(dataDir, "transfer");
    mkdirSync(data, { recursive: true });
    const control = await connectWhenUnlocked(data);
    rmSync(files, { recursive: true, force: true });
    mkdirSync(files, { recursive: true });
    const about = await control.run("SELECT version(), serverTimezone()");
    const [version = "", timezone = ""] = about.text().trim().split("\t");
    return new Engine(data, files, control, version, timezone);
  }

  #makeSlots(kind: SlotKind): Slot[] {
    const name = (i: number) => join(this.#files, `${kind}-${String(i).padStart(2, "0")}.pipe`);
    return Array.from({ length: SLOTS[kind] }, (_, i) => ({ pipe: name(i), connection: undefined }));
  }

  connect(): Connection {
    return new Connection(this.#data);
  }

  /** A path of its own for one request body or one held-back result; the caller removes the file. */
  newFile(): string {
    return join(this.#files, randomUUID());
  }

  /** Ends the query whose text contains `marker`; returns when `ended` settles. */
  async kill(marker: string, ended: Promise<unknown>): Promise<void> {
    let running = true;
    const stopped = ended.finally(() => {
      running = false;
    });
    const mine = `position(query, ${sqlString(marker)}) > 0 AND NOT startsWith(query, 'KILL')`;
    while (running) {
      await this.#control.run(`KILL QUERY WHERE ${mine} ASYNC`);
      await Promise.race([stopped, delay(KILL_INTERVAL_MS)]);
    }
  }

  /** Call when no query runs any more. */
  async close(): Promise<void> {
    for (const slot of this.#all) slot.connection?.close();
    this.#control.close();
    await drainPending();
    rmSync(this.#files, { recursive: true, force: true });
  }
}

async function connectWhenUnlocked(directory: string): Promise<Connection> {
  const deadline = Date.now() + LOCK_TIMEOUT_MS;
  for (;;) {
    try {
      return new Connection(directory);
    } catch (error) {
      // The engine writes the reason to stderr, and a lock is by far the most likely one.
      if (Date.now() > deadline) throw error;
      await delay(LOCK_RETRY_MS);
    }
  }
}
