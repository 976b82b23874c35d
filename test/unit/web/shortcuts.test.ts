/** What key presses mean: sequences, keys that belong to the browser or to a field, dialogs. */
import { describe, expect, it } from "vitest";
import { type KeyPress, pressKey, SEQUENCE_MS } from "../../../web/src/app/shortcuts-state.ts";

const VIEWS = [
  { key: "o", to: "/overview" },
  { key: "g", to: "/groups" },
  { key: ",", to: "/settings" },
];
const PLAIN = { ctrlKey: false, metaKey: false, altKey: false, typing: false, inDialog: false };
const press = (key: string, more: Partial<KeyPress> = {}): KeyPress => ({ key, ...PLAIN, ...more });

/** The actions of presses that are `gap` ms apart. */
function actions(presses: readonly KeyPress[], gap = 100, single = true): unknown[] {
  let since: number | null = null;
  return presses.flatMap((one, i) => {
    const step = pressKey(since, one, 1_000 + i * gap, VIEWS, single);
    since = step.since;
    return step.action === null ? [] : [step.action];
  });
}

describe("g and the key of a view", () => {
  it("goes there, in capitals and with a comma too", () => {
    expect(actions([press("g"), press("o")])).toEqual([{ kind: "go", to: "/overview" }]);
    expect(actions([press("G"), press("O")])).toEqual([{ kind: "go", to: "/overview" }]);
    expect(actions([press("g"), press(",")])).toEqual([{ kind: "go", to: "/settings" }]);
    expect(actions([press("g"), press("g")])).toEqual([{ kind: "go", to: "/groups" }]);
  });

  it("is forgotten after a while, after another key, and when the second key comes alone", () => {
    expect(actions([press("g"), press("o")], SEQUENCE_MS + 1)).toEqual([]);
    expect(actions([press("g"), press("x"), press("o")])).toEqual([]);
    expect(actions([press("o")])).toEqual([]);
  });

  it("goes to one view once, and lets a modifier pass on the way", () => {
    expect(actions([press("g"), press("o"), press("o")])).toHaveLength(1);
    expect(actions([press("g"), press("Shift"), press("O")])).toHaveLength(1);
  });
});

describe("single keys", () => {
  it("open the help and find the first filter", () => {
    expect(actions([press("?")])).toEqual([{ kind: "help" }]);
    expect(actions([press("/")])).toEqual([{ kind: "filter" }]);
  });

  it("do nothing while somebody types, over a dialog, with other modifiers, or when they are switched off", () => {
    const keys = ["g", "o", "?", "/"];
    for (const more of [{ typing: true }, { inDialog: true }, { altKey: true }, { ctrlKey: true }, { metaKey: true }]) {
      expect(actions(keys.map((key) => press(key, more)))).toEqual([]);
    }
    expect(
      actions(
        keys.map((key) => press(key)),
        100,
        false,
      ),
    ).toEqual([]);
  });
});

describe("the palette", () => {
  it("opens with Ctrl K and Cmd K, from a field too, whatever was pressed before", () => {
    expect(actions([press("k", { ctrlKey: true })])).toEqual([{ kind: "palette" }]);
    expect(actions([press("K", { metaKey: true, typing: true })])).toEqual([{ kind: "palette" }]);
    expect(actions([press("g"), press("k", { ctrlKey: true })])).toEqual([{ kind: "palette" }]);
    expect(actions([press("k", { ctrlKey: true })], 100, false)).toEqual([{ kind: "palette" }]);
  });

  it("does not open over a dialog, nor for k alone or with Alt", () => {
    expect(actions([press("k", { ctrlKey: true, inDialog: true })])).toEqual([]);
    expect(actions([press("k"), press("k", { ctrlKey: true, altKey: true })])).toEqual([]);
  });
});
