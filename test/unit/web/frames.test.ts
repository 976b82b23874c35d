/** Reading the socket: the wire's frames become the page's words; what is not understood is said so. */
import { describe, expect, it } from "vitest";
import type { ServerFrame } from "../../../schema/live.ts";
import { readMessage } from "../../../web/src/live/frames.ts";

const stamp = { v: 1, epoch: "00112233aabbccdd", seq: 4, at: 1_790_000_000_000 } as const;
const sessions = { running: 3, idle: 1, ended: 9, list: [] };
const text = (frame: ServerFrame): string => JSON.stringify(frame);

describe("readMessage", () => {
  it("names the totals, which the wire gives by place with trailing zeros left out", () => {
    const message = readMessage(
      text({
        ...stamp,
        kind: "METRIC_UPDATE",
        watermark: 0,
        windows: [
          { start: 10_000, by_type: { error: [2], cost_incurred: [1, 4_200_000, 10, 20], "custom.x": [3, 1] } },
        ],
        sessions,
        truncated: true,
      }),
    );
    expect(message).toMatchObject({
      kind: "frame",
      frame: {
        kind: "update",
        seq: 4,
        truncated: true,
        counts: { running: 3, idle: 1 },
        windows: [
          {
            start: 10_000,
            types: { error: 2, cost_incurred: 1, "custom.x": 3 },
            measures: { cost_nano_usd: 4_200_001, input_tokens: 10, output_tokens: 20, lines_added: 0 },
          },
        ],
      },
    });
  });

  it("keys a notice by type, time and id, as the contract does", () => {
    const notice = {
      event_id: "e1",
      event_type: "error",
      timestamp: 5,
      user_id: "u",
      session_id: "s",
      team_id: "",
      agent: "",
      model: "",
      repo: "",
      environment: "",
      severity: "",
      title: "boom",
    };
    const message = readMessage(text({ ...stamp, kind: "EVENT", notices: [notice] }));
    expect(message).toMatchObject({ frame: { kind: "notices", notices: [{ key: "error 5 e1", title: "boom" }] } });
  });

  it("takes pong and RENEWED as signs of life", () => {
    expect(readMessage("pong")).toEqual({ kind: "alive" });
    expect(readMessage(text({ ...stamp, kind: "RENEWED", expires_at: 1 }))).toEqual({ kind: "alive" });
  });

  it.each([
    ["binary", new ArrayBuffer(2)],
    ["not JSON", "{"],
    ["another kind", JSON.stringify({ ...stamp, kind: "NEWS" })],
    ["another version", JSON.stringify({ ...stamp, v: 2, kind: "EVENT", notices: [] })],
    ["a cut frame", JSON.stringify({ ...stamp, kind: "METRIC_UPDATE" })],
  ])("reports %s instead of guessing", (_name, data) => {
    expect(readMessage(data).kind).toBe("unknown");
  });
});
