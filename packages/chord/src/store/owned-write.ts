// How a record of an owned key takes writes: the highest sequence wins, without clock, vote or promise. [CHORD-274]
import { canonicalBytes } from "@p2p/base";
import { decodeValue, sha256 } from "@p2p/wire";
import type { DictionaryRecord, StoredValue, Write } from "./record.js";

/** What became of an owned write. */
export type OwnedVerdict =
  /** It is stored, or was before: then the record is the very one that was given. */
  | { readonly kind: "taken"; readonly record: DictionaryRecord }
  /** The owner wrote later. */
  | { readonly kind: "stale"; readonly newest: Write["version"]; readonly write: Write }
  /** The owner of the key did not write it. */
  | { readonly kind: "forged" };

/** @param isGenuine called where it matters: whether the owner of the key vouches for the write */
export function takeOwnedWrite(
  record: DictionaryRecord | undefined,
  key: Uint8Array,
  write: Write,
  isGenuine: () => boolean,
): OwnedVerdict {
  const known = record?.write;
  if (record === undefined || known === undefined) {
    return isGenuine() ? { kind: "taken", record: { key, write, promised: undefined } } : { kind: "forged" };
  }
  const stale: OwnedVerdict = { kind: "stale", newest: known.version, write: known };
  const difference = write.version.timeUs - known.version.timeUs;
  if (difference < 0) return stale;
  // What is there already was looked at before.
  if (difference === 0 && isSameBytes(write.value, known.value)) return { kind: "taken", record };
  if (!isGenuine()) return { kind: "forged" };
  const order = compareOwnedWrites(write, known);
  if (order < 0) return stale;
  return { kind: "taken", record: order === 0 ? record : { ...record, write } };
}

/** Below 0, 0 or above 0, as of two genuine writes of one key `a` is the earlier, the same or the later. */
export function compareOwnedWrites(a: Write, b: Write): number {
  const difference = a.version.timeUs - b.version.timeUs;
  if (difference !== 0 || isSameBytes(a.value, b.value)) return difference;
  // An owner that signed twice, perhaps without its disk: everywhere the same one of the two stays.
  if (a.value === undefined || b.value === undefined) return a.value === undefined ? -1 : 1;
  return compareContents(canonicalContent(a.value), canonicalContent(b.value));
}

/** What stands for the value where ranges are compared: 0 to 255. */
export function contentPrint(value: StoredValue): number {
  return value === undefined ? 0 : (sha256(canonicalContent(value)).at(-1) ?? 0);
}

function canonicalContent(value: Uint8Array): Uint8Array {
  return canonicalBytes(decodeValue(value));
}

function compareContents(a: Uint8Array, b: Uint8Array): number {
  for (let at = 0; at < Math.min(a.length, b.length); at += 1) {
    const difference = (a[at] as number) - (b[at] as number);
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}

/** Whether two values are the same to the byte. */
export function isSameBytes(a: StoredValue, b: StoredValue): boolean {
  if (a === undefined || b === undefined) return a === b;
  return a.length === b.length && a.every((byte, at) => byte === b[at]);
}
