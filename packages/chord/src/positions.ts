// Where a key stands on the ring: five positions, aligned as 0.7 aligns them. [CHORD-201]
import { sha1, sha224, sha256, sha384, sha512 } from "@p2p/wire";
import { positionBytes } from "./ring/arc.js";

/** Positions of each key. */
export const positionCount = 5;

/**
 * The positions of a key, in the order SHA-1, 224, 256, 384, 512. A digest shorter than a position is followed by zero
 * bytes; of the longest, the last 48 bytes count.
 *
 * @param key any bytes; a text counts as its UTF-8
 */
export function positionsOf(key: Uint8Array): readonly Uint8Array[] {
  return [filled(sha1(key)), filled(sha224(key)), filled(sha256(key)), sha384(key), sha512(key).slice(-positionBytes)];
}

function filled(digest: Uint8Array): Uint8Array {
  const position = new Uint8Array(positionBytes);
  position.set(digest);
  return position;
}
