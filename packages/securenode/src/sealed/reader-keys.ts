// The readers of a sealed thing: public keys in rising order, none twice [SEC-208].
import { SecureError } from "../errors.js";
import { keyBytes } from "../identity/node-id.js";

/** Readers of one thing, at most. */
export const maxReaders = 256;

/** @throws SecureError `bad-key`; RangeError for none, or more than `limit` */
export function orderedReaders(keys: readonly Uint8Array[], limit: number): readonly Uint8Array[] {
  for (const key of keys) {
    const isKey = key instanceof Uint8Array && key.length === keyBytes;
    if (!isKey) throw new SecureError("bad-key", "a reader's key is none; give the 32 bytes of `publicKey`");
  }
  const sorted = [...keys].sort(compareBytes);
  const ordered = sorted.filter((key, index) => index === 0 || compareBytes(sorted[index - 1] ?? key, key) !== 0);
  if (ordered.length < 1 || ordered.length > limit) {
    throw new RangeError(`${ordered.length} readers; there are from 1 to ${limit} of one thing`);
  }
  return ordered;
}

/** Parts of `size` bytes each, or undefined when their first `keyBytes` do not rise. */
export function risingParts(bytes: Uint8Array, size: number): readonly Uint8Array[] | undefined {
  const parts: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; at += size) {
    const part = bytes.subarray(at, at + size);
    const before = parts.at(-1);
    if (before !== undefined && compareBytes(before.subarray(0, keyBytes), part.subarray(0, keyBytes)) >= 0) return;
    parts.push(part);
  }
  return parts;
}

/** As numbers, the first byte being the highest; for public bytes. */
export function compareBytes(a: Uint8Array, b: Uint8Array): number {
  for (let index = 0; index < a.length; index++) {
    const difference = (a[index] ?? 0) - (b[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
