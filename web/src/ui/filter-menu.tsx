/**
 * One filter: a button that opens a list with a search field. Keyboard: arrows, Enter, Escape, typing; a typed value that
 * is not in the list can be used as it is. Used by the filter bar.
 */
import { type FocusEvent, type KeyboardEvent, type ReactElement, useEffect, useId, useRef, useState } from "react";
import { IconCheck, IconChevron, IconClose } from "./icons.tsx";
import { menuItems } from "./menu-items.ts";

export function FilterMenu({
  label,
  value,
  options,
  optionLabel,
  onChange,
}: {
  label: string;
  value: string | undefined;
  options: ReadonlySet<string>;
  optionLabel?: ((option: string) => string) | undefined;
  onChange(value: string | undefined): void;
}): ReactElement {
  const [open, setOpen] = useState(false);
  const [query, setQuery] = useState("");
  const [active, setActive] = useState(0);
  const root = useRef<HTMLDivElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  const list = useRef<HTMLDivElement>(null);
  const id = useId();
  const nameOf = optionLabel ?? ((option: string) => option);
  const items = open ? menuItems(options, value, query, nameOf) : [];
  const current = Math.min(active, items.length - 1);

  useEffect(() => {
    if (!open) return;
    const onPointer = (event: PointerEvent): void => {
      if (event.target instanceof Node && root.current?.contains(event.target) !== true) setOpen(false);
    };
    document.addEventListener("pointerdown", onPointer);
    return () => document.removeEventListener("pointerdown", onPointer);
  }, [open]);
  useEffect(() => {
    if (open) list.current?.children[current]?.scrollIntoView({ block: "nearest" });
  }, [open, current]);

  const show = (): void => {
    setQuery("");
    setActive(0);
    setOpen(true);
  };
  const close = (): void => {
    setOpen(false);
    button.current?.focus();
  };
  const choose = (chosen: string | undefined): void => {
    onChange(chosen);
    close();
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const moves: Record<string, number> = {
      ArrowDown: current + 1,
      ArrowUp: current - 1,
      Home: 0,
      End: items.length - 1,
    };
    const move = moves[event.key];
    if (move !== undefined) setActive(Math.min(items.length - 1, Math.max(0, move)));
    else if (event.key === "Enter") {
      const item = items[current];
      if (item !== undefined) choose(item.value);
    } else if (event.key === "Escape") close();
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  const onBlur = (event: FocusEvent): void => {
    if (event.relatedTarget instanceof Node && root.current?.contains(event.relatedTarget) !== true) setOpen(false);
  };
  const set = value !== undefined;
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: focus that leaves the whole group closes its menu
    <div className="filter" ref={root} onBlur={onBlur}>
      <button
        ref={button}
        type="button"
        className={set ? "filter-button filter-set" : "filter-button"}
        aria-haspopup="dialog"
        aria-expanded={open}
        aria-controls={open ? `${id}-list` : undefined}
        title={set ? `${label}: ${nameOf(value)}` : undefined}
        onClick={() => (open ? close() : show())}
        onKeyDown={(event) => {
          if (event.key === "ArrowDown" && !open) {
            event.preventDefault();
            show();
          }
        }}
      >
        <span className="filter-label">{label}</span>
        {set ? <bdi className="cut filter-value">{nameOf(value)}</bdi> : null}
        <IconChevron />
      </button>
      {set ? (
        <button type="button" className="filter-remove" title={`Clear ${label}`} onClick={() => choose(undefined)}>
          <IconClose />
          <span className="visually-hidden">Clear {label}</span>
        </button>
      ) : null}
      {open ? (
        <div className="menu" role="dialog" aria-label={`${label} filter`}>
          <input
            className="input menu-search"
            type="text"
            role="combobox"
            aria-label={`Search ${label}`}
            aria-expanded="true"
            aria-autocomplete="list"
            aria-controls={`${id}-list`}
            aria-activedescendant={items.length > 0 ? `${id}-${current}` : undefined}
            placeholder={`Search ${label.toLowerCase()}…`}
            autoComplete="off"
            spellCheck={false}
            maxLength={256}
            // biome-ignore lint/a11y/noAutofocus: the menu was just opened by the person
            autoFocus
            value={query}
            onChange={(event) => {
              setQuery(event.target.value);
              setActive(0);
            }}
            onKeyDown={onKeyDown}
          />
          <div className="menu-list" role="listbox" aria-label={label} id={`${id}-list`} ref={list}>
            {items.map((item, index) => (
              // biome-ignore lint/a11y/useKeyWithClickEvents: the field above holds the focus and the keys
              <div
                key={item.key}
                id={`${id}-${index}`}
                role="option"
                tabIndex={-1}
                aria-selected={item.value === value}
                className={index === current ? "menu-item menu-active" : "menu-item"}
                title={item.label}
                onPointerMove={() => setActive(index)}
                onClick={() => choose(item.value)}
              >
                <span className="menu-check">{item.value === value ? <IconCheck /> : null}</span>
                <bdi className="cut">{item.label}</bdi>
              </div>
            ))}
          </div>
          {options.size === 0 && query === "" ? (
            <p className="menu-note">Values appear here as events arrive. You can type one.</p>
          ) : null}
        </div>
      ) : null}
    </div>
  );
}
