/** Sign in with email and password. Route /sign-in; returns to `next` afterwards. */
import { type ReactElement, type SubmitEvent, useEffect, useRef, useState } from "react";
import type { ApiFailure, ApiResult } from "../api/client.ts";
import { ThemeSwitch } from "../ui/header.tsx";
import { Mark } from "../ui/icons.tsx";
import { signInMessage } from "./sign-in-message.ts";

export function SignInPage({
  signIn,
  onSignedIn,
  notice,
}: {
  signIn(email: string, password: string): Promise<ApiResult<unknown>>;
  onSignedIn(): Promise<void>;
  notice: string | null;
}): ReactElement {
  const [busy, setBusy] = useState(false);
  const [shown, setShown] = useState(false);
  const [failure, setFailure] = useState<ApiFailure | null>(null);
  const password = useRef<HTMLInputElement>(null);

  useEffect(() => {
    // The wrong password is what is most often corrected next.
    if (failure?.kind === "unauthorized") password.current?.select();
  }, [failure]);

  useEffect(() => {
    document.title = "Sign in · Tenfold";
  }, []);

  const submit = async (event: SubmitEvent<HTMLFormElement>): Promise<void> => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    setBusy(true);
    setFailure(null);
    const result = await signIn(String(form.get("email") ?? "").trim(), String(form.get("password") ?? ""));
    if (!result.ok) {
      setFailure(result.failure);
      setBusy(false);
      return;
    }
    await onSignedIn();
    setBusy(false);
  };

  return (
    <main className="sign-in" id="main">
      <div className="sign-in-theme">
        <ThemeSwitch />
      </div>
      <div className="sign-in-card">
        <div className="sign-in-brand">
          <Mark />
          <h1>Sign in to Tenfold</h1>
          <p className="muted">{notice ?? "Live analytics for AI coding agents."}</p>
        </div>
        <form onSubmit={(event) => void submit(event)} aria-busy={busy}>
          <label className="field">
            <span>Email</span>
            {/* biome-ignore lint/a11y/noAutofocus: the form is all this page is for */}
            <input className="input" type="email" name="email" autoComplete="username" required autoFocus />
          </label>
          <div className="field">
            <label htmlFor="password">Password</label>
            <span className="input-group">
              <input
                id="password"
                ref={password}
                className="input"
                type={shown ? "text" : "password"}
                name="password"
                autoComplete="current-password"
                required
                aria-invalid={failure?.kind === "unauthorized"}
                aria-describedby="sign-in-failure"
              />
              <button
                type="button"
                className="button button-quiet button-small"
                aria-pressed={shown}
                onClick={() => setShown(!shown)}
              >
                {shown ? "Hide" : "Show"}
                <span className="visually-hidden"> password</span>
              </button>
            </span>
          </div>
          <div className="sign-in-failure" id="sign-in-failure" role="alert">
            {failure === null ? null : (
              <>
                <p>{signInMessage(failure)}</p>
                {failure.requestId === null || failure.status < 500 ? null : (
                  <p className="faint">
                    Request id <code className="request-id">{failure.requestId}</code>
                  </p>
                )}
              </>
            )}
          </div>
          <button type="submit" className="button button-primary button-wide" disabled={busy}>
            {busy ? "Signing in…" : "Sign in"}
          </button>
        </form>
      </div>
    </main>
  );
}
