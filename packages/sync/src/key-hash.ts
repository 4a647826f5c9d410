// Hashes of keys by their UTF-8, whether they are texts or lie in runs: of one number for each table, so that nobody can make
// keys that meet in the tables of others.
import type { PlainRun } from "./messages/plain-run.js";
import { maxKeyBytes } from "./record/limits.js";

const factor = 0x0100_0193;
const utf8 = new TextEncoder();

export class KeyHash {
  /** The UTF-8 of the last key, and how long it is. */
  readonly bytes: Uint8Array = new Uint8Array(maxKeyBytes);
  length = 0;
  readonly #seed: number;

  constructor(seed: number) {
    this.#seed = seed | 0;
  }

  ofKey(key: string): number {
    this.#encode(key);
    const { bytes, length } = this;
    let hash = this.#seed;
    for (let at = 0; at < length; at++) hash = Math.imul(hash ^ (bytes[at] as number), factor);
    return mixed(hash);
  }

  /** Those of all keys of a run. */
  ofRun({ keys, starts, count }: PlainRun): Int32Array {
    const hashes = new Int32Array(count);
    const seed = this.#seed;
    let at = 0;
    for (let index = 0; index < count; index++) {
      const end = starts[index + 1] as number; // one more than keys
      let hash = seed;
      for (; at < end; at++) hash = Math.imul(hash ^ (keys[at] as number), factor);
      hashes[index] = mixed(hash);
    }
    return hashes;
  }

  /** A key over the limit becomes one that nobody has. */
  #encode(key: string): void {
    const { bytes } = this;
    const { length } = key;
    if (length <= maxKeyBytes) {
      let bits = 0;
      for (let index = 0; index < length; index++) {
        const unit = key.charCodeAt(index);
        bits |= unit;
        bytes[index] = unit;
      }
      this.length = length;
      if (bits < 0x80) return;
    }
    const { read, written } = utf8.encodeInto(key, bytes);
    this.length = read === length ? written : 0;
  }
}

/** The low bits are used: they are to depend on all. */
function mixed(hash: number): number {
  const half = Math.imul(hash ^ (hash >>> 15), 0x2c1b_3c6d);
  return half ^ (half >>> 12);
}
