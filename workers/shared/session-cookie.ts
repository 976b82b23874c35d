/**
 * The session cookie, the host's jurisdiction and the Origin check: what a browser's request says by itself.
 * Called by auth.ts and the sign-in routes. Reads no database and checks no token.
 */
import type { Context } from "hono";
import { deleteCookie, getCookie, setCookie } from "hono/cookie";
import { PublicError } from "../../schema/errors.ts";
import { STORAGE_REGIONS, type StorageRegion, StorageRegionSchema } from "../../schema/pack.ts";
import { SESSION_S } from "./access-token.ts";
import { readConfig } from "./env.ts";
import type { AppEnv } from "./http.ts";
import { isLoopback } from "./loopback.ts";

const COOKIE = "__Host-tenfold";
/** Plain http on a laptop: Safari and curl keep no Secure cookie there, so this one is not. Never used in production. */
const LOCAL_COOKIE = "tenfold-local";
/** Chooses the jurisdiction on a laptop, where there is no `eu.` host. */
const JURISDICTION_HEADER = "x-tenfold-jurisdiction";
const SAFE_METHODS: ReadonlySet<string> = new Set(["GET", "HEAD", "OPTIONS"]);

/** True on a laptop: an emulated Worker asked at a loopback host. */
function isLocal(c: Context<AppEnv>): boolean {
  return readConfig(c.env).jurisdictions === "emulated" && isLoopback(new URL(c.req.url).hostname);
}

function isPlainLocal(c: Context<AppEnv>): boolean {
  return new URL(c.req.url).protocol === "http:" && isLocal(c);
}

/** Keeps the session in the browser for 12 hours. */
export function setSessionCookie(c: Context<AppEnv>, token: string): void {
  const plain = isPlainLocal(c);
  setCookie(c, plain ? LOCAL_COOKIE : COOKIE, token, {
    httpOnly: true,
    secure: !plain,
    sameSite: "Lax",
    path: "/",
    maxAge: SESSION_S,
  });
}

/** Forgets the session in the browser. */
export function clearSessionCookie(c: Context<AppEnv>): void {
  const plain = isPlainLocal(c);
  deleteCookie(c, plain ? LOCAL_COOKIE : COOKIE, { path: "/", secure: !plain });
}

/** The cookie's token, or undefined. */
export function sessionCookie(c: Context<AppEnv>): string | undefined {
  return getCookie(c, isPlainLocal(c) ? LOCAL_COOKIE : COOKIE);
}

/** True for methods that change nothing. A WebSocket upgrade is a GET, but opens a channel: it counts as a write. */
export function isSafe(c: Context<AppEnv>): boolean {
  return SAFE_METHODS.has(c.req.method) && c.req.header("upgrade")?.toLowerCase() !== "websocket";
}

/**
 * Refuses (403) a request that another site's page made. Browsers send Origin on every write and upgrade; a request
 * without one passes only when `absent` says so (sign-in by a program: it brings its own credentials).
 */
export function requireSameOrigin(c: Context<AppEnv>, absent: "refuse" | "allow" = "refuse"): void {
  const origin = c.req.header("origin");
  if (origin === undefined && absent === "allow") return;
  if (origin !== new URL(c.req.url).origin) {
    throw new PublicError("forbidden", "this request must come from the application's own pages");
  }
}

/**
 * The configuration databases that people of this host may be in, decided before anything is read: the `eu.` host and no
 * other has EU people. On a laptop the header decides, and without it both are tried, so that one demo page serves all.
 */
export function hostJurisdictions(c: Context<AppEnv>): readonly StorageRegion[] {
  if (!isLocal(c)) return [new URL(c.req.url).hostname.startsWith("eu.") ? "eu" : "us"];
  const named = c.req.header(JURISDICTION_HEADER);
  if (named === undefined) return STORAGE_REGIONS;
  const jurisdiction = StorageRegionSchema.safeParse(named);
  if (!jurisdiction.success) throw new PublicError("invalid_request", `${JURISDICTION_HEADER} is us or eu`);
  return [jurisdiction.data];
}
