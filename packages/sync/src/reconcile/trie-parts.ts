// The nodes of the trie over the positions of keys. [SYNC-071]
import type { TableRecord } from "../record/record.js";

/** A key in the table. */
export interface Entry {
  readonly key: string;
  /** The latest; undefined: the key was dropped from the table. */
  record: TableRecord | undefined;
  /** The first 32 bits of SHA-256 of the key; 0 as long as it has no leaf. */
  position: number;
  /** Undefined: it was not put into the trie yet. */
  leaf: Leaf | undefined;
}

/** Up to {@link leafEntries} keys, or any number at the greatest depth. */
export interface Leaf {
  readonly kind: "leaf";
  entries: Entry[];
  parent: Inner | undefined;
  /** Undefined: an entry changed since it was computed. */
  print: Uint8Array | undefined;
}

/** More than {@link leafEntries} keys, by the next four bits of their positions. */
export interface Inner {
  readonly kind: "inner";
  readonly children: (TrieNode | undefined)[];
  count: number;
  parent: Inner | undefined;
  /** Undefined: an entry below changed since it was computed. */
  print: Uint8Array | undefined;
}

export type TrieNode = Leaf | Inner;

/** Keys that a leaf holds at most, unless it is as deep as can be. */
export const leafEntries = 32;
export const fanOut = 16;
/** Depth at which all bits of a position are used. */
export const maxDepth = 8;

/** What the position says at a depth: which child. */
export function nibbleAt(position: number, depth: number): number {
  return (position >>> (28 - 4 * depth)) & 15;
}

export function newLeaf(parent: Inner | undefined): Leaf {
  return { kind: "leaf", entries: [], parent, print: undefined };
}

export function newInner(parent: Inner | undefined): Inner {
  return { kind: "inner", children: new Array<TrieNode | undefined>(fanOut), count: 0, parent, print: undefined };
}

/** The fingerprints from a node up are no longer true. Above one that is not, none is. */
export function soil(node: TrieNode): void {
  let at: TrieNode | undefined = node;
  while (at !== undefined && at.print !== undefined) {
    at.print = undefined;
    at = at.parent;
  }
}
