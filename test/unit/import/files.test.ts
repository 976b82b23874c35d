import { execFile } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createIngestClient } from "../../../dev/demo/ingest-client.ts";
import { writeDevJson } from "../../../dev/dev-json.ts";
import { detectFormat } from "../../../dev/import/files.ts";
import { readLines } from "../../../dev/import/lines.ts";
import { type ImportOptions, importFiles } from "../../../dev/import/run.ts";
import { type IngestServer, startIngestServer } from "../demo/ingest-server.ts";

/** Generous: the machine may be busy with other tests. */
vi.setConfig({ testTimeout: 60_000 });

const ROOT = join(import.meta.dirname, "../../..");
const good = (extra: object = {}): string =>
  JSON.stringify({
    user_id: "u",
    session_id: "s",
    event_type: "cost_incurred",
    timestamp: "2026-11-20T10:00:00.000Z",
    metadata: { model: "m", input_tokens: 5 },
    ...extra,
  });

let folder: string;
let server: IngestServer;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "tenfold-import-"));
  server = await startIngestServer();
});
afterEach(async () => {
  await server.close();
  await rm(folder, { recursive: true });
});

async function file(name: string, content: string | Uint8Array): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, content);
  return path;
}

function load(path: string, extra: Partial<ImportOptions> = {}): ReturnType<typeof importFiles> {
  const client = createIngestClient({
    url: server.url,
    key: "k",
    encoding: "gzip",
    maxAttempts: 2,
    wait: async () => {},
  });
  return importFiles({ path, format: "auto", user: "u", now: Date.parse("2026-11-20T12:00:00Z"), client, ...extra });
}

describe("NDJSON", () => {
  it("stores the good lines and names the bad ones", async () => {
    const path = await file(
      "events.ndjson",
      [
        `\uFEFF${good()}`,
        "{broken",
        "",
        good({ event_type: "nonsense" }),
        good({ metadata: { input_tokens: -1 } }),
        good(),
      ].join("\n"),
    );
    const summary = await load(path);
    expect(summary).toMatchObject({ events: 2, sent: 2, accepted: 2, badLines: 3, rejected: 0, failed: 0 });
    expect(summary.problems.map(({ line }) => line)).toEqual([2, 4, 5]);
    expect(summary.problems[0]?.reason).toContain("not JSON");
    expect(summary.problems[2]?.reason).toContain("metadata.input_tokens");
    // Two equal lines without an id are two events.
    expect(server.stored.size).toBe(2);
  });

  it("changes nothing when it is imported twice, with ids or without", async () => {
    const path = await file(
      "events.ndjson",
      [good(), good({ event_id: "01930000-0000-7000-8000-000000000001" })].join("\r\n"),
    );
    await load(path);
    await load(path);
    expect(server.stored.size).toBe(2);
  });

  it("reports a line the server refuses, with its own line number", async () => {
    const path = await file("events.ndjson", Array.from({ length: 1_200 }, () => good()).join("\n"));
    const result = await load(path, {
      client: {
        send: async (events) => ({
          accepted: events.length - 1,
          duplicates: 0,
          rejected: [{ index: events.length - 1, code: "timestamp_too_old", message: "older than 13 months" }],
          failures: [],
        }),
      },
    });
    expect(result.problems.map(({ line }) => line)).toEqual([1_000, 1_200]);
    expect(result.reasons.get("timestamp_too_old")).toBe(2);
  });
});

describe("CSV", () => {
  it("fills fields and typed metadata from its header, and names bad rows", async () => {
    const rows = [
      "event_type,timestamp,user_id,session_id,model,seq,metadata.input_tokens,metadata.cost_usd,metadata.note,metadata",
      'cost_incurred,2026-11-20T10:00:00Z,"ليلى, 🦊",s,4,7,123,0.25,007,"{""extra"":{""deep"":true}}"',
      "cost_incurred,not a time,u,s,m,,1,,,",
      "cost_incurred,2026-11-20T10:00:01Z,u,s,m",
      "cost_incurred,2026-11-20T10:00:02Z,u,s,m,,,,,",
    ];
    const summary = await load(await file("events.csv", `\uFEFF${rows.join("\r\n")}\r\n`));
    expect(summary).toMatchObject({ events: 2, accepted: 2, badLines: 2 });
    expect(summary.problems.map(({ line }) => line)).toEqual([3, 4]);
    expect([...server.stored.values()][0]).toMatchObject({
      user_id: "ليلى, 🦊",
      model: "4",
      seq: 7,
      metadata: { input_tokens: 123, cost_usd: 0.25, note: "007", extra: { deep: true } },
    });
  });

  it("reads booleans where the contract wants them, and cells with line ends", async () => {
    const rows = [
      "event_type,timestamp,user_id,session_id,metadata.accepted,metadata.tool_name",
      'code_generated,2026-11-20T10:00:00Z,u,s,TRUE,"two\nlines"',
      "code_generated,2026-11-20T10:00:00Z,u,s,maybe,x",
    ];
    const summary = await load(await file("events.csv", rows.join("\n")));
    expect([...server.stored.values()]).toMatchObject([{ metadata: { accepted: true, tool_name: "two\nlines" } }]);
    expect(summary.problems).toMatchObject([{ line: 4 }]);
  });

  it("keeps what came before an open quote, and imports the same twice", async () => {
    const path = await file(
      "events.csv",
      'event_type,timestamp,user_id,session_id\nerror,2026-11-20T10:00:00Z,u,s\nerror,"2026-11-20T10:00:00Z,u,s\n',
    );
    expect(await load(path)).toMatchObject({ accepted: 1, badLines: 1 });
    await load(path);
    expect(server.stored.size).toBe(1);
  });
});

describe("files", () => {
  it("are found below a folder, told apart by content, and skipped when unknown", async () => {
    await mkdir(join(folder, "deep"));
    await file("deep/a.jsonl", good());
    await file("b.csv", `event_type,timestamp,user_id,session_id\nerror,2026-11-20T10:00:00Z,u,s\n`);
    await file("c.jsonl", '{"hello":1}\n');
    await file("d.txt", "ignored");
    const summary = await load(folder);
    expect(summary.files.map(({ format }) => format)).toEqual(["csv", "unknown", "ndjson"]);
    expect(summary.accepted).toBe(2);
    const codex = join(ROOT, "test/fixtures/transcripts/codex");
    expect((await load(codex, { client: undefined })).files.map(({ format }) => format)).toEqual(["codex", "codex"]);
    expect(await detectFormat(join(folder, "c.jsonl"))).toBeUndefined();
  });

  it("are read in lines whatever the bytes: U+2028 inside, no last end, not UTF-8, chunks cut anywhere", async () => {
    const long = "é".repeat(1_500_000);
    const bytes = Buffer.concat([
      Buffer.from(`a\u2028b\n${long}\n`),
      Buffer.from([0xff, 0xfe, 10]),
      Buffer.from("end"),
    ]);
    const path = await file("x.jsonl", bytes);
    const lines: unknown[] = [];
    let read = 0;
    for await (const line of readLines(path, (n) => (read += n))) lines.push(line.text ?? line.reason);
    expect(lines).toEqual(["a\u2028b", long, "not UTF-8", "end"]);
    expect(read).toBe(bytes.length);
  });

  it("end early when the server is gone, and say so", async () => {
    const path = await file("events.ndjson", Array.from({ length: 5_000 }, (_, i) => good({ seq: i })).join("\n"));
    await server.close();
    const summary = await load(path);
    expect(summary.failed).toBe(1_000);
    expect(summary.stopped).toContain("gave_up");
    server = await startIngestServer();
    expect(await load(path)).toMatchObject({ accepted: 5_000, stopped: undefined });
  });
});

describe("npm run import", () => {
  const command = (args: string[], data: string): Promise<{ code: number; stdout: string; stderr: string }> =>
    new Promise((resolve) => {
      const env = { ...process.env, TENFOLD_DATA: data };
      execFile(process.execPath, [join(ROOT, "dev/import/main.ts"), ...args], { env }, (error, stdout, stderr) => {
        resolve({ code: typeof error?.code === "number" ? error.code : 0, stdout, stderr });
      });
    });

  it("takes url and key from the running system's file, prints a summary, and is harmless twice", async () => {
    const store = { url: server.url, database: "d", user: "u", password: "p" };
    writeDevJson(folder, {
      url: server.url,
      clickhouse: { us: store, eu: store },
      orgs: [{ org_id: "o", name: "O", residency: "us", ingest_key: "tf_us_x", keys: {}, users: [] }],
      operator_token: "t",
      processes: { main: 1, clickhouse: 1 },
    });
    const args = [join(ROOT, "test/fixtures/transcripts"), "--user", "me@acme.example"];
    const first = await command(args, folder);
    expect(first).toMatchObject({ code: 0, stderr: "" });
    expect(first.stdout).toMatch(/accepted\s+\d+/);
    expect(server.requests[0]?.authorization).toBe("Bearer tf_us_x");
    const stored = server.stored.size;
    expect(stored).toBeGreaterThan(40);
    await command(args, folder);
    expect(server.stored.size).toBe(stored);
  });

  it("sends nothing in a dry run, and explains itself when it is used wrongly", async () => {
    const path = await file("events.ndjson", `${good()}\n{oops\n`);
    const dry = await command([path, "--dry-run"], folder);
    expect(dry.code).toBe(1);
    expect(dry.stdout).toContain("events.ndjson:2");
    expect(server.requests).toEqual([]);
    for (const args of [[], [path], [path, "--format", "xml", "--key", "k"], [path, "--nonsense"], ["a", "b"]]) {
      const wrong = await command(args, folder);
      expect(wrong.code).toBe(2);
      expect(wrong.stderr).toContain("usage:");
    }
    expect((await command([join(folder, "absent"), "--key", "k"], folder)).code).toBe(1);
  });
});
