import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { inRoot } from "../../../dev/paths.ts";

const GIVE_UP_MS = 30_000;

describe("the local cron", () => {
  it("leaves this process free to read what a run logs, however much that is", async () => {
    const child = spawn(inRoot("node_modules/.bin/node"), [join(import.meta.dirname, "cron-child.ts")], {
      stdio: ["ignore", "pipe", "inherit"],
      // A group of its own, so that a child that stands still is killed with its workerd.
      detached: true,
    });
    let text = "";
    child.stdout.setEncoding("utf8").on("data", (part: string) => {
      text += part;
    });
    const timer = setTimeout(() => process.kill(-(child.pid ?? 0), "SIGKILL"), GIVE_UP_MS);
    await once(child, "close");
    clearTimeout(timer);
    expect(text).toContain("lines 3000");
  });
});
