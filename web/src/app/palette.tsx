/**
 * The command palette: a native modal dialog with a combobox over everything one can go to or do. Opened by the frame (Ctrl or ⌘ K, the
 * button in the header); what a command does is the frame's, but for opening a dashboard or a saved metric. Its own chunk: it is loaded when it is first opened.
 */
import { useNavigate } from "@tanstack/react-router";
import { type KeyboardEvent, type ReactElement, useEffect, useId, useRef, useState } from "react";
import { useDashboards } from "../dashboards/use-dashboards.ts";
import { writeQuestion } from "../explore/question-url.ts";
import { useSavedMetrics } from "../explore/use-saved.ts";
import { usePreference } from "../ui/preference.ts";
import { usePreferences } from "../ui/preferences.tsx";
import type { ViewSearch } from "./filters.ts";
import { useMe } from "./me-context.ts";
import { alongSearch } from "./nav.ts";
import { type Command, commandsOf, type FrameIntent } from "./palette-commands.ts";
import { rankCommands } from "./palette-rank.ts";
import { Keys } from "./shortcuts.tsx";

/** Characters; longer names of views or metrics there are none. */
const MAX_TYPED = 128;

export default function Palette({
  onRun,
  onClose,
}: {
  onRun(intent: FrameIntent): void;
  onClose(): void;
}): ReactElement {
  const me = useMe();
  const navigate = useNavigate();
  const { theme, zone } = usePreferences();
  const now = { theme: usePreference(theme), zone: usePreference(zone) };
  // Where they are not to be had (the plan, no connection) the rest works without them.
  const saved = useSavedMetrics();
  const dashboards = useDashboards();
  const [typed, setTyped] = useState("");
  const [active, setActive] = useState(0);
  const dialog = useRef<HTMLDialogElement>(null);
  const list = useRef<HTMLDivElement>(null);
  const id = useId();
  const found = rankCommands(
    commandsOf(me, now, saved.data?.custom_metrics ?? [], dashboards.data?.dashboards ?? []),
    typed,
  );
  const current = Math.min(active, found.length - 1);
  const chosen = found[current];

  useEffect(() => {
    const element = dialog.current;
    const before = document.activeElement;
    if (element !== null && !element.open) element.showModal();
    return () => {
      element?.close();
      if (before instanceof HTMLElement) before.focus();
    };
  }, []);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another choice, or another list, is scrolled into sight
  useEffect(() => {
    list.current?.querySelector("[aria-selected=true]")?.scrollIntoView({ block: "nearest" });
  }, [current, typed]);

  const run = (command: Command): void => {
    onClose();
    const { intent } = command;
    if (intent.do === "dashboard") {
      const params = { dashboardId: intent.id };
      void navigate({ to: "/dashboards/$dashboardId", params, search: (before: ViewSearch) => alongSearch(before) });
    } else if (intent.do !== "metric") onRun(intent);
    else {
      const opened = { q: writeQuestion(intent.question), metric: intent.id };
      void navigate({ to: "/explore", search: (before: ViewSearch) => ({ ...alongSearch(before), ...opened }) });
    }
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.nativeEvent.isComposing) return;
    const count = found.length;
    const moves: Record<string, number> = { ArrowDown: (current + 1) % count, ArrowUp: (current + count - 1) % count };
    const move = moves[event.key];
    if (move !== undefined) setActive(count === 0 ? 0 : move);
    else if (event.key === "Enter") {
      if (chosen !== undefined) run(chosen);
    } else if (event.key.toLowerCase() === "k" && (event.ctrlKey || event.metaKey)) onClose();
    else return;
    event.preventDefault();
  };
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: Escape closes it, which the dialog does itself
    <dialog
      ref={dialog}
      aria-label="Commands"
      className="pop mx-auto mt-[12dvh] mb-auto w-[calc(100vw-24px)] max-w-140 overflow-hidden p-0 text-fg backdrop:bg-[rgb(0_0_0/50%)]"
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      onClick={(event) => {
        if (event.target === event.currentTarget) onClose();
      }}
    >
      <div className="border-b border-line p-2">
        <input
          className="input"
          type="text"
          role="combobox"
          aria-label="Find a view or an action"
          aria-expanded="true"
          aria-autocomplete="list"
          aria-controls={`${id}-list`}
          aria-activedescendant={chosen === undefined ? undefined : `${id}-${chosen.id}`}
          placeholder="Find a view or an action…"
          autoComplete="off"
          spellCheck={false}
          maxLength={MAX_TYPED}
          autoFocus
          value={typed}
          onChange={(event) => {
            setTyped(event.target.value);
            setActive(0);
          }}
          onKeyDown={onKeyDown}
        />
      </div>
      <div
        ref={list}
        id={`${id}-list`}
        role="listbox"
        aria-label="Commands"
        className="h-[min(416px,60dvh)] overflow-y-auto p-1"
      >
        {runsOf(found).map(({ group, commands }) => (
          // biome-ignore lint/a11y/useSemanticElements: a group of options, which fieldset is not
          <div key={`${group} ${commands[0]?.id}`} role="group" aria-label={group}>
            <div className="px-2 pt-2 pb-1 text-1 font-medium text-muted" aria-hidden="true">
              {group}
            </div>
            {commands.map((command) => (
              // biome-ignore lint/a11y/useKeyWithClickEvents: the field above holds the focus and the keys
              <div
                key={command.id}
                id={`${id}-${command.id}`}
                role="option"
                tabIndex={-1}
                aria-selected={command === chosen}
                className={`pop-item h-9 ${command === chosen ? "bg-hover" : ""}`}
                onPointerMove={() => setActive(found.indexOf(command))}
                onClick={() => run(command)}
              >
                <bdi className="cut flex-1" title={command.label}>
                  {command.label}
                </bdi>
                {command.keys === undefined ? null : (
                  <span aria-hidden="true">
                    <Keys keys={command.keys} />
                  </span>
                )}
              </div>
            ))}
          </div>
        ))}
        {found.length === 0 ? <p className="p-4 text-center text-muted">Nothing is called that.</p> : null}
      </div>
      <p className="visually-hidden" role="status">
        {found.length === 1 ? "1 command" : `${found.length} commands`}
      </p>
    </dialog>
  );
}

/** Commands one after the other that belong together: a ranked list may come back to a group. */
function runsOf(commands: readonly Command[]): { group: string; commands: Command[] }[] {
  const runs: { group: string; commands: Command[] }[] = [];
  for (const command of commands) {
    const last = runs.at(-1);
    if (last?.group === command.group) last.commands.push(command);
    else runs.push({ group: command.group, commands: [command] });
  }
  return runs;
}
