/** The design tokens: contrast of every text and mark on every surface, in both themes. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";

const css = readFileSync(join(import.meta.dirname, "../../../web/src/styles/tokens.css"), "utf8");
const colorsOf = (block: string): Record<string, string> =>
  Object.fromEntries(
    [...block.matchAll(/(--[\w-]+): (#[0-9a-f]{6});/g)].map(([, name = "", color = ""]) => [name, color]),
  );
const [lightBlock = "", darkBlock = "", chosenBlock = ""] = css.split(/:root[^{]*\{/).slice(1);
const themes = { light: colorsOf(lightBlock), dark: colorsOf(darkBlock) };

function luminance(color: string): number {
  const [r = 0, g = 0, b = 0] = [1, 3, 5].map((at) => {
    const channel = Number.parseInt(color.slice(at, at + 2), 16) / 255;
    return channel <= 0.03928 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(a: string, b: string): number {
  const [dark = 0, light = 0] = [luminance(a), luminance(b)].sort((x, y) => x - y);
  return (light + 0.05) / (dark + 0.05);
}

const TEXT: [text: string, ...on: string[]][] = [
  ["--text", "--ground", "--surface", "--surface-sunken", "--surface-hover", "--warn-soft", "--accent-soft"],
  ["--text-muted", "--ground", "--surface", "--surface-sunken", "--surface-hover", "--warn-soft"],
  ["--text-faint", "--ground", "--surface", "--surface-sunken"],
  ["--accent-text", "--surface", "--accent-soft"],
  ["--on-accent", "--accent", "--accent-hover"],
  ["--bad", "--surface", "--bad-soft"],
  ["--warn", "--surface", "--warn-soft"],
];
const MARKS = [
  "--accent",
  "--border-strong",
  "--good",
  "--type-code-generated",
  "--type-cost-incurred",
  "--type-session-start",
  "--type-session-end",
  "--type-pr-created",
  "--type-custom",
  "--type-error",
  "--type-security-alert",
  ...Array.from({ length: 8 }, (_, i) => `--series-${i + 1}`),
  "--series-rest",
  "--series-before",
];

describe.each(Object.entries(themes))("the %s theme", (_name, colors) => {
  const ratio = (a: string, b: string): number => contrast(colors[a] ?? "", colors[b] ?? "");

  it.each(TEXT)("has readable text: %s on %s", (text, ...surfaces) => {
    for (const surface of surfaces) expect(ratio(text, surface), `${text} on ${surface}`).toBeGreaterThanOrEqual(4.5);
  });

  it.each(MARKS)("has visible marks: %s", (mark) => {
    expect(ratio(mark, "--surface")).toBeGreaterThanOrEqual(3);
  });
});

describe("the chosen dark theme", () => {
  it("has exactly the colours of the system's", () => {
    expect(colorsOf(chosenBlock)).toEqual(themes.dark);
    expect(Object.keys(themes.dark).length).toBe(Object.keys(themes.light).length);
  });
});
