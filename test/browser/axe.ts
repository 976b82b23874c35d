/**
 * What axe-core finds wrong with the page on screen. Called by tests of views. It is run through the debugger, so that the page keeps its
 * own content security policy.
 */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { Page } from "playwright-core";
import { z } from "zod";

const SOURCE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const ResultSchema = z.object({
  violations: z.array(z.object({ id: z.string(), nodes: z.array(z.object({ html: z.string() })) })),
});

/** Nothing is being loaded or fading: what is on its way is paler than what it becomes. */
const SETTLED = `document.querySelector('[aria-busy="true"]') === null &&
  document.getAnimations().every(({ playState, effect }) =>
    playState !== "running" || effect?.getTiming().iterations === Infinity)`;

/** "rule: element" of each violation; empty: none. */
export async function violationsOf(page: Page): Promise<string[]> {
  await page.waitForFunction(SETTLED);
  await page.evaluate(SOURCE);
  const result = ResultSchema.parse(await page.evaluate("axe.run(document, { resultTypes: ['violations'] })"));
  return result.violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`));
}
