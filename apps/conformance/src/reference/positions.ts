// The five positions of a key of the dictionary, written from spec/chord-dictionary.md, section 1.
import { createHash } from "node:crypto";
import type { Defects } from "./defects.js";
import { noDefects } from "./defects.js";

const length = 48;

export function positionsOf(key: Uint8Array, defects: Defects = noDefects): Uint8Array[] {
  return ["sha1", "sha224", "sha256", "sha384", "sha512"].map((name) => {
    const digest = new Uint8Array(createHash(name).update(key).digest());
    if (digest.length > length)
      return defects.has("positions-first-bytes") ? digest.slice(0, length) : digest.slice(-length);
    const position = new Uint8Array(length);
    position.set(digest, defects.has("positions-zeros-first") ? length - digest.length : 0);
    return position;
  });
}
