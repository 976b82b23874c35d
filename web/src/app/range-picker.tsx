/**
 * The range of a view: presets that end now, or two moments. Writes the URL. Used by the view bar. Until it is first pressed it is a plain
 * button.
 */
import type { ReactElement } from "react";
import { formatRange } from "../format/time.ts";
import { NOT_LOADED, useLate } from "../ui/use-late.ts";
import { RangeLabel, type RangePickerProps } from "./range-label.tsx";

const loadChoices = () => import("./range-popover.tsx");

export function RangePicker(props: RangePickerProps): ReactElement {
  const { range, zone } = props;
  const { part, failed, want, hints } = useLate(loadChoices);
  const label = range.live ? range.label : formatRange(range.from, range.to, zone);
  if (part !== null) return <part.OpenRangePicker {...props} label={label} />;
  return (
    <button
      type="button"
      className="button"
      aria-haspopup="dialog"
      aria-expanded={false}
      aria-label={`Range: ${label}`}
      title={failed ? `The ranges ${NOT_LOADED}` : undefined}
      onClick={want}
      {...hints}
    >
      <RangeLabel label={label} />
      {failed ? <span className="visually-hidden" role="alert">{`The ranges ${NOT_LOADED}`}</span> : null}
    </button>
  );
}
