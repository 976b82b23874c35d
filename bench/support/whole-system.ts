/** The whole system on a data directory of its own, for the length of one bench. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type System, startSystem } from "../../dev/system.ts";

/** Starts it, runs `use`, stops it and removes its data. */
export async function withSystem<T>(use: (system: System) => Promise<T>): Promise<T> {
  const dataDir = mkdtempSync(join(tmpdir(), "tenfold-bench-"));
  try {
    const system = await startSystem({ dataDir, port: 0, log: () => undefined });
    try {
      return await use(system);
    } finally {
      await system.stop();
    }
  } finally {
    rmSync(dataDir, { recursive: true, force: true });
  }
}
