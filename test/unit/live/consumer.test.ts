/** The consumer's live side: one call a tenant, who holds packs back and who does not, and the rebuild's frames. */
import { describe, expect, it } from "vitest";
import type { TenantRef } from "../../../durable-objects/tenant-namespace.ts";
import { ApplyMemory, type ApplySinks, applyPacks } from "../../../queues/live-apply.ts";
import { slices } from "../../../queues/live-rebuild.ts";
import { type EventSums, frameOfRows } from "../../../queues/rebuild-frame.ts";
import { decodeFrame, encodeFrame } from "../../../schema/frame.ts";
import type { Pack } from "../../../schema/pack.ts";
import type { ApplyRequest, ApplyResult } from "../../../schema/rpc.ts";
import { frameOf, type LiveEvent, liveEvent } from "../../support/frames.ts";

const pack = (org: string, n = 0): Pack => ({
  header: {
    v: 1,
    pack_id: n.toString(16).padStart(32, "0"),
    org_id: org,
    region: "us",
    residency: "us",
    received_at: 1,
    count: 1,
    oldest: 1,
    newest: 1,
  },
  frame: new Uint8Array([n]),
  body: new Uint8Array(0),
});

class World implements ApplySinks {
  readonly calls: ApplyRequest[] = [];
  readonly marks: string[] = [];
  clock = 1_000_000;
  answer: (org: string) => Partial<ApplyResult> = () => ({});

  homeOf(header: Pack["header"]): Promise<TenantRef> {
    return Promise.resolve({ orgId: header.org_id, jurisdiction: "us" });
  }
  async apply(tenant: TenantRef, request: ApplyRequest): Promise<ApplyResult> {
    this.calls.push(request);
    return { v: 1, applied: 1, duplicates: 0, late: 0, skewed: 0, ...this.answer(tenant.orgId) };
  }
  async markStale(tenant: TenantRef): Promise<void> {
    this.marks.push(tenant.orgId);
  }
  now = (): number => this.clock;
}

const failing = (org: string): never => {
  throw new Error(`${org} is overloaded`);
};

describe("a batch", () => {
  it("is one apply per tenant with its packs in order", async () => {
    const world = new World();
    const outcomes = await applyPacks([pack("a", 1), pack("b", 2), pack("a", 3)], world, new ApplyMemory());
    expect(world.calls.map(({ org_id, packs }) => [org_id, ...packs.map(({ frame }) => frame[0])])).toEqual([
      ["a", 1, 3],
      ["b", 2],
    ]);
    expect([...outcomes.values()].map(({ kind }) => kind)).toEqual(["ok", "ok"]);
  });

  it("holds a failing tenant's packs back, and nobody else's", async () => {
    const world = new World();
    world.answer = (org) => (org === "a" ? failing(org) : {});
    const outcomes = await applyPacks([pack("a"), pack("b")], world, new ApplyMemory());
    expect(outcomes.get("a")).toMatchObject({ kind: "retry", reason: expect.stringContaining("overloaded") });
    expect(outcomes.get("b")?.kind).toBe("ok");
  });

  it("lets a tenant's packs go when it failed three times in a row, marked stale; one success starts the count again", async () => {
    const [world, memory] = [new World(), new ApplyMemory()];
    const once = async () => (await applyPacks([pack("a")], world, memory)).get("a")?.kind;
    world.answer = failing;
    expect([await once(), await once()]).toEqual(["retry", "retry"]);
    world.answer = () => ({});
    expect(await once()).toBe("ok");
    world.answer = failing;
    expect([await once(), await once(), await once(), await once()]).toEqual(["retry", "retry", "ok", "ok"]);
    expect(world.marks).toEqual(["a"]);
    world.clock += 15_000;
    expect(await once()).toBe("ok");
    expect(world.marks).toEqual(["a", "a"]);
  });

  it("holds the packs back when the tenant cannot be marked", async () => {
    const [world, memory] = [new World(), new ApplyMemory()];
    world.answer = failing;
    world.markStale = () => Promise.reject(new Error("R2 is down"));
    for (let i = 0; i < 5; i++) expect((await applyPacks([pack("a")], world, memory)).get("a")?.kind).toBe("retry");
  });

  it("marks a tenant at once whose object lost its state or could not read a frame: trying again would not help", async () => {
    for (const answer of [{ incomplete: true }, { unreadable: 2 }]) {
      const world = new World();
      world.answer = () => answer;
      expect((await applyPacks([pack("a")], world, new ApplyMemory())).get("a")?.kind).toBe("ok");
      expect(world.marks).toEqual(["a"]);
    }
  });
});

describe("a rebuild", () => {
  it("makes the frame that the events had", () => {
    const events: LiveEvent[] = [
      liveEvent(5_000, { type: "cost_incurred", model: "opus", measures: { cost_nano_usd: 5, unpriced_tokens: 2 } }),
      liveEvent(5_100, {
        type: "code_generated",
        session: "s2",
        repo: "r",
        branch: "b",
        measures: { lines_added: 3, accepted: 1 },
      }),
      liveEvent(5_200, { type: "error" }),
    ];
    const rows = events.map((event): EventSums => {
      const none = {
        cost_nano_usd: 0,
        input_tokens: 0,
        output_tokens: 0,
        cache_read_tokens: 0,
        cache_write_tokens: 0,
        lines_added: 0,
        lines_removed: 0,
        accepted: 0,
        unpriced_tokens: 0,
      };
      return {
        event_type: event.type ?? "",
        id: event.id,
        time: event.time,
        session_id: event.session ?? "s1",
        user_id: "ada",
        team_id: "",
        agent: "claude-code",
        repo: event.repo ?? "",
        branch: event.branch ?? "",
        environment: "production",
        model: event.model ?? "",
        ...none,
        ...event.measures,
      };
    });
    const [made, expected] = [frameOfRows("org_live", rows), encodeFrame(frameOf(events))].map(decodeFrame);
    const order = (frame: typeof made) => ({
      ...frame,
      measures: frame?.measures.toSorted((a, b) => a.measure.localeCompare(b.measure)),
    });
    expect(order(made)).toEqual(order(expected));
  });

  it("asks for neighbouring minutes together while they fit one page", () => {
    const minutes = [3, 3, 9, 100, 1].map((events, i) => ({ minute: i * 60_000, events }));
    expect(slices(minutes, 10)).toEqual([
      [0, 120_000],
      [120_000, 180_000],
      [180_000, 240_000],
      [240_000, 300_000],
    ]);
    expect(slices([], 10)).toEqual([]);
  });
});
