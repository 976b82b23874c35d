import { describe, expect, it } from "vitest";
import { noSources } from "../../../../workers/ingest/otlp/normalise/sources.ts";

const walk = (...pairs: [string, string][]) =>
  pairs.reduce((step, [name, path]) => step.and(name, path), noSources()).sources;

describe("sources of events", () => {
  it("are one frozen object for the same attributes at the same places", () => {
    const one = walk(["a", "metadata.a"], ["b", "user_id"]);
    expect(one).toEqual({ a: "metadata.a", b: "user_id" });
    expect(Object.isFrozen(one)).toBe(true);
    expect(walk(["a", "metadata.a"], ["b", "user_id"])).toBe(one);
  });

  it("tell the same attribute at another place apart", () => {
    const kept = walk(["a", "metadata.a"], ["error", "metadata.error"]);
    const moved = walk(["a", "metadata.a"], ["error", "metadata.message"]);
    expect([kept.error, moved.error]).toEqual(["metadata.error", "metadata.message"]);
    expect(walk(["a", "metadata.a"], ["error", "metadata.error"])).toBe(kept);
    expect(walk(["a", "metadata.a"], ["error", "metadata.message"])).toBe(moved);
  });

  it("of names that are own properties of nothing are plain entries", () => {
    const sources = walk(["__proto__", "metadata.x"], ["constructor", "metadata.constructor"]);
    expect(Object.entries(sources)).toEqual([
      ["__proto__", "metadata.x"],
      ["constructor", "metadata.constructor"],
    ]);
  });

  it("stay right, and are forgotten, when clients send ever new names", () => {
    const first = walk(["known", "metadata.known"]);
    for (let i = 0; i < 30_000; i++)
      expect(walk([`name ${i}`, `metadata.name_${i}`])[`name ${i}`]).toBe(`metadata.name_${i}`);
    const again = walk(["known", "metadata.known"]);
    expect(again).toEqual(first);
    expect(again).not.toBe(first);
  });

  it("of long shapes count by their length", () => {
    const long = Array.from({ length: 800 }, (_, i): [string, string] => [`n${i}`, `metadata.n${i}`]);
    const first = walk(...long);
    for (let i = 0; i < 60; i++) walk(...long, [`leaf ${i}`, "metadata.leaf"]);
    expect(walk(...long)).not.toBe(first);
  });
});
