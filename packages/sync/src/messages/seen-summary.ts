// What a node has seen, told at the start of a comparison: all of it while it is short, else hashes of parts. [SYNC-063]
import { type NodeId, nodeIdToBytes, sha256, type WireValue } from "@p2p/wire";
import { compareOrigins } from "../record/stamp.js";
import type { SeenEntry } from "../seen-vector.js";
import { bad, readBytes, readId, readItems, readTime } from "./read.js";

/** A list of at most {@link maxListed} origins, or {@link bucketCount} hashes of 8 bytes. */
export type SeenSummary = readonly SeenEntry[] | Uint8Array;

export const maxListed = 64;
const bucketCount = 256;
const hashBytes = 8;
const entryBytes = 56;

export function summarize(entries: readonly SeenEntry[]): SeenSummary {
  return entries.length <= maxListed ? entries : hashesOf(entries);
}

/** What of the own entries a peer with this summary does not know to be the same; none when it has the own summary. */
export function entriesFor(own: readonly SeenEntry[], ownSummary: SeenSummary, peers: SeenSummary): SeenEntry[] {
  // Who was given the list has all of it.
  if (!(ownSummary instanceof Uint8Array)) return [];
  const theirs = peers instanceof Uint8Array ? peers : hashesOf(peers);
  const isDifferent = Array.from({ length: bucketCount }, (_, bucket) => {
    for (let at = bucket * hashBytes; at < (bucket + 1) * hashBytes; at++) {
      if (ownSummary[at] !== theirs[at]) return true;
    }
    return false;
  });
  return own.filter(([origin]) => isDifferent[bucketOf(origin)]);
}

export function encodeSeenSummary(summary: SeenSummary): WireValue {
  return summary instanceof Uint8Array ? summary : encodeSeenEntries(summary);
}

export function decodeSeenSummary(value: WireValue | undefined): SeenSummary {
  if (!(value instanceof Uint8Array)) return decodeSeenEntries(value, maxListed);
  const bytes = readBytes(value, "what was seen");
  if (bytes.length !== bucketCount * hashBytes) throw bad("what was seen", "256 hashes of 8 bytes");
  return new Uint8Array(bytes);
}

export function encodeSeenEntries(entries: readonly SeenEntry[]): WireValue {
  return entries.map(([origin, toUs]) => [nodeIdToBytes(origin), toUs]);
}

export function decodeSeenEntries(value: WireValue | undefined, most: number): SeenEntry[] {
  const list = readItems(value, "what was seen");
  if (list.length > most) throw bad("what was seen", `a list of at most ${most}`);
  return list.map((each) => {
    const entry = readItems(each, "what was seen of an origin");
    return [readId(entry[0], "an origin"), readTime(entry[1], "the time up to which an origin was seen")];
  });
}

function hashesOf(entries: readonly SeenEntry[]): Uint8Array {
  const buckets: SeenEntry[][] = Array.from({ length: bucketCount }, () => []);
  // A byte is the index of a bucket.
  for (const entry of entries) (buckets[bucketOf(entry[0])] as SeenEntry[]).push(entry);
  const hashes = new Uint8Array(bucketCount * hashBytes);
  buckets.forEach((bucket, index) => {
    if (bucket.length > 0) hashes.set(hashOf(bucket), index * hashBytes);
  });
  return hashes;
}

function hashOf(bucket: SeenEntry[]): Uint8Array {
  const bytes = new Uint8Array(bucket.length * entryBytes);
  const view = new DataView(bytes.buffer);
  bucket.sort(([a], [b]) => compareOrigins(a, b));
  bucket.forEach(([origin, toUs], index) => {
    bytes.set(nodeIdToBytes(origin), index * entryBytes);
    view.setBigUint64((index + 1) * entryBytes - 8, BigInt(toUs));
  });
  return sha256(bytes).subarray(0, hashBytes);
}

function bucketOf(origin: NodeId): number {
  // An id has 48 bytes.
  return nodeIdToBytes(origin)[0] as number;
}
