/** The search of the list: written to the URL when typing rests. Used by the sessions view. */
import { type ReactElement, useEffect, useRef, useState } from "react";

/** ms without a key before it is asked. */
const REST_MS = 250;

export function SearchBox({
  value,
  onChange,
}: {
  value: string | undefined;
  onChange(value: string | undefined): void;
}): ReactElement {
  const [text, setText] = useState(value ?? "");
  const sent = useRef(value ?? "");
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => {
    // Changed from elsewhere: a link, the back button.
    if ((value ?? "") !== sent.current) {
      sent.current = value ?? "";
      setText(value ?? "");
    }
  }, [value]);
  useEffect(() => () => clearTimeout(timer.current), []);
  const send = (next: string): void => {
    clearTimeout(timer.current);
    const words = next.trim();
    if (words === sent.current) return;
    sent.current = words;
    onChange(words === "" ? undefined : words);
  };
  return (
    <form
      className="min-w-0 flex-1 sm:max-w-80"
      onSubmit={(event) => {
        event.preventDefault();
        send(text);
      }}
    >
      <input
        className="input"
        type="search"
        name="q"
        aria-label="Search sessions"
        placeholder="Session id, user or repo"
        maxLength={256}
        autoComplete="off"
        value={text}
        onChange={(event) => {
          const next = event.target.value;
          setText(next);
          clearTimeout(timer.current);
          timer.current = setTimeout(() => send(next), REST_MS);
        }}
      />
    </form>
  );
}
