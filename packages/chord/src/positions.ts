// Where a key stands on the ring: five positions, aligned as 0.7 aligns them. [CHORD-201]
import { sha1, sha224, sha256, sha384, sha512 } from "@p2p/wire";
import { positionBytes } from "./ring/arc.js";

/** Positions of each key. */
export const positionCount = 5;

const utf8 = new TextEncoder();

/** Five positions of 48 bytes. */
type Positions = readonly [Uint8Array, Uint8Array, Uint8Array, Uint8Array, Uint8Array];

/**
 * The positions of a key, in the order SHA-1, 224, 256, 384, 512. A digest shorter than a position is followed by zero
 * bytes; of the longest, the last 48 bytes count. For `lookup` and `trace`.
 *
 * @param key a text, which counts as its UTF-8, or bytes
 */
export function positionsOf(key: string | Uint8Array): Positions {
  const bytes = typeof key === "string" ? utf8.encode(key) : key;
  return [
    filled(sha1(bytes)),
    filled(sha224(bytes)),
    filled(sha256(bytes)),
    sha384(bytes),
    sha512(bytes).slice(-positionBytes),
  ];
}

function filled(digest: Uint8Array): Uint8Array {
  const position = new Uint8Array(positionBytes);
  position.set(digest);
  return position;
}
