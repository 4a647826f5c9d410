// The Merkle tree by which one signature serves many messages of a sender: leaves are messages, the root is signed [SEC-084] [SEC-085].
// As RFC 9162 has it, but with tags in the place of its prefixes, and paths that tell their sides in the place of the tree's size.
import { sha256 } from "@p2p/wire";
import { tagBytes } from "../domain-tags.js";

export const hashBytes = 32;

/** The most hashes of a path. */
export const maxPathHashes = 8;

/** How a leaf leads to the root. */
export interface LeafPath {
  /** Bit k is set when hash k stands to the left of what was hashed so far. */
  readonly sides: number;
  /** The hashes beside the way up, that beside the leaf first. */
  readonly hashes: readonly Uint8Array[];
}

const leafTag = tagBytes("leaf");
const branchTag = tagBytes("branch");
/** Hashing is synchronous and keeps nothing: one place for all. */
const branchInput = new Uint8Array(branchTag.length + 2 * hashBytes);
branchInput.set(branchTag);
const leafInput = new Uint8Array(4_096);
leafInput.set(leafTag);

/** @param covered what a message says, without its proof */
export function leafHash(covered: Uint8Array): Uint8Array {
  const length = leafTag.length + covered.length;
  const input = length <= leafInput.length ? leafInput.subarray(0, length) : new Uint8Array(length);
  if (length > leafInput.length) input.set(leafTag);
  input.set(covered, leafTag.length);
  return sha256(input);
}

function branchHash(left: Uint8Array, right: Uint8Array): Uint8Array {
  branchInput.set(left, branchTag.length);
  branchInput.set(right, branchTag.length + hashBytes);
  return sha256(branchInput);
}

/** The root that a leaf leads to. */
export function rootOf(leaf: Uint8Array, { sides, hashes }: LeafPath): Uint8Array {
  let hash = leaf;
  let side = sides;
  for (const beside of hashes) {
    hash = (side & 1) === 1 ? branchHash(beside, hash) : branchHash(hash, beside);
    side >>>= 1;
  }
  return hash;
}

/** The tree over 1 to 256 leaves: the last of an odd number goes up as it is. */
export class LeafTree {
  readonly #levels: (readonly Uint8Array[])[];

  constructor(leaves: readonly Uint8Array[]) {
    if (leaves.length < 1 || leaves.length > 2 ** maxPathHashes) throw new RangeError("a tree has 1 to 256 leaves");
    this.#levels = [leaves];
    for (let level = leaves; level.length > 1; ) {
      level = parentsOf(level);
      this.#levels.push(level);
    }
  }

  get root(): Uint8Array {
    // The last level has one hash, and there is one.
    return this.#levels.at(-1)?.[0] as Uint8Array;
  }

  path(leaf: number): LeafPath {
    const hashes: Uint8Array[] = [];
    let sides = 0;
    let at = leaf;
    for (const level of this.#levels) {
      const beside = level[at ^ 1];
      if (beside !== undefined) {
        if ((at & 1) === 1) sides |= 1 << hashes.length;
        hashes.push(beside);
      }
      at >>>= 1;
    }
    return { sides, hashes };
  }
}

function parentsOf(level: readonly Uint8Array[]): readonly Uint8Array[] {
  const parents: Uint8Array[] = [];
  for (let at = 0; at < level.length; at += 2) {
    // Not past the end.
    const [left, right] = [level[at] as Uint8Array, level[at + 1]];
    parents.push(right === undefined ? left : branchHash(left, right));
  }
  return parents;
}
