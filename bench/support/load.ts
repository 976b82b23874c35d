/**
 * A closed-loop HTTP load generator over plain sockets: prepared request bytes, answers read only as far as their length.
 * Used by the benches; loopback only, bounded in time. Its own cost is small beside the handlers it measures.
 */
import { readFileSync } from "node:fs";
import { connect } from "node:net";
import { performance } from "node:perf_hooks";

export interface Load {
  port: number;
  path: string;
  bodies: readonly (string | Uint8Array)[];
  headers?: Record<string, string>;
  connections: number;
  seconds: number;
  /** Process whose CPU is counted. */
  pid?: number;
}

export interface LoadReport {
  requests: number;
  failed: number;
  seconds: number;
  /** CPU seconds of `pid` meanwhile. */
  cpu: number;
  latencies: number[];
}

/** Clock ticks a second in /proc; 100 on every Linux this runs on. */
const TICKS = 100;

/** CPU seconds a process has used so far. */
export function cpuSeconds(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) / TICKS;
}

/** Resident memory of a process, bytes. */
export function residentBytes(pid: number): number {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? 0) * 1_024;
}

function requestBytes(load: Load, body: string | Uint8Array): Buffer {
  const content = Buffer.from(body);
  const method = content.length === 0 ? "GET" : "POST";
  const headers = {
    host: "127.0.0.1",
    "content-type": "application/json",
    ...load.headers,
    "content-length": String(content.length),
  };
  const head = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  return Buffer.concat([Buffer.from(`${method} ${load.path} HTTP/1.1\r\n${head.join("")}\r\n`), content]);
}

/** Runs the load to its end. */
export async function runLoad(load: Load): Promise<LoadReport> {
  const requests = load.bodies.map((body) => requestBytes(load, body));
  const report: LoadReport = { requests: 0, failed: 0, seconds: 0, cpu: 0, latencies: [] };
  const before = load.pid === undefined ? 0 : cpuSeconds(load.pid);
  const start = performance.now();
  const end = start + load.seconds * 1_000;
  await Promise.all(Array.from({ length: load.connections }, (_, n) => drive(load.port, requests, n, end, report)));
  report.seconds = (performance.now() - start) / 1_000;
  report.cpu = load.pid === undefined ? 0 : cpuSeconds(load.pid) - before;
  return report;
}

function drive(
  port: number,
  requests: readonly Buffer[],
  first: number,
  end: number,
  report: LoadReport,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, "127.0.0.1");
    socket.setNoDelay(true);
    let next = first;
    let sentAt = 0;
    let pending = "";
    const send = (): void => {
      if (performance.now() >= end) {
        socket.end();
        resolve();
        return;
      }
      sentAt = performance.now();
      socket.write(requests[next++ % requests.length] ?? "");
    };
    socket.on("connect", send);
    socket.on("error", reject);
    socket.on("close", () => resolve());
    socket.on("data", (chunk) => {
      pending += chunk.toString("latin1");
      const head = pending.indexOf("\r\n\r\n");
      if (head < 0) return;
      const length = Number(/content-length: (\d+)/i.exec(pending.slice(0, head))?.[1] ?? 0);
      if (pending.length < head + 4 + length) return;
      report.requests += 1;
      report.latencies.push(performance.now() - sentAt);
      const status = Number(pending.slice(9, 12));
      if (status < 200 || status > 299) report.failed += 1;
      pending = "";
      send();
    });
  });
}
