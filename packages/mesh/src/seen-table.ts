// One generation of the seen cache: an open-addressing table of 128-bit keys in typed arrays. [MESH-010]

const lanes = 4; // 4 x 32 bits of the id: a second preimage costs 2^128
export const smallestSlots = 256;
/** Bytes of one slot. */
export const slotBytes = 18;

export interface SeenTable {
  /**
   * 16 bits of the hash of what is in a slot, 0 for an empty one. A key that is not there, which is what most lookups
   * find, costs a look at the tags alone: an eighth of the memory, so that it stays in the cache of the processor.
   */
  readonly tags: Uint16Array;
  readonly keys: Uint32Array;
  readonly mask: number;
  count: number;
  /** When it began, in monotonic ms. */
  bornMs: number;
  /** Memory that was asked for. */
  grantedBytes: number;
}

export function emptyTable(bornMs: number, slots: number = smallestSlots): SeenTable {
  return {
    tags: new Uint16Array(slots),
    keys: new Uint32Array(slots * lanes),
    mask: slots - 1,
    count: 0,
    bornMs,
    grantedBytes: 0,
  };
}

/** Forgets all that is in the table. */
export function clearTable(table: SeenTable, bornMs: number): void {
  table.tags.fill(0);
  table.count = 0;
  table.bornMs = bornMs;
}

export function bytesOf(table: SeenTable): number {
  return table.tags.length * slotBytes;
}

/** A table twice as large with the same keys. @param spread the hash of a key's first two words */
export function grownTable(table: SeenTable, spread: (a: number, b: number) => number): SeenTable {
  const { keys, tags } = table;
  const grown = emptyTable(table.bornMs, tags.length * 2);
  grown.count = table.count;
  grown.grantedBytes = table.grantedBytes;
  for (let slot = 0; slot < tags.length; slot += 1) {
    if (tags[slot] === 0) continue;
    const at = slot * lanes;
    const a = keys[at] as number;
    const b = keys[at + 1] as number;
    const c = keys[at + 2] as number;
    const d = keys[at + 3] as number;
    const hash = spread(a, b);
    storeKey(grown, findSlot(grown, hash, a, b, c, d), hash, a, b, c, d);
  }
  return grown;
}

/** The high bits, as the low ones choose the slot. */
function tagOf(hash: number): number {
  return hash >>> 16 || 1;
}

export function storeKey(
  table: SeenTable,
  slot: number,
  hash: number,
  a: number,
  b: number,
  c: number,
  d: number,
): void {
  const { keys, tags } = table;
  const at = slot * lanes;
  tags[slot] = tagOf(hash);
  keys[at] = a;
  keys[at + 1] = b;
  keys[at + 2] = c;
  keys[at + 3] = d;
}

/** The empty slot where the key belongs, or -1 when it is there already. At most half of the slots are ever taken. */
export function findSlot(table: SeenTable, hash: number, a: number, b: number, c: number, d: number): number {
  const { keys, tags, mask } = table;
  const wanted = tagOf(hash);
  for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
    const tag = tags[slot] as number;
    if (tag === 0) return slot;
    if (tag !== wanted) continue;
    const at = slot * lanes;
    if (keys[at] === a && keys[at + 1] === b && keys[at + 2] === c && keys[at + 3] === d) return -1;
  }
}
