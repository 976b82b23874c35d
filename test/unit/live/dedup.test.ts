/** Dedup memory: one answer, whether a window's identities are in memory, pending or in storage. */
import { describe, expect, it } from "vitest";
import { DedupMemory, MAX_IDLE_SET_BYTES } from "../../../durable-objects/tenant-live/dedup.ts";

/** Storage that appends what is flushed, and counts reads. */
class Disk {
  readonly parts = new Map<number, Uint32Array[]>();
  reads = 0;
  readonly memory = new DedupMemory((window) => {
    this.reads++;
    return this.parts.get(window) ?? [];
  });

  flush(): void {
    for (const [window, words] of this.memory.pending()) {
      this.parts.set(window, [...(this.parts.get(window) ?? []), words.slice()]);
    }
    this.memory.flushed();
  }
}

/** Number i as a hash would be: spread over both halves. */
const spread = (i: number): [hi: number, lo: number] => [
  Math.imul(i, 0x9e3779b1) >>> 0,
  Math.imul(i, 0x85ebca6b) >>> 0,
];

describe("dedup memory", () => {
  it("tells an identity once per window", () => {
    const { memory } = new Disk();
    expect([memory.window(1).add(7, 8), memory.window(1).add(7, 8), memory.window(2).add(7, 8)]).toEqual([
      true,
      false,
      true,
    ]);
    expect(memory.pendingCount).toBe(2);
  });

  it("remembers what is only in storage, and hands each identity to storage once", () => {
    const disk = new Disk();
    for (let i = 0; i < 500; i++) disk.memory.window(1).add(...spread(i));
    disk.flush();
    const next = new DedupMemory((window) => disk.parts.get(window) ?? []);
    for (let i = 0; i < 500; i++) expect(next.window(1).add(...spread(i))).toBe(false);
    expect(next.window(1).add(500, 0)).toBe(true);
    expect(next.pending().map(([window, words]) => [window, ...words])).toEqual([[1, 500, 0]]);
  });

  it("keeps pending identities of a set that was dropped before they were flushed", () => {
    const disk = new Disk();
    const many = MAX_IDLE_SET_BYTES / 16;
    for (let i = 1; i < many; i++) disk.memory.window(1).add(...spread(i));
    disk.memory.window(50).add(1, 1);
    disk.memory.trim(0, 50, 60);
    expect(disk.memory.bytes).toBeGreaterThan(0);
    disk.reads = 0;
    expect(disk.memory.window(1).add(...spread(3))).toBe(false);
    expect(disk.reads).toBe(1);
  });

  it("holds sets outside the open range within its budget, and open ones always", () => {
    const { memory } = new Disk();
    for (let window = 0; window < 40; window++)
      for (let i = 1; i < 40_000; i++) memory.window(window).add(...spread(i));
    const all = memory.bytes;
    memory.flushed();
    memory.trim(0, 38, 39);
    expect(memory.bytes).toBeLessThan(MAX_IDLE_SET_BYTES + all / 10);
    expect(memory.window(39).add(...spread(5))).toBe(false);
  });

  it("forgets sealed windows and what was pending for them", () => {
    const { memory } = new Disk();
    memory.window(1).add(1, 1);
    memory.window(9).add(1, 1);
    memory.trim(5, 9, 9);
    expect([memory.pendingCount, memory.pending().length]).toEqual([1, 1]);
  });
});
