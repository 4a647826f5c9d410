// Fingerprints of all ranges of a table, computed when they are asked for: a write only marks what it touches.
// [SYNC-070] [SYNC-071]
import { sha256 } from "@p2p/wire";
import { canonicalRecord, compareBytes } from "../record/canonical.js";
import { Trie } from "./trie.js";
import { type Entry, fanOut, soil, type TrieNode } from "./trie-parts.js";

/** Length of a fingerprint and of a record's digest. */
export const printBytes = 16;
const none = new Uint8Array(printBytes);
const utf8 = new TextEncoder();
const leafMark = 0;
const innerMark = 1;

export class Fingerprints {
  readonly trie: Trie = new Trie();
  #fresh: Entry[] = [];
  /** Of `#fresh`: how many are in the trie already. */
  #done = 0;
  /** Records that may still be done in this call. */
  #left = 0;

  /** A key is new in the table. */
  added(entry: Entry): void {
    this.#fresh.push(entry);
  }

  /** The record of a key changed. */
  changed(entry: Entry): void {
    if (entry.leaf !== undefined) soil(entry.leaf);
  }

  /** A key left the table. */
  removed(entry: Entry): void {
    this.trie.remove(entry);
  }

  /** Whether nothing is left to compute. */
  get isReady(): boolean {
    return this.#fresh.length === 0 && this.trie.root.print !== undefined;
  }

  /** Keys that have no place yet. */
  get freshCount(): number {
    return this.#fresh.length - this.#done;
  }

  /**
   * Computes what is missing, for about so many records: each takes some µs. Call it until it says true.
   * @returns whether nothing is left
   */
  advance(maxRecords: number): boolean {
    this.#left = maxRecords;
    while (this.#done < this.#fresh.length) {
      if (this.#left-- <= 0) return false;
      this.#index(this.#fresh[this.#done++]);
    }
    this.#fresh = [];
    this.#done = 0;
    return this.#compute(this.trie.root);
  }

  /** Gives all new keys their place, without computing fingerprints. */
  index(): void {
    while (this.#done < this.#fresh.length) this.#index(this.#fresh[this.#done++]);
    this.#fresh = [];
    this.#done = 0;
  }

  /** The fingerprint of the whole table. */
  root(): Uint8Array {
    this.advance(Number.POSITIVE_INFINITY);
    return this.print(this.trie.root);
  }

  /** The fingerprint of a node, which is computed if it is missing; sixteen zero bytes of none. */
  print(node: TrieNode | undefined): Uint8Array {
    if (node === undefined) return none;
    this.#left = Number.POSITIVE_INFINITY;
    this.#compute(node);
    return node.print ?? none;
  }

  /** Computes fingerprints from below, as many as may be; returns whether that of the node is there. */
  #compute(node: TrieNode): boolean {
    if (node.print !== undefined) return true;
    if (node.kind === "leaf") {
      if (this.#left <= 0) return false;
      this.#left -= node.entries.length;
      node.print = leafPrint(node.entries);
      return true;
    }
    for (const child of node.children) if (child !== undefined && !this.#compute(child)) return false;
    const bytes = new Uint8Array(1 + fanOut * printBytes);
    bytes[0] = innerMark;
    node.children.forEach((child, index) => {
      if (child?.print !== undefined) bytes.set(child.print, 1 + index * printBytes);
    });
    node.print = sha256(bytes).slice(0, printBytes);
    return true;
  }

  #index(entry: Entry | undefined): void {
    // One that was dropped meanwhile, or came twice, has no place.
    if (entry?.record === undefined || entry.leaf !== undefined) return;
    entry.position = positionOf(entry.key);
    this.trie.add(entry);
  }
}

/** Where a key stands: the first 32 bits of its SHA-256. */
export function positionOf(key: string): number {
  const hash = sha256(utf8.encode(key));
  return new DataView(hash.buffer, hash.byteOffset).getInt32(0);
}

/** The digest of a record: 16 bytes of SHA-256 of its canonical form. */
export function recordDigest({ key, record }: Pick<Entry, "key" | "record">): Uint8Array {
  return record === undefined ? none : sha256(canonicalRecord(key, record)).slice(0, printBytes);
}

function leafPrint(entries: readonly Entry[]): Uint8Array {
  if (entries.length === 0) return none;
  const digests = entries.map(recordDigest).sort(compareBytes);
  const bytes = new Uint8Array(1 + digests.length * printBytes);
  bytes[0] = leafMark;
  digests.forEach((digest, index) => {
    bytes.set(digest, 1 + index * printBytes);
  });
  return sha256(bytes).slice(0, printBytes);
}
