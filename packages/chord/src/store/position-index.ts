// Records by where they stand, so that those of a range are found in its order without looking at all others.
import { comparePositions, isOnArc } from "../ring/arc.js";
import type { PositionRange } from "../ring-access.js";

/** An item of the index: what stands at a position of one of the five tables. */
export interface Standing<Item> {
  readonly position: Uint8Array;
  /** Which of the item's positions it is. */
  readonly table: number;
  readonly item: Item;
}

/** Bits of a position that choose its bucket. */
const bucketBits = 12;
const bucketCount = 2 ** bucketBits;

export class PositionIndex<Item> {
  /** Those that hold anything, each in the order of positions. Most members have few records: room for all would be most of it. */
  readonly #buckets = new Map<number, Standing<Item>[]>();

  add(standing: Standing<Item>): void {
    const number = bucketOf(standing.position);
    const bucket = this.#buckets.get(number);
    if (bucket === undefined) this.#buckets.set(number, [standing]);
    else bucket.splice(firstNotBelow(bucket, standing.position), 0, standing);
  }

  delete(position: Uint8Array, item: Item): void {
    const number = bucketOf(position);
    const bucket = this.#buckets.get(number);
    if (bucket === undefined) return;
    let at = firstNotBelow(bucket, position);
    while (at < bucket.length && bucket[at]?.item !== item) at += 1;
    bucket.splice(at, 1);
    if (bucket.length === 0) this.#buckets.delete(number);
  }

  /** What stands in a range, clockwise from its beginning. Do not change the index meanwhile. */
  *inRange({ after, upTo }: PositionRange): Generator<Standing<Item>> {
    const first = bucketOf(after);
    // The first bucket comes twice where the range goes round: its part after the beginning, then the part before.
    const isAround = comparePositions(upTo, after) <= 0;
    const steps = (bucketOf(upTo) - first + bucketCount) % bucketCount || (isAround ? bucketCount : 0);
    for (let step = 0; step <= steps; step += 1) {
      const bucket = this.#buckets.get((first + step) % bucketCount);
      if (bucket === undefined) continue;
      for (let at = step === 0 ? firstNotBelow(bucket, after) : 0; at < bucket.length; at += 1) {
        const standing = bucket[at] as Standing<Item>;
        if (step === steps && comparePositions(standing.position, upTo) > 0) break;
        const order = comparePositions(standing.position, after);
        const isTurn = steps < bucketCount || (step === 0 ? order > 0 : step < bucketCount || order <= 0);
        if (isTurn && isOnArc(after, standing.position, upTo)) yield standing;
      }
    }
  }
}

function bucketOf(position: Uint8Array): number {
  return ((position[0] as number) << (bucketBits - 8)) | ((position[1] as number) >> (16 - bucketBits));
}

function firstNotBelow(bucket: readonly { readonly position: Uint8Array }[], position: Uint8Array): number {
  let [low, high] = [0, bucket.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    const order = comparePositions(bucket[middle]?.position ?? position, position);
    if (order < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}
