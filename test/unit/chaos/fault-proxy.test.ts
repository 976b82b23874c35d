import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { type FaultProxy, type FaultRates, startFaultProxy } from "../../support/fault-proxy.ts";

const WAIT_MS = 5_000;

describe("the fault proxy", () => {
  let server: Server | undefined;
  let proxy: FaultProxy | undefined;

  afterEach(async () => {
    await proxy?.close();
    server?.closeAllConnections();
    server?.close();
  });

  /** Asks through a proxy for an answer of which only the first half ever comes. */
  async function askForHalf(rates: FaultRates): Promise<string> {
    server = createServer((_, answer) => {
      answer.writeHead(200, { "content-length": "8" });
      answer.write("half", () => setTimeout(() => answer.destroy(), 20));
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    const target = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    proxy = await startFaultProxy(() => target, rates, 1);
    const response = await fetch(`${proxy.url}/?query=INSERT`, { signal: AbortSignal.timeout(WAIT_MS) });
    return await response.text();
  }

  it("cuts the connection when ClickHouse is killed in the middle of its answer", async () => {
    await expect(askForHalf({ refuse: 0, loseAnswer: 0 })).rejects.toThrow("terminated");
  });

  it("cuts it too when that answer was to be lost", async () => {
    await expect(askForHalf({ refuse: 0, loseAnswer: 1 })).rejects.toThrow("fetch failed");
  });
});
