/** What the range picker's button shows, closed (range-picker.tsx) and open (range-popover.tsx), and what both are given. */
import type { ReactElement } from "react";
import type { Zone } from "../format/time.ts";
import { IconCalendar, IconChevron } from "../ui/icons.tsx";
import type { ViewRange, ViewSearch } from "./filters.ts";

export type RangeChange = Pick<ViewSearch, "range" | "from" | "to">;

export interface RangePickerProps {
  range: ViewRange;
  search: ViewSearch;
  zone: Zone;
  onChange(change: RangeChange): void;
}

export function RangeLabel({ label }: { label: string }): ReactElement {
  return (
    <>
      <IconCalendar />
      <span className="cut">{label}</span>
      <IconChevron />
    </>
  );
}
