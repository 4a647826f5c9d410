// What a node has in a range in few bytes, so that two nodes find what differs without telling all. Against accidents, not
// against attacks: who lies only hides its own records. [CHORD-233]
import { nodeIdToBytes, sha256 } from "@p2p/wire";
import { arcFraction, positionBytes } from "../ring/arc.js";
import type { PositionRange } from "../ring-access.js";
import { contentPrint } from "./owned-write.js";
import type { Write } from "./record.js";
import { type Entry, textOf } from "./record-store.js";

/** Parts into which a range is cut to be compared. */
export const partCount = 64;
/** Bytes of the fingerprint of one part. */
export const fingerprintBytes = 8;
/** Bytes that stand for a key while ranges are compared: of its third position. */
export const shortIdBytes = 8;
/** Which of the positions that is, counted from 0. */
export const shortIdTable = 2;
/** A short id and the fingerprint of the version. */
export const itemBytes: number = shortIdBytes + 8;

/** The part of a range that a position falls into. */
export function partOf({ after, upTo }: PositionRange, position: Uint8Array): number {
  const width = arcFraction(after, upTo) || 1;
  return Math.min(partCount - 1, Math.floor((arcFraction(after, position) / width) * partCount));
}

/** Items made before: ranges are compared again and again, records seldom change. */
const items = new WeakMap<Entry["record"], Uint8Array>();

/** Short id and version of a record, 16 bytes; not to be changed. */
export function itemOf({ positions, record }: Entry): Uint8Array {
  const known = items.get(record);
  if (known !== undefined) return known;
  const item = new Uint8Array(itemBytes);
  item.set((positions[shortIdTable] ?? new Uint8Array(shortIdBytes)).subarray(0, shortIdBytes));
  if (record.write !== undefined) item.set(versionPrint(record.write), shortIdBytes);
  items.set(record, item);
  return item;
}

/** The time, and a byte of its writer: tells of two versions which is newer, as far as their times do. */
function versionPrint({ version, value, proof }: Write): Uint8Array {
  const { timeUs, origin } = version;
  // Of an owned key there is one writer, who may have given a sequence twice [CHORD-283].
  const last = proof === undefined ? (nodeIdToBytes(origin)[positionBytes - 1] ?? 0) : contentPrint(value);
  const bytes = new Uint8Array(8);
  const view = new DataView(bytes.buffer);
  // The time has 53 bits: with the writer's byte, 61.
  view.setUint32(0, Math.floor(timeUs / 0x100_0000));
  view.setUint32(4, ((timeUs % 0x100_0000) * 256 + last) >>> 0);
  return bytes;
}

/** Below 0, 0 or above 0 as the version of item `a` is older, perhaps the same, or newer; undefined: it cannot be told. */
export function compareItems(a: Uint8Array, b: Uint8Array): number | undefined {
  for (let at = shortIdBytes; at < itemBytes; at += 1) {
    const difference = (a[at] as number) - (b[at] as number);
    if (difference !== 0) return at === itemBytes - 1 ? undefined : difference;
  }
  return 0;
}

/** What stands for a key while ranges are compared. */
export function shortIdOfKey(key: Uint8Array): Uint8Array {
  return sha256(key).subarray(0, shortIdBytes);
}

/** Where the third position of a key stands that has this short id. */
export function rangeOfShortId(shortId: Uint8Array): PositionRange {
  const upTo = new Uint8Array(positionBytes).fill(0xff);
  upTo.set(shortId);
  // The last position before: that of the short id one less, round the circle.
  const after = upTo.slice();
  for (let at = shortIdBytes - 1; at >= 0; at -= 1) {
    const byte = after[at] as number;
    after[at] = (byte + 0xff) & 0xff;
    if (byte !== 0) break;
  }
  return { after, upTo };
}

/** The short id of an item as text. */
export function shortIdOf(item: Uint8Array): string {
  return textOf(item.subarray(0, shortIdBytes));
}

/** Adds an item to the fingerprint of its part; to add it again takes it away. */
export function mixInto(fingerprints: Uint8Array, part: number, item: Uint8Array): void {
  const view = new DataView(item.buffer, item.byteOffset, itemBytes);
  let [a, b] = [0x811c_9dc5, 0x9e37_79b9];
  for (let at = 0; at < itemBytes; at += 4) {
    const word = view.getUint32(at);
    a = Math.imul(a ^ word ^ (b >>> 13), 0x85eb_ca6b);
    b = Math.imul(b ^ a ^ (a >>> 16), 0xc2b2_ae35);
  }
  a ^= b >>> 15;
  const target = new DataView(fingerprints.buffer, fingerprints.byteOffset + part * fingerprintBytes, fingerprintBytes);
  target.setUint32(0, (target.getUint32(0) ^ a) >>> 0);
  target.setUint32(4, (target.getUint32(4) ^ b) >>> 0);
}

export function isSamePart(a: Uint8Array, b: Uint8Array, part: number): boolean {
  for (let at = part * fingerprintBytes; at < (part + 1) * fingerprintBytes; at += 1) if (a[at] !== b[at]) return false;
  return true;
}
