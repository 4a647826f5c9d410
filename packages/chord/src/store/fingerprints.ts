// What a node has in a range in few bytes, so that two nodes find what differs without telling all. Against accidents, not
// against attacks: who lies only hides its own records. [CHORD-233]
import { nodeIdToBytes } from "@p2p/wire";
import { arcFraction } from "../ring/arc.js";
import type { PositionRange } from "../ring-access.js";
import type { Entry } from "./record-store.js";
import type { Version } from "./version.js";

/** Parts into which a range is cut to be compared. */
export const partCount = 64;
/** Bytes of the fingerprint of one part. */
export const fingerprintBytes = 8;
/** Bytes that stand for a key while ranges are compared: of its third position. */
export const shortIdBytes = 8;
/** A short id and the fingerprint of the version. */
export const itemBytes: number = shortIdBytes + 8;

/** The part of a range that a position falls into. */
export function partOf({ after, upTo }: PositionRange, position: Uint8Array): number {
  const width = arcFraction(after, upTo) || 1;
  return Math.min(partCount - 1, Math.floor((arcFraction(after, position) / width) * partCount));
}

/** Short id and version of a record, 16 bytes. */
export function itemOf({ positions, record }: Entry): Uint8Array {
  const item = new Uint8Array(itemBytes);
  item.set((positions[2] ?? new Uint8Array(shortIdBytes)).subarray(0, shortIdBytes));
  if (record.write !== undefined) item.set(versionPrint(record.write.version), shortIdBytes);
  return item;
}

/** 8 bytes that differ for different versions, all but surely. */
function versionPrint({ timeUs, origin }: Version): Uint8Array {
  const bytes = nodeIdToBytes(origin).slice(0, 8);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, (view.getUint32(0) ^ Math.floor(timeUs / 0x1_0000_0000)) >>> 0);
  view.setUint32(4, (view.getUint32(4) ^ timeUs) >>> 0);
  return bytes;
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
