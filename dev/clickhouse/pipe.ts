/**
 * The reading end of a named pipe into which the engine writes one result. The engine formats the whole result as a server
 * would and waits when the pipe is full, so a result of any size passes through bounded memory. Called by run.ts.
 */

import { closeSync, constants, openSync } from "node:fs";
import { Socket } from "node:net";

export interface PipeReader {
  output: Socket;
  /** No more will be written: the reader ends after what is still in the pipe. */
  finish(): void;
}

export function openPipe(path: string): PipeReader {
  const reader = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  // Held open until the query has ended: a pipe without a writer would look finished before the engine opens it.
  const writer = openSync(path, constants.O_WRONLY | constants.O_NONBLOCK);
  const output = new Socket({ fd: reader, readable: true, writable: false });
  return { output, finish: () => closeSync(writer) };
}
