/**
 * A small menu of things to do with what is beside it: downloads, copying a link. Not modal, so that the page behind stays usable. Until it
 * is first pressed it is a plain button.
 */
import { type ReactElement, useRef } from "react";
import type { Action } from "./action-menu-open.tsx";
import { IconMore } from "./icons.tsx";
import { NOT_LOADED, useLate } from "./use-late.ts";

const loadMenu = () => import("./action-menu-open.tsx");

export function ActionMenu({ label, items }: { label: string; items: readonly Action[] }): ReactElement {
  const { part, failed, want, hints } = useLate(loadMenu);
  const byKeyboard = useRef(false);
  if (part !== null) return <part.OpenActionMenu label={label} items={items} byKeyboard={byKeyboard.current} />;
  const press = (key: boolean): void => {
    byKeyboard.current = key;
    want();
  };
  return (
    <button
      type="button"
      className="button button-quiet button-icon button-small"
      aria-haspopup="menu"
      aria-expanded={false}
      aria-label={label}
      title={failed ? `${label}: ${NOT_LOADED}` : label}
      onClick={({ detail }) => press(detail === 0)}
      onKeyDown={(event) => {
        if (event.key !== "ArrowDown") return;
        event.preventDefault();
        press(true);
      }}
      {...hints}
    >
      <IconMore />
      {failed ? <span className="visually-hidden" role="alert">{`${label}: ${NOT_LOADED}`}</span> : null}
    </button>
  );
}
