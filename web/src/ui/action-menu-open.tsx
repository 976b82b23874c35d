/** The menu of an ActionMenu, open as it comes. Loaded by action-menu.tsx when it is first pressed. */
import { DropdownMenu } from "radix-ui";
import { type ReactElement, useLayoutEffect, useRef } from "react";
import { type CsvTable, saveCsv } from "./csv.ts";
import { IconMore } from "./icons.tsx";

export type Action = { label: string; disabled?: boolean } & (
  | { onSelect(): void }
  /** Saves a table under a name; undefined: there is none yet. */
  | { file: string; csv: (() => CsvTable) | undefined }
);

function run(action: Action): void {
  if ("onSelect" in action) action.onSelect();
  else if (action.csv !== undefined) saveCsv(action.file, action.csv());
}

const isDisabled = (action: Action): boolean =>
  action.disabled === true || ("csv" in action && action.csv === undefined);

export function OpenActionMenu({
  label,
  items,
  byKeyboard,
}: {
  label: string;
  items: readonly Action[];
  /** It was opened by a key, so that its first item is focused. */
  byKeyboard: boolean;
}): ReactElement {
  const content = useRef<HTMLDivElement>(null);
  // Only this first time: later the menu itself has seen the key.
  useLayoutEffect(() => {
    if (!byKeyboard) return;
    const frame = requestAnimationFrame(() =>
      content.current?.querySelector<HTMLElement>("[role=menuitem]")?.focus({ preventScroll: true }),
    );
    return () => cancelAnimationFrame(frame);
  }, [byKeyboard]);
  return (
    <DropdownMenu.Root modal={false} defaultOpen>
      <DropdownMenu.Trigger className="button button-quiet button-icon button-small" aria-label={label} title={label}>
        <IconMore />
      </DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content ref={content} align="end" sideOffset={4} className="pop min-w-44 p-1">
          {items.map((item) => (
            <DropdownMenu.Item
              key={item.label}
              disabled={isDisabled(item)}
              onSelect={() => run(item)}
              className="pop-item"
            >
              {item.label}
            </DropdownMenu.Item>
          ))}
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}
