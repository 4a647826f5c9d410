// The keys of a table by the hash of the key: a trie whose shape depends on the keys alone. [SYNC-071]
import {
  type Entry,
  fanOut,
  type Inner,
  type Leaf,
  leafEntries,
  maxDepth,
  newInner,
  newLeaf,
  nibbleAt,
  soil,
  type TrieNode,
} from "./trie-parts.js";

/** One past the last position. */
export const endOfPositions = 0x1_0000_0000;

export class Trie {
  #root: TrieNode = newLeaf(undefined);

  get root(): TrieNode {
    return this.#root;
  }

  /** Puts in an entry that has a position and no leaf. */
  add(entry: Entry): void {
    let node = this.#root;
    let depth = 0;
    while (node.kind === "inner") {
      node.count++;
      const nibble = nibbleAt(entry.position, depth++);
      let child = node.children[nibble];
      if (child === undefined) {
        child = newLeaf(node);
        node.children[nibble] = child;
        // A new leaf has no fingerprint, so what is above it must not have one either.
        soil(node);
      }
      node = child;
    }
    soil(node);
    node.entries.push(entry);
    entry.leaf = node;
    if (node.entries.length > leafEntries && depth < maxDepth) this.#split(node, depth);
  }

  remove(entry: Entry): void {
    const { leaf } = entry;
    if (leaf === undefined) return;
    entry.leaf = undefined;
    soil(leaf);
    const index = leaf.entries.indexOf(entry);
    const last = leaf.entries.pop();
    if (last !== undefined && index < leaf.entries.length) leaf.entries[index] = last;
    let small: Inner | undefined;
    for (let up = leaf.parent; up !== undefined; up = up.parent) {
      up.count--;
      if (up.count <= leafEntries) small = up;
    }
    if (small !== undefined) this.#collapse(small);
    else if (leaf.entries.length === 0 && leaf.parent !== undefined) removeChild(leaf.parent, leaf);
  }

  /** The smallest node that has all keys of a prefix: the node of the prefix, or a leaf above it; undefined: no key has it. */
  find(position: number, depth: number): TrieNode | undefined {
    let node: TrieNode | undefined = this.#root;
    for (let at = 0; at < depth && node?.kind === "inner"; at++) node = node.children[nibbleAt(position, at)];
    return node;
  }

  /** The leaf that holds a position or is the next after it, and the position after all of its. */
  leafFrom(position: number): { readonly leaf: Leaf; readonly next: number } | undefined {
    let from = position;
    while (from < endOfPositions) {
      let node: TrieNode | undefined = this.#root;
      let depth = 0;
      while (node?.kind === "inner") node = node.children[nibbleAt(from, depth++)];
      const span = endOfPositions / fanOut ** depth;
      const next = Math.floor(from / span) * span + span;
      if (node !== undefined) return { leaf: node, next };
      from = next;
    }
    return undefined;
  }

  #split(leaf: Leaf, depth: number): void {
    const inner = newInner(leaf.parent);
    this.#replace(leaf, inner);
    inner.count = leaf.entries.length;
    for (const entry of leaf.entries) {
      const nibble = nibbleAt(entry.position, depth);
      let child = inner.children[nibble];
      if (child?.kind !== "leaf") {
        child = newLeaf(inner);
        inner.children[nibble] = child;
      }
      child.entries.push(entry);
      entry.leaf = child;
    }
    for (const child of inner.children) {
      if (child?.kind === "leaf" && child.entries.length > leafEntries && depth + 1 < maxDepth) {
        this.#split(child, depth + 1);
      }
    }
  }

  #collapse(inner: Inner): void {
    const leaf = newLeaf(inner.parent);
    collect(inner, leaf);
    soil(inner);
    this.#replace(inner, leaf);
  }

  #replace(old: TrieNode, node: TrieNode): void {
    const { parent } = old;
    if (parent === undefined) this.#root = node;
    else parent.children[parent.children.indexOf(old)] = node;
  }
}

function removeChild(parent: Inner, child: TrieNode): void {
  parent.children[parent.children.indexOf(child)] = undefined;
}

function collect(node: TrieNode, leaf: Leaf): void {
  if (node.kind === "inner") {
    for (const child of node.children) if (child !== undefined) collect(child, leaf);
    return;
  }
  for (const entry of node.entries) {
    entry.leaf = leaf;
    leaf.entries.push(entry);
  }
}
