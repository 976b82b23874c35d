/**
 * A real Chromium for tests: the one inside @sparticuz/chromium on Linux x64, an installed Chrome elsewhere.
 * Called by test/browser. It installs nothing: without a browser it says what to do.
 */
import { type Browser, chromium as playwright } from "playwright-core";

/** Libraries of the system that the packaged Chromium needs, and the Debian packages that have them. */
const PACKAGES: Readonly<Record<string, string>> = {
  "libnss3.so": "libnss3",
  "libnssutil3.so": "libnss3",
  "libnspr4.so": "libnspr4",
  "libexpat.so.1": "libexpat1",
};
const ALL_PACKAGES = [...new Set(Object.values(PACKAGES))].join(" ");

/**
 * Flags for serverless hosts that make a browser unlike a person's: some switch its security model off, and one process
 * for everything dies with its first context.
 */
const UNWANTED: ReadonlySet<string> = new Set([
  "--disable-web-security",
  "--allow-running-insecure-content",
  "--disable-site-isolation-trials",
  "--single-process",
  "--no-zygote",
]);
/** A system without a locale makes the browser speak "en-US@posix", which Intl refuses. */
const LOCALE = { LANG: "en_US.UTF-8", LC_ALL: "en_US.UTF-8", LANGUAGE: "en_US" };

/** No browser can be started here; the message says what to install. */
export class NoBrowserError extends Error {
  override name = "NoBrowserError";
}

/** Starts a headless browser. Throws NoBrowserError with what to do when there is none. */
export async function launchBrowser(): Promise<Browser> {
  try {
    return process.platform === "linux" && process.arch === "x64"
      ? await launchPackaged()
      : await playwright.launch({ channel: "chrome", headless: true });
  } catch (cause) {
    throw new NoBrowserError(whatToDo(process.platform, String(cause)), { cause });
  }
}

async function launchPackaged(): Promise<Browser> {
  const { default: chromium } = await import("@sparticuz/chromium");
  return await playwright.launch({
    executablePath: await chromium.executablePath(),
    args: chromium.args.filter((arg) => !UNWANTED.has(arg)),
    env: { ...process.env, ...LOCALE },
    headless: true,
  });
}

/** What a person does about a browser that did not start, from what it said. */
export function whatToDo(platform: string, said: string): string {
  if (platform !== "linux") return "The browser tests need Google Chrome on this platform: please install it.";
  const library = /loading shared libraries: ([\w.+-]+):/.exec(said)?.[1];
  if (library === undefined) return `Chromium did not start. It needs: apt-get install -y ${ALL_PACKAGES}`;
  return `The browser tests need ${library}. Please run: apt-get install -y ${PACKAGES[library] ?? ALL_PACKAGES}`;
}
