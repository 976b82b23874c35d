/** The command that sends a first event: shown by the empty state; pure. */

/** A curl command for a POSIX shell that posts one event, dated now, to the Tenfold at `origin`. */
export function firstEventCommand(origin: string): string {
  const event = '{"event_type":"session_start","user_id":"me","session_id":"first-session","timestamp":"%s"}';
  return [
    `printf '${event}' "$(date -u +%Y-%m-%dT%H:%M:%SZ)" |`,
    `  curl -sS '${origin}/v1/events' \\`,
    `    -H "Authorization: Bearer $TENFOLD_KEY" \\`,
    "    -H 'Content-Type: application/json' --data-binary @-",
  ].join("\n");
}
