/** The dialog that lists the keyboard shortcuts and switches those of single keys. Its own chunk: the frame loads it when it is first opened. */
import type { ReactElement } from "react";
import { Dialog } from "../settings/dialog.tsx";
import { usePreference } from "../ui/preference.ts";
import { usePreferences } from "../ui/preferences.tsx";
import { NAV } from "./nav.ts";
import { COMMAND_KEY, Keys } from "./shortcuts.tsx";

export default function ShortcutHelp({ onClose }: { onClose(): void }): ReactElement {
  const { shortcuts } = usePreferences();
  const current = usePreference(shortcuts);
  return (
    <Dialog
      title="Keyboard shortcuts"
      onClose={onClose}
      onSubmit={onClose}
      actions={
        <>
          <label className="me-auto flex items-center gap-2 text-2 text-muted">
            <input
              type="checkbox"
              checked={current === "on"}
              onChange={(event) => shortcuts.set(event.target.checked ? "on" : "off")}
            />
            Shortcuts of single keys
          </label>
          <button type="submit" className="button">
            Close
          </button>
        </>
      }
    >
      <dl className="grid gap-x-6 gap-y-1 sm:grid-cols-2">
        <Shortcut keys={[COMMAND_KEY, "K"]} what="Find anything" />
        <Shortcut keys={["/"]} what="Search or first filter" />
        <Shortcut keys={["?"]} what="This list" />
        {NAV.map(({ to, label, key }) => (
          <Shortcut key={to} keys={["g", key]} what={label} />
        ))}
      </dl>
    </Dialog>
  );
}

function Shortcut({ keys, what }: { keys: readonly string[]; what: string }): ReactElement {
  return (
    <div className="flex h-8 items-center gap-2">
      <dt className="min-w-0 flex-1 truncate">{what}</dt>
      <dd>
        <Keys keys={keys} />
      </dd>
    </div>
  );
}
