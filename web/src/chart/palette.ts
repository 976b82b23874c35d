/**
 * The layers of every chart by event type: their order, labels and colour tokens, the same everywhere and for ever.
 * Colours live in styles/tokens.css (Okabe and Ito's set, shaded per theme, apart for the common colour blindnesses).
 */
import type { StandardEventType } from "../../../schema/event.ts";

export type LayerKey = StandardEventType | "custom";

export interface Layer {
  key: LayerKey;
  label: string;
  /** CSS custom property that holds the colour. */
  token: `--type-${string}`;
}

/** From the bottom of the stack to its top: what people look for first is at the edges. */
export const LAYERS: readonly Layer[] = [
  { key: "code_generated", label: "Code generated", token: "--type-code-generated" },
  { key: "cost_incurred", label: "Cost incurred", token: "--type-cost-incurred" },
  { key: "session_start", label: "Session start", token: "--type-session-start" },
  { key: "session_end", label: "Session end", token: "--type-session-end" },
  { key: "pr_created", label: "PR created", token: "--type-pr-created" },
  { key: "custom", label: "Custom", token: "--type-custom" },
  { key: "error", label: "Error", token: "--type-error" },
  { key: "security_alert", label: "Security alert", token: "--type-security-alert" },
];

const KEYS: ReadonlySet<string> = new Set(LAYERS.map((layer) => layer.key));

/** The layer an event type is drawn in: its own, or `custom`. */
export function layerOf(type: string): LayerKey {
  return isLayer(type) ? type : "custom";
}

function isLayer(type: string): type is LayerKey {
  return KEYS.has(type);
}

/** What a type is called for people: a standard type by its label, a custom one by its own name. */
export function typeLabel(type: string): string {
  return LAYERS.find((layer) => layer.key === type)?.label ?? type;
}
