import { gzipSync, zstdCompressSync } from "node:zlib";
import { beforeAll, describe, expect, it } from "vitest";
import type { IngestAnswer } from "../../../schema/event.ts";
import { makeEvent } from "../../support/events.ts";
import { hostileBodies, hostileEvents } from "../../support/hostile.ts";
import { makeKey, post, Sinks, setUp } from "./world.ts";

const encodings: Record<string, (text: string) => Uint8Array> = {
  identity: (text) => new TextEncoder().encode(text),
  gzip: (text) => gzipSync(text),
  zstd: (text) => zstdCompressSync(text),
};
const shapes: Record<string, (texts: string[]) => string> = {
  array: (texts) => `[${texts.join(",")}]`,
  "events object": (texts) => `{"events":[${texts.join(",")}]}`,
  NDJSON: (texts) => texts.join("\n"),
};

beforeAll(setUp);

describe("hostile content", () => {
  const events = hostileEvents();
  const bodies = hostileBodies();

  it("is at least 200 distinct bodies", () => {
    expect(new Set(events.map(({ text }) => text)).size + bodies.length).toBeGreaterThanOrEqual(200);
  });

  for (const [shape, write] of Object.entries(shapes)) {
    it.each(Object.keys(encodings))(
      `costs only the hostile event, its good neighbours are stored: ${shape} in %s`,
      async (encoding) => {
        const key = await makeKey();
        for (const hostile of events) {
          if (shape === "NDJSON" && hostile.text.length > 60_000) continue;
          const sinks = new Sinks();
          const texts = [JSON.stringify(makeEvent()), hostile.text, JSON.stringify(makeEvent())];
          const headers = {
            "content-encoding": encoding,
            "content-type": shape === "NDJSON" ? "application/x-ndjson" : "application/json",
          };
          const bytes = encodings[encoding]?.(write(texts)) ?? new Uint8Array(0);
          const response = await post(sinks.env, key, bytes, headers);
          const answer = await response.json<IngestAnswer>();
          const stored = hostile.expect === "stored";
          expect([hostile.name, response.status, answer.accepted]).toEqual([hostile.name, 202, stored ? 3 : 2]);
          expect([hostile.name, answer.rejected.map(({ index, code }) => [index, code])]).toEqual([
            hostile.name,
            stored ? [] : [[1, hostile.expect]],
          ]);
          for (const { message } of answer.rejected) expect(message.length).toBeGreaterThan(0);
          expect([hostile.name, sinks.rows().length]).toEqual([hostile.name, stored ? 3 : 2]);
        }
      },
    );
  }

  it("in a whole body is a 4xx that says why", async () => {
    const key = await makeKey();
    for (const hostile of bodies) {
      const sinks = new Sinks();
      const response = await post(sinks.env, key, hostile.bytes, hostile.headers);
      const answer = await response.json<{ error: { code: string; message: string; request_id: string } }>();
      expect([hostile.name, response.status, answer.error.code]).toEqual([hostile.name, hostile.status, hostile.code]);
      expect(answer.error.message).not.toBe("");
      expect(sinks.sent).toHaveLength(0);
    }
  });
});
