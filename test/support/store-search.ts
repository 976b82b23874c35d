/**
 * Looks for texts in everything a data directory holds: files as they are, and every zstd frame inside them (packs in R2, queues and
 * objects). What ClickHouse compresses is asked of ClickHouse by the caller. Used by the e2e tests.
 */
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { createZstdDecompress } from "node:zlib";

/** First bytes of a zstd frame (RFC 8878, 3.1.1). */
const ZSTD_MAGIC = Buffer.from([0x28, 0xb5, 0x2f, 0xfd]);

export interface SearchReport {
  files: number;
  /** Frames that could be read. */
  frames: number;
  /** `file: text` for each text found, each once. */
  found: string[];
}

/** Searches all files under `root` but those that `skip` names. Texts are ASCII. */
export async function searchStores(root: string, texts: readonly string[], skip: RegExp): Promise<SearchReport> {
  const report: SearchReport = { files: 0, frames: 0, found: [] };
  const pattern = new RegExp(texts.map((text) => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")).join("|"), "g");
  const found = new Set<string>();
  for (const path of filesOf(root)) {
    if (skip.test(path)) continue;
    report.files++;
    const bytes = readFileSync(path);
    const look = (part: Buffer): void => {
      for (const [text] of part.toString("latin1").matchAll(pattern)) found.add(`${path.slice(root.length)}: ${text}`);
    };
    look(bytes);
    for (let at = bytes.indexOf(ZSTD_MAGIC); at >= 0; at = bytes.indexOf(ZSTD_MAGIC, at + 4)) {
      const frame = await inflated(bytes.subarray(at));
      if (frame.length === 0) continue;
      report.frames++;
      look(frame);
    }
  }
  report.found = [...found].sort();
  return report;
}

function* filesOf(path: string): Generator<string> {
  if (statSync(path).isFile()) {
    yield path;
    return;
  }
  for (const name of readdirSync(path)) yield* filesOf(join(path, name));
}

/** What the frame at the start of `bytes` holds, as far as it can be read: what follows it is no frame. */
function inflated(bytes: Buffer): Promise<Buffer> {
  return new Promise((resolve) => {
    const stream = createZstdDecompress();
    const chunks: Buffer[] = [];
    const done = (): void => resolve(Buffer.concat(chunks));
    stream.on("data", (chunk: Buffer) => chunks.push(chunk));
    stream.on("end", done);
    stream.on("error", done);
    stream.end(bytes);
  });
}
