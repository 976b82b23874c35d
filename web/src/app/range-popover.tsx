/** The choices of the range picker, open as they come. Loaded by range-picker.tsx when it is first pressed. */
import { Popover } from "radix-ui";
import { type ReactElement, type SubmitEvent, useState } from "react";
import type { Zone } from "../format/time.ts";
import { DEFAULT_PRESET, PRESET_NAMES, PRESETS, type ViewRange } from "./filters.ts";
import { fromLocalInput, toLocalInput } from "./local-input.ts";
import { type RangeChange, RangeLabel, type RangePickerProps } from "./range-label.tsx";

export function OpenRangePicker({
  range,
  search,
  zone,
  label,
  onChange,
}: RangePickerProps & { label: string }): ReactElement {
  const [open, setOpen] = useState(true);
  const choose = (change: RangeChange): void => {
    onChange(change);
    setOpen(false);
  };
  return (
    <Popover.Root open={open} onOpenChange={setOpen}>
      <Popover.Trigger className="button" aria-label={`Range: ${label}`}>
        <RangeLabel label={label} />
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Content align="start" sideOffset={4} className="pop w-72 p-2" aria-label="Range">
          <ul className="grid gap-0.5">
            {PRESET_NAMES.map((name) => (
              <li key={name}>
                <button
                  type="button"
                  className="pop-item"
                  aria-pressed={range.live && (search.range ?? DEFAULT_PRESET) === name}
                  onClick={() => choose({ range: name, from: undefined, to: undefined })}
                >
                  {PRESETS[name].label}
                </button>
              </li>
            ))}
          </ul>
          <CustomRange range={range} zone={zone} onChange={choose} />
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}

function CustomRange({
  range,
  zone,
  onChange,
}: {
  range: ViewRange;
  zone: Zone;
  onChange(change: RangeChange): void;
}): ReactElement {
  const [problem, setProblem] = useState<string | null>(null);
  const submit = (event: SubmitEvent<HTMLFormElement>): void => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const from = fromLocalInput(String(form.get("from") ?? ""), zone);
    const to = fromLocalInput(String(form.get("to") ?? ""), zone);
    if (from === null || to === null || from >= to) {
      setProblem("The start must be before the end.");
      return;
    }
    onChange({ range: undefined, from: new Date(from).toISOString(), to: new Date(to).toISOString() });
  };
  return (
    <form className="mt-2 grid gap-2 border-t border-line px-2 pt-3 pb-1" onSubmit={submit}>
      {(["from", "to"] as const).map((name) => (
        <label key={name} className="field text-2">
          {name === "from" ? "From" : "To"} ({zone === "utc" ? "UTC" : "local time"})
          <input
            className="input"
            type="datetime-local"
            name={name}
            required
            defaultValue={toLocalInput(range[name], zone)}
          />
        </label>
      ))}
      <p className="min-h-5 text-2 text-bad" role="alert">
        {problem}
      </p>
      <button type="submit" className="button button-primary">
        Show
      </button>
    </form>
  );
}
