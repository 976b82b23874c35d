/** The range of a view: presets that end now, or two moments. Writes the URL. Used by the view bar. */
import { Popover } from "radix-ui";
import { type ReactElement, type SubmitEvent, useState } from "react";
import { formatRange, type Zone } from "../format/time.ts";
import { IconCalendar, IconChevron } from "../ui/icons.tsx";
import { DEFAULT_PRESET, PRESET_NAMES, PRESETS, type ViewRange, type ViewSearch } from "./filters.ts";
import { fromLocalInput, toLocalInput } from "./local-input.ts";

type RangeChange = Pick<ViewSearch, "range" | "from" | "to">;

export function RangePicker({
  range,
  search,
  zone,
  onChange,
}: {
  range: ViewRange;
  search: ViewSearch;
  zone: Zone;
  onChange(change: RangeChange): void;
}): ReactElement {
  const [open, setOpen] = useState(false);
  const choose = (change: RangeChange): void => {
    onChange(change);
    setOpen(false);
  };
  const label = range.live ? range.label : formatRange(range.from, range.to, zone);
  return (
    <Popover.Root open={open} onOpenChange={setOpen}>
      <Popover.Trigger className="button" aria-label={`Range: ${label}`}>
        <IconCalendar />
        <span className="cut">{label}</span>
        <IconChevron />
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
