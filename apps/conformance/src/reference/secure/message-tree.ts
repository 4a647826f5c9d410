// The tree of hashes under one signature, and the proof of a message, written from the chapter: by halves, as RFC 9162 tells it.
import { createHash } from "node:crypto";
import { concat } from "../value.js";
import type { SecureDefects } from "./defects.js";
import { tag } from "./identity.js";

export interface MessageProof {
  readonly sides: number;
  /** 32 bytes each. */
  readonly path: readonly Uint8Array[];
  /** 64 bytes. */
  readonly signature: Uint8Array;
}

function sha256(...parts: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(createHash("sha256").update(concat(parts)).digest());
}

function purpose(name: "leaf" | "branch", defects: SecureDefects): Uint8Array {
  return defects.has(`${name}-no-tag`) ? new Uint8Array(0) : tag(name);
}

/** The bytes of a body before the proof and its header. */
export function coveredOf(body: Uint8Array, proofBytes: number): Uint8Array {
  return body.subarray(0, body.length - proofBytes - (proofBytes < 256 ? 2 : 3));
}

export function leafOf(covered: Uint8Array, defects: SecureDefects): Uint8Array {
  return sha256(purpose("leaf", defects), covered);
}

export function branchOf(left: Uint8Array, right: Uint8Array, defects: SecureDefects): Uint8Array {
  return sha256(purpose("branch", defects), left, right);
}

export interface Way {
  readonly sides: number;
  readonly path: readonly Uint8Array[];
}

/** The root over leaves, and the way of each. */
export function treeOf(
  leaves: readonly Uint8Array[],
  defects: SecureDefects,
): { readonly root: Uint8Array; readonly ways: readonly Way[] } {
  const [only] = leaves;
  if (only === undefined) throw new RangeError("a tree without leaves");
  if (leaves.length === 1) return { root: only, ways: [{ sides: 0, path: [] }] };
  const half = 2 ** Math.ceil(Math.log2(leaves.length) - 1);
  const [left, right] = [treeOf(leaves.slice(0, half), defects), treeOf(leaves.slice(half), defects)];
  const isSwapped = defects.has("sides-swapped");
  const extend = ({ sides, path }: Way, beside: Uint8Array, isLeft: boolean): Way => ({
    sides: sides + (isLeft === isSwapped ? 0 : 2 ** path.length),
    path: [...path, beside],
  });
  return {
    root: branchOf(left.root, right.root, defects),
    ways: [
      ...left.ways.map((way) => extend(way, right.root, false)),
      ...right.ways.map((way) => extend(way, left.root, true)),
    ],
  };
}

export function rootOf(leaf: Uint8Array, { sides, path }: Way, defects: SecureDefects): Uint8Array {
  return path.reduce((hash, beside, level) => {
    const isLeft = Math.floor(sides / 2 ** level) % 2 === (defects.has("sides-swapped") ? 0 : 1);
    return isLeft ? branchOf(beside, hash, defects) : branchOf(hash, beside, defects);
  }, leaf);
}

export function packProof({ sides, path, signature }: MessageProof): Uint8Array {
  return concat([...(path.length === 0 ? [] : [Uint8Array.of(sides)]), ...path, signature]);
}

/** Undefined for bytes that are no proof. */
export function unpackProof(bytes: Uint8Array): MessageProof | undefined {
  const signature = bytes.subarray(-64);
  if (bytes.length === 64) return { sides: 0, path: [], signature };
  const count = (bytes.length - 65) / 32;
  const [sides = 0] = bytes;
  if (!Number.isInteger(count) || count < 1 || count > 8 || sides >= 2 ** count) return undefined;
  const path = Array.from({ length: count }, (_, at) => bytes.subarray(1 + 32 * at, 33 + 32 * at));
  return { sides, path, signature };
}
