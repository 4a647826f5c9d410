// How evenly values stand in a ring whose members stand where chance has put them: with one position each, as in the paper, and with
// the five of the dictionary. [SIGCOMM 2001, figure 8]
import { positionsOf } from "@p2p/chord";
import { SeededRandom } from "@p2p/simulator";

export interface Load {
  readonly values: number;
  /** Of each member, in order of size, parts of the mean: values whose first position it owns. */
  readonly first: readonly number[];
  /** The same, positions of values that it owns. */
  readonly all: readonly number[];
}

export interface LoadOptions {
  readonly members: number;
  /** Values in the ring, rising. */
  readonly sizes: readonly number[];
  readonly seed: number;
}

export function loads({ members, sizes, seed }: LoadOptions): readonly Load[] {
  const random = new SeededRandom(seed);
  const places = Float64Array.from({ length: members }, () => random.float()).sort();
  const [first, all] = [new Float64Array(members), new Float64Array(members)];
  let stored = 0;
  return sizes.map((values) => {
    for (; stored < values; stored += 1) {
      for (const [table, position] of positionsOf(`value ${stored} of ${seed}`).entries()) {
        const owner = ownerOf(places, fractionOf(position));
        all[owner] = (all[owner] ?? 0) + 1;
        if (table === 0) first[owner] = (first[owner] ?? 0) + 1;
      }
    }
    return { values, first: partsOfMean(first), all: partsOfMean(all) };
  });
}

/** The first place at or after this one, round the circle. */
function ownerOf(places: Float64Array, at: number): number {
  let [low, high] = [0, places.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((places[middle] ?? 1) < at) low = middle + 1;
    else high = middle;
  }
  return low % places.length;
}

/** Where a position is on the circle: 0 to 1. */
function fractionOf(position: Uint8Array): number {
  const view = new DataView(position.buffer, position.byteOffset);
  return view.getUint32(0) / 2 ** 32 + view.getUint16(4) / 2 ** 48;
}

function partsOfMean(counts: Float64Array): readonly number[] {
  const mean = counts.reduce((sum, each) => sum + each, 0) / counts.length;
  return [...counts.map((each) => each / mean).sort()];
}
