import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeFrame, encodeFrame, FrameError, type LiveFrame } from "../../../schema/frame.ts";
import { PackError, type PackHeader, readPack, writePack } from "../../../schema/pack.ts";
import { joinPacks, splitPacks } from "../../../workers/shared/stored-packs.ts";

const header: PackHeader = {
  v: 1,
  pack_id: "0123456789abcdef0123456789abcdef",
  org_id: "org_a",
  region: "us",
  residency: "us",
  received_at: 1_700_000_000_000,
  count: 2,
  oldest: 1_699_999_999_000,
  newest: 1_700_000_000_000,
};

const frame = (count: number): LiveFrame => ({
  count,
  base: 1_700_000_000_000,
  hashHi: Uint32Array.from({ length: count }, (_, i) => i * 7 + 1),
  hashLo: Uint32Array.from({ length: count }, (_, i) => 0xffffffff - i),
  offset: Int32Array.from({ length: count }, (_, i) => -i * 1_000),
  type: Uint16Array.from({ length: count }, (_, i) => i % 2),
  session: new Uint16Array(count),
  model: new Uint16Array(count),
  types: ["error", "custom.deploy"],
  models: ["модель-🚀"],
  sessions: [["s", "u", "t", "a", "r", "b", "production"]],
  measures:
    count === 0 ? [] : [{ measure: "cost_nano_usd", index: Uint16Array.of(0), values: Float64Array.of(1e15 - 1) }],
});

describe("live frame", () => {
  it.each([0, 1, 2, 3, 7, 1_000])("comes back as it went, with %i events", (count) => {
    expect(decodeFrame(encodeFrame(frame(count)))).toEqual(frame(count));
  });

  it("reads a frame that lies at an odd offset of a larger buffer", () => {
    const bytes = encodeFrame(frame(5));
    const inside = new Uint8Array(bytes.length + 3);
    inside.set(bytes, 3);
    expect(decodeFrame(inside.subarray(3))).toEqual(frame(5));
  });

  it("refuses what is cut short, of another version, or points outside its dictionaries", () => {
    const bytes = encodeFrame(frame(5));
    expect(() => decodeFrame(bytes.subarray(0, bytes.length - 1))).toThrow(FrameError);
    expect(() => decodeFrame(bytes.subarray(0, 10))).toThrow(FrameError);
    const other = bytes.slice();
    other[0] = 9;
    expect(() => decodeFrame(other)).toThrow("version 9");
    expect(() => decodeFrame(encodeFrame({ ...frame(3), type: Uint16Array.of(0, 1, 2) }))).toThrow("dictionary");
    const astray = [{ measure: "cost_nano_usd" as const, index: Uint16Array.of(3), values: Float64Array.of(1) }];
    expect(() => decodeFrame(encodeFrame({ ...frame(3), measures: astray }))).toThrow("outside the frame");
  });

  it("never throws anything but FrameError on damaged bytes", () => {
    const bytes = encodeFrame(frame(20));
    fc.assert(
      fc.property(fc.nat({ max: bytes.length - 1 }), fc.nat({ max: 255 }), (at, value) => {
        const damaged = bytes.slice();
        damaged[at] = value;
        try {
          decodeFrame(damaged);
        } catch (error) {
          expect(error).toBeInstanceOf(FrameError);
        }
      }),
      { numRuns: 2_000 },
    );
  });
});

describe("pack", () => {
  const pack = (): Uint8Array => writePack(header, Uint8Array.of(1, 2, 3), Uint8Array.of(9, 8));

  it("comes back as it went, as views into the same bytes", () => {
    const bytes = pack();
    const read = readPack(bytes);
    expect(read.header).toEqual(header);
    expect([...read.frame]).toEqual([1, 2, 3]);
    expect([...read.body]).toEqual([9, 8]);
    expect(read.body.buffer).toBe(bytes.buffer);
  });

  it("refuses bytes that are none, other versions, a cut frame and a strange header", () => {
    expect(() => readPack(new Uint8Array(0))).toThrow(PackError);
    expect(() => readPack(new TextEncoder().encode('{"a":1}xxxxxxxx'))).toThrow("not a pack");
    const newer = pack();
    newer[2] = 9;
    expect(() => readPack(newer)).toThrow("version 9");
    expect(() => readPack(pack().subarray(0, 40))).toThrow(PackError);
    const strange = { ...header, region: "mars" } as unknown as PackHeader;
    expect(() => readPack(writePack(strange, new Uint8Array(0), new Uint8Array(0)))).toThrow("another shape");
  });

  it("is found again behind others", () => {
    const packs = [pack(), Uint8Array.of(), Uint8Array.of(7)];
    expect(splitPacks(joinPacks(packs)).map((bytes) => [...bytes])).toEqual(packs.map((bytes) => [...bytes]));
    expect(() => splitPacks(joinPacks(packs).subarray(0, 20))).toThrow(RangeError);
  });
});
