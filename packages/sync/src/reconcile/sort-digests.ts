// Digests in ascending order, in one piece of memory: a million of them are too many objects, and too many calls of a comparison.
import { compareBytes } from "../record/canonical.js";
import { printBytes } from "./fingerprints.js";

/** Buckets are told by the first two bytes at most. */
const maxBucketBits = 16;
/** Digests of one bucket that are sorted in place; of more, which is nobody's chance, by the engine. */
const maxInPlace = 64;

/** Sorts digests that lie one after the other, in time that their number decides. @returns them in other memory */
export function sortDigests(digests: Uint8Array): Uint8Array {
  const count = digests.length / printBytes;
  // About as many buckets as digests.
  const bits = Math.min(32 - Math.clz32(count), maxBucketBits);
  const buckets = 1 << bits;
  const bucketAt = (index: number): number => firstBytes(digests, index) >> (maxBucketBits - bits);
  const ends = new Int32Array(buckets + 1);
  // All indexes are in range, here and below: they are counted from the digests.
  for (let index = 0; index < count; index++) ends[bucketAt(index) + 1] = (ends[bucketAt(index) + 1] as number) + 1;
  for (let bucket = 0; bucket < buckets; bucket++)
    ends[bucket + 1] = (ends[bucket + 1] as number) + (ends[bucket] as number);
  const sorted = new Uint8Array(digests.length);
  const next = ends.slice();
  for (let index = 0; index < count; index++) {
    const bucket = bucketAt(index);
    const place = next[bucket] as number;
    next[bucket] = place + 1;
    copyDigest(digests, index, sorted, place);
  }
  const moved = new Uint8Array(printBytes);
  for (let bucket = 0; bucket < buckets; bucket++)
    sortBucket(sorted, ends[bucket] as number, ends[bucket + 1] as number, moved);
  return sorted;
}

function firstBytes(digests: Uint8Array, index: number): number {
  return ((digests[index * printBytes] as number) << 8) | (digests[index * printBytes + 1] as number);
}

/** @param moved memory for one digest */
function sortBucket(digests: Uint8Array, from: number, to: number, moved: Uint8Array): void {
  if (to - from > maxInPlace) {
    const all = Array.from({ length: to - from }, (_, index) => digestAt(digests, from + index).slice());
    all.sort(compareBytes).forEach((digest, index) => {
      digests.set(digest, (from + index) * printBytes);
    });
    return;
  }
  for (let index = from + 1; index < to; index++) {
    let place = index;
    while (place > from && isBefore(digests, index, place - 1)) place--;
    if (place === index) continue;
    moved.set(digestAt(digests, index));
    digests.copyWithin((place + 1) * printBytes, place * printBytes, index * printBytes);
    digests.set(moved, place * printBytes);
  }
}

/** Whether one digest is lower than another. */
function isBefore(digests: Uint8Array, one: number, other: number): boolean {
  for (let at = 0; at < printBytes; at++) {
    const difference = (digests[one * printBytes + at] as number) - (digests[other * printBytes + at] as number);
    if (difference !== 0) return difference < 0;
  }
  return false;
}

function digestAt(digests: Uint8Array, index: number): Uint8Array {
  return digests.subarray(index * printBytes, (index + 1) * printBytes);
}

function copyDigest(from: Uint8Array, index: number, to: Uint8Array, place: number): void {
  for (let at = 0; at < printBytes; at++) to[place * printBytes + at] = from[index * printBytes + at] as number;
}
