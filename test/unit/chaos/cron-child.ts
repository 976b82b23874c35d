/**
 * Fires the local cron of a Worker that logs more than the socket between workerd and this process holds, and says how many lines
 * it read. Started by cron.test.ts as a process of its own: one that stands still can fail no test.
 */
import { setTimeout as delay } from "node:timers/promises";
import { convertV4MiniflareOptions, Miniflare } from "miniflare";
import { CRON_OPTIONS, fireCron } from "../../../dev/cron.ts";

const LINES = 3_000;

const script = `export default {
  scheduled({ scheduledTime }) {
    for (let n = 0; n < ${LINES}; n++) console.log("line", n, scheduledTime);
  },
}`;

let lines = 0;
const handleStructuredLogs = ({ message }: { message: string }): void => {
  if (message.endsWith(" 1234")) lines += 1;
};
const options = { name: "cron", modules: true, script, compatibilityDate: "2026-10-01", handleStructuredLogs };
const worker = new Miniflare(convertV4MiniflareOptions({ ...options, ...CRON_OPTIONS }));
await fireCron(worker, 1_234);
while (lines < LINES) await delay(20);
await worker.dispose();
console.log(`lines ${lines}`);
