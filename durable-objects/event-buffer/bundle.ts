/**
 * Several packs as one run of bytes: each preceded by its length as u32, little endian.
 * The format of a stored row and of an object under `packs/`, so bundles can be concatenated without being opened.
 */
const LENGTH_BYTES = 4;

/** Bytes that do not end where their lengths say. */
export class BundleError extends Error {
  override name = "BundleError";
}

/** Bytes that a pack takes inside a bundle. */
export function bundledSize(pack: Uint8Array): number {
  return LENGTH_BYTES + pack.length;
}

/** Lays packs out one after the other. */
export function writeBundle(packs: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(packs.reduce((sum, pack) => sum + bundledSize(pack), 0));
  const view = new DataView(bytes.buffer);
  let at = 0;
  for (const pack of packs) {
    view.setUint32(at, pack.length, true);
    bytes.set(pack, at + LENGTH_BYTES);
    at += bundledSize(pack);
  }
  return bytes;
}

/** The packs of a bundle as views, nothing copied. Throws BundleError. */
export function readBundle(bytes: Uint8Array): Uint8Array[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const packs: Uint8Array[] = [];
  let at = 0;
  while (at < bytes.length) {
    if (at + LENGTH_BYTES > bytes.length) throw new BundleError("a length is cut short");
    const start = at + LENGTH_BYTES;
    at = start + view.getUint32(at, true);
    if (at > bytes.length) throw new BundleError("a pack is cut short");
    packs.push(bytes.subarray(start, at));
  }
  return packs;
}
