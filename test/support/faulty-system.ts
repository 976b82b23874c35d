/** The whole system in this process with a fault proxy before ClickHouse. Used by the e2e tests that break things. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type System, startSystem } from "../../dev/system.ts";
import { type FaultProxy, type FaultRates, startFaultProxy } from "./fault-proxy.ts";

export interface FaultySystem {
  system: System;
  proxy: FaultProxy;
  dataDir: string;
  stop(): Promise<void>;
}

/** Starts both; `seed` makes the proxy's faults repeatable. */
export async function startFaultySystem(rates: FaultRates, seed: number): Promise<FaultySystem> {
  const dataDir = mkdtempSync(join(tmpdir(), "tenfold-faulty-"));
  let clickhouseUrl = "";
  const proxy = await startFaultProxy(() => clickhouseUrl, rates, seed);
  const system = await startSystem({
    dataDir,
    port: 0,
    log: () => {},
    clickhouseUrl: (url) => {
      clickhouseUrl = url;
      return proxy.url;
    },
  });
  const stop = async (): Promise<void> => {
    await system.stop();
    await proxy.close();
    rmSync(dataDir, { recursive: true, force: true });
  };
  return { system, proxy, dataDir, stop };
}
