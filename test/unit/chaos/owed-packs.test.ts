import { describe, expect, it } from "vitest";
import { OwedPacks } from "../../../dev/chaos/owed-packs.ts";
import { PACK_VERSION, writePack } from "../../../schema/pack.ts";

function pack(n: number, received_at = 1): Uint8Array {
  const pack_id = n.toString(16).padStart(32, "0");
  const header = { v: PACK_VERSION, pack_id, org_id: "o", region: "us", residency: "us", received_at } as const;
  return writePack({ ...header, count: 1, oldest: 1, newest: 1 }, new Uint8Array(0), new Uint8Array([1]));
}

describe("packs owed by queues", () => {
  it("are those taken and not acknowledged, each as often as it was taken", () => {
    const owed = new OwedPacks();
    owed.taken(pack(1));
    owed.taken(pack(1, 2));
    owed.taken(pack(2));
    expect(owed.count).toBe(2);
    owed.acknowledged(pack(1));
    expect(owed.count).toBe(2);
    owed.acknowledged(pack(1, 2));
    owed.acknowledged(pack(2));
    expect(owed.count).toBe(0);
  });

  it("do not go missing because another was acknowledged twice, or taken unheard", () => {
    const owed = new OwedPacks();
    owed.taken(pack(1));
    owed.acknowledged(pack(2));
    expect(owed.count).toBe(1);
  });
});
