/**
 * A real Chromium for tests: the one inside @sparticuz/chromium on Linux x64, an installed Chrome elsewhere.
 * Called by test/browser. It installs nothing: without a browser it says what to do.
 */
import { execFileSync } from "node:child_process";
import { type Browser, chromium as playwright } from "playwright-core";

/** System libraries that the packaged Chromium needs, with the Debian packages that have them. */
const LIBRARIES = { "libnss3.so": "libnss3", "libnspr4.so": "libnspr4", "libexpat.so.1": "libexpat1" } as const;

/** No browser can be started here; the message says what to install. */
export class NoBrowserError extends Error {
  override name = "NoBrowserError";
}

/** Starts a headless browser. Throws NoBrowserError with what to do when there is none. */
export async function launchBrowser(): Promise<Browser> {
  if (process.platform === "linux" && process.arch === "x64") return await launchPackaged();
  try {
    return await playwright.launch({ channel: "chrome", headless: true });
  } catch (cause) {
    throw new NoBrowserError("The browser tests need Google Chrome on this platform: please install it.", { cause });
  }
}

async function launchPackaged(): Promise<Browser> {
  const missing = missingPackages();
  if (missing.length > 0) {
    throw new NoBrowserError(
      `The browser tests need system libraries: please run  apt-get install -y ${missing.join(" ")}`,
    );
  }
  const { default: chromium } = await import("@sparticuz/chromium");
  try {
    return await playwright.launch({
      executablePath: await chromium.executablePath(),
      // A system without a locale makes the browser speak "en-US@posix", which Intl refuses.
      args: chromium.args.filter((arg) => !UNWANTED.has(arg)),
      env: { ...process.env, LANG: "en_US.UTF-8", LC_ALL: "en_US.UTF-8", LANGUAGE: "en_US" },
      headless: true,
    });
  } catch (cause) {
    throw new NoBrowserError(
      "Chromium did not start. On Debian and Ubuntu:  apt-get install -y libnss3 libnspr4 libexpat1",
      { cause },
    );
  }
}

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

function missingPackages(): string[] {
  let known: string;
  try {
    known = execFileSync("ldconfig", ["-p"], { encoding: "utf8", env: { PATH: `${process.env.PATH ?? ""}:/sbin` } });
  } catch {
    // Without ldconfig nothing is known; starting the browser will tell.
    return [];
  }
  return Object.entries(LIBRARIES)
    .filter(([library]) => !known.includes(library))
    .map(([, name]) => name);
}
