/**
 * The Worker's console, written to `<data>/logs/worker.log`; warnings and errors also go to stderr. Called by dev/system.
 * One file a run, the one before kept as worker.previous.log.
 */
import { createWriteStream, existsSync, mkdirSync, renameSync, type WriteStream } from "node:fs";
import { join } from "node:path";

export class WorkerLog {
  readonly #file: WriteStream;

  constructor(folder: string) {
    mkdirSync(folder, { recursive: true });
    const path = join(folder, "worker.log");
    if (existsSync(path)) renameSync(path, join(folder, "worker.previous.log"));
    this.#file = createWriteStream(path, { mode: 0o600 });
  }

  write(line: { level: string; message: string }): void {
    this.#file.write(`${new Date().toISOString()} ${line.level} ${line.message}\n`);
    if (line.level === "error") process.stderr.write(`worker: ${line.message}\n`);
  }

  close(): void {
    this.#file.end();
  }
}
