/**
 * `npm run lock`, second half: adds the platform packages that the registry at hand did not offer when the lock file was written
 * (binaries for other systems). Without them `npm ci` calls the lock file out of sync. Exact versions come from the packages that
 * ask for them; what does not fit this machine is never downloaded. Plain JavaScript, because it runs before anything is installed.
 */
import { readFileSync, writeFileSync } from "node:fs";

const SYSTEMS = [
  ["darwin", "darwin"],
  ["linux", "linux"],
  ["win32", "win32"],
  ["windows", "win32"],
  ["android", "android"],
  ["freebsd", "freebsd"],
  ["openharmony", "openharmony"],
  ["sunos", "sunos"],
];
const PROCESSORS = ["arm64", "x64", "ia32", "arm", "ppc64", "s390x", "riscv64", "loong64", "mips64el"];

/** What a platform package's name says it runs on; undefined when it is no platform package. */
function platformOf(name) {
  // The build for browsers and sandboxes runs on any system, and npm installs it on none.
  if (name.includes("wasm32")) return { cpu: ["wasm32"] };
  const os = SYSTEMS.find(([word]) => name.includes(word))?.[1];
  if (os === undefined) return undefined;
  const cpu = name.endsWith("-64") ? "x64" : PROCESSORS.find((word) => name.includes(word));
  const libc = name.includes("musl") ? ["musl"] : name.includes("gnu") ? ["glibc"] : undefined;
  return {
    os: [os],
    ...(cpu === undefined ? {} : { cpu: [cpu] }),
    ...(libc === undefined || os !== "linux" ? {} : { libc }),
  };
}

const path = new URL("../package-lock.json", import.meta.url);
const lock = JSON.parse(readFileSync(path, "utf8"));
const { packages } = lock;
let added = 0;
for (const [place, entry] of Object.entries(packages)) {
  for (const [name, version] of Object.entries(entry.optionalDependencies ?? {})) {
    const known = packages[`${place}/node_modules/${name}`] ?? packages[`node_modules/${name}`];
    const platform = platformOf(name);
    if (known !== undefined || platform === undefined || !/^\d/.test(version)) continue;
    packages[`node_modules/${name}`] = { version, ...platform, ...(entry.dev ? { dev: true } : {}), optional: true };
    added += 1;
  }
}
lock.packages = Object.fromEntries(Object.entries(packages).sort(([a], [b]) => (a < b ? -1 : 1)));
writeFileSync(path, `${JSON.stringify(lock, null, 2)}\n`);
console.log(`${added} platform packages added to package-lock.json`);
