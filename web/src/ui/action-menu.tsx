/** A small menu of things to do with what is beside it: downloads, copying a link. Not modal, so that the page behind stays usable. */
import { DropdownMenu } from "radix-ui";
import type { ReactElement } from "react";
import { IconMore } from "./icons.tsx";

export interface Action {
  label: string;
  onSelect(): void;
  disabled?: boolean;
}

export function ActionMenu({ label, items }: { label: string; items: readonly Action[] }): ReactElement {
  return (
    <DropdownMenu.Root modal={false}>
      <DropdownMenu.Trigger className="button button-quiet button-icon button-small" aria-label={label} title={label}>
        <IconMore />
      </DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content align="end" sideOffset={4} className="pop min-w-44 p-1">
          {items.map((item) => (
            <DropdownMenu.Item
              key={item.label}
              disabled={item.disabled === true}
              onSelect={item.onSelect}
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
