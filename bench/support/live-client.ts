/**
 * A person's browser as far as live data goes: sign-in by e-mail, the session cookie, a socket on /api/v1/live with Origin.
 * Used by the live benches. Frames are parsed with the protocol's own schema.
 */
import type { DevJson } from "../../dev/dev-json.ts";
import { type ServerFrame, ServerFrameSchema } from "../../schema/live.ts";

const OPEN_TIMEOUT_MS = 30_000;

/** The cookie of a user who signs in. Throws when the answer is not 200. */
export async function signIn(url: string, user: DevJson["orgs"][number]["users"][number]): Promise<string> {
  const response = await fetch(`${url}/api/auth/sign-in/email`, {
    method: "POST",
    headers: { "content-type": "application/json", origin: url },
    body: JSON.stringify({ email: user.email, password: user.password }),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`sign-in: ${response.status} ${text}`);
  return response.headers
    .getSetCookie()
    .map((cookie) => cookie.split(";")[0])
    .join("; ");
}

export interface LiveSocket {
  /** Resolves when the upgrade was answered with 101; rejects when it was not. */
  opened: Promise<void>;
  close(): void;
}

/** Opens a socket; `onFrame` gets every frame with its time (performance.now), `onEnd` the close code. */
export function openLive(
  url: string,
  cookie: string,
  search: string,
  onFrame: (frame: ServerFrame, at: number) => void,
  onEnd: (code: number) => void = () => undefined,
): LiveSocket {
  const address = `${url.replace("http", "ws")}/api/v1/live${search}`;
  // Node's WebSocket takes headers; the type of browsers' WebSocket does not know them.
  const socket: WebSocket = Reflect.construct(WebSocket, [address, { headers: { cookie, origin: url } }]);
  socket.addEventListener("message", ({ data }) => {
    const at = performance.now();
    if (typeof data === "string" && data !== "pong") onFrame(ServerFrameSchema.parse(JSON.parse(data)), at);
  });
  socket.addEventListener("close", ({ code }) => onEnd(code));
  const opened = new Promise<void>((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error("no answer to the upgrade")), OPEN_TIMEOUT_MS);
    const settle = (then: () => void) => () => {
      clearTimeout(timer);
      then();
    };
    socket.addEventListener("open", settle(resolve));
    socket.addEventListener(
      "error",
      settle(() => reject(new Error("the upgrade was refused"))),
    );
  });
  return { opened, close: () => socket.close() };
}
