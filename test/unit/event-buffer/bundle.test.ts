import fc from "fast-check";
import { expect, test } from "vitest";
import { BundleError, bundledSize, readBundle, writeBundle } from "../../../durable-objects/event-buffer/bundle.ts";

const packs = fc.array(fc.uint8Array({ maxLength: 50 }));

test("a bundle gives back its packs, and has the size it announces", () => {
  fc.assert(
    fc.property(packs, (items) => {
      const bytes = writeBundle(items);
      expect(bytes.length).toBe(items.reduce((sum, pack) => sum + bundledSize(pack), 0));
      expect(readBundle(bytes)).toEqual(items.map((item) => Uint8Array.from(item)));
    }),
  );
});

test("bundles can be concatenated unopened", () => {
  fc.assert(
    fc.property(packs, packs, (a, b) => {
      const both = Uint8Array.from([...writeBundle(a), ...writeBundle(b)]);
      expect(both).toEqual(writeBundle([...a, ...b]));
    }),
  );
});

test("a bundle that is cut short is refused", () => {
  const bytes = writeBundle([Uint8Array.of(1, 2, 3), Uint8Array.of(4)]);
  expect(() => readBundle(bytes.subarray(0, 5))).toThrow(BundleError);
  expect(() => readBundle(bytes.subarray(0, 9))).toThrow(BundleError);
});
