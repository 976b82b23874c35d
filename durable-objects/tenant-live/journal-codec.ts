/**
 * The frames of one burst as one byte string: u32 length | frame, repeated. Used by store.ts.
 */
import { decodeFrame, type LiveFrame } from "../../schema/frame.ts";

const LENGTH_BYTES = 4;

export function packFrames(frames: readonly { bytes: Uint8Array }[]): Uint8Array {
  const whole = new Uint8Array(frames.reduce((sum, { bytes }) => sum + LENGTH_BYTES + bytes.length, 0));
  const view = new DataView(whole.buffer);
  let at = 0;
  for (const { bytes } of frames) {
    view.setUint32(at, bytes.length, true);
    whole.set(bytes, at + LENGTH_BYTES);
    at += LENGTH_BYTES + bytes.length;
  }
  return whole;
}

/** Throws FrameError when the bytes are not what `packFrames` wrote. */
export function unpackFrames(whole: Uint8Array): LiveFrame[] {
  const view = new DataView(whole.buffer, whole.byteOffset, whole.byteLength);
  const frames: LiveFrame[] = [];
  for (let at = 0; at < whole.length; ) {
    const length = view.getUint32(at, true);
    frames.push(decodeFrame(whole.subarray(at + LENGTH_BYTES, at + LENGTH_BYTES + length)));
    at += LENGTH_BYTES + length;
  }
  return frames;
}
