/**
 * What a key press means: a view ("g" and then its key), the palette, the first filter, the help. Used by shortcuts.tsx, which knows the
 * page; pure: the present is a parameter.
 */

/** Between "g" and the key of a view, ms: long enough to look for it, short enough to be forgotten. */
export const SEQUENCE_MS = 1_500;

/** The part of a keyboard event that matters, and where it happened. */
export interface KeyPress {
  key: string;
  ctrlKey: boolean;
  metaKey: boolean;
  altKey: boolean;
  /** Letters go into a field or an open menu. */
  typing: boolean;
  /** A dialog is over the page. */
  inDialog: boolean;
}

export type ShortcutAction<To> = { kind: "palette" } | { kind: "help" } | { kind: "filter" } | { kind: "go"; to: To };

export interface Step<To> {
  /** When "g" was pressed, ms; null: no sequence has begun. */
  since: number | null;
  /** Done instead of what the browser does with the key; null: the key is the browser's. */
  action: ShortcutAction<To> | null;
}

/** `since`: of the step before. `single`: keys without Ctrl do something (people who speak to their computer switch them off). */
export function pressKey<To>(
  since: number | null,
  press: KeyPress,
  now: number,
  views: readonly { key: string; to: To }[],
  single: boolean,
): Step<To> {
  const nothing: Step<To> = { since: null, action: null };
  if (press.inDialog) return nothing;
  const key = press.key.length === 1 ? press.key.toLowerCase() : press.key;
  if ((press.ctrlKey || press.metaKey) && !press.altKey) {
    return key === "k" ? { since: null, action: { kind: "palette" } } : nothing;
  }
  if (press.typing || press.altKey || press.ctrlKey || press.metaKey || !single) return nothing;
  if (key === "Shift") return { since, action: null };
  if (since !== null && now - since <= SEQUENCE_MS) {
    const view = views.find((one) => one.key === key);
    if (view !== undefined) return { since: null, action: { kind: "go", to: view.to } };
  }
  if (key === "g") return { since: now, action: null };
  if (key === "/") return { since: null, action: { kind: "filter" } };
  if (key === "?") return { since: null, action: { kind: "help" } };
  return nothing;
}
