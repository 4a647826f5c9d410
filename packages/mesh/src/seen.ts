// The seen cache: which message ids passed here already, by count and by monotonic age, whatever the wall clocks say.
// [MESH-010] [MESH-011] [MESH-012]

/** How many ids the cache keeps, and for how long. */
export interface SeenOptions {
  /** At least this many of the newest ids are remembered. Rounded up to a power of two. */
  readonly capacity: number;
  /** An id is remembered at least this long, in ms of the monotonic clock, as long as the count allows it. */
  readonly lifetimeMs: number;
  /** Two secret words that spread ids over the table, so that nobody can aim at one slot. */
  readonly salt: readonly [number, number];
}

const generations = 3;
const lanes = 4; // 4 x 32 bits of the id: a second preimage costs 2^128
const smallestSlots = 256;

/** One open-addressing table of 128-bit keys in typed arrays. */
interface Generation {
  /**
   * 16 bits of the hash of what is in a slot, 0 for an empty one. A key that is not there, which is what most lookups
   * find, costs a look at the tags alone: an eighth of the memory, so that it stays in the cache of the processor.
   */
  tags: Uint16Array;
  keys: Uint32Array;
  mask: number;
  count: number;
  bornMs: number;
}

/**
 * A set of message ids in three generations. The newest takes what is added; when it is full, or has lived half the
 * lifetime, the oldest is forgotten and its table begins anew. So an id lives between one and one and a half lifetimes,
 * unless more than `capacity` newer ids push it out. Tables grow by doubling, from 4.5 KiB.
 */
export class SeenCache {
  readonly #salt0: number;
  readonly #salt1: number;
  readonly #generationIds: number;
  readonly #generationMs: number;
  #tables: Generation[];

  constructor(options: SeenOptions, nowMs: number) {
    if (!Number.isSafeInteger(options.capacity) || options.capacity < 2 || options.capacity > 2 ** 24) {
      throw new RangeError(`seen capacity must be an integer from 2 to ${2 ** 24}, not ${options.capacity}`);
    }
    if (!(options.lifetimeMs > 0)) throw new RangeError(`seen lifetime must be positive, not ${options.lifetimeMs} ms`);
    this.#generationIds = 2 ** Math.ceil(Math.log2(options.capacity)) / (generations - 1);
    this.#generationMs = options.lifetimeMs / (generations - 1);
    this.#salt0 = options.salt[0] | 0;
    this.#salt1 = options.salt[1] | 0;
    this.#tables = [emptyGeneration(nowMs)];
  }

  /** Ids remembered now. */
  get size(): number {
    return this.#tables.reduce((sum, table) => sum + table.count, 0);
  }

  /** Bytes of the tables. */
  get byteLength(): number {
    return this.#tables.reduce((sum, table) => sum + table.keys.byteLength + table.tags.byteLength, 0);
  }

  /** Remembers an id, as text of `messageKey` of wire. False when it was known: the message is a duplicate. */
  add(id: string, nowMs: number): boolean {
    this.#rotate(nowMs);
    const a = word(id, 0);
    const b = word(id, 4);
    const c = word(id, 8);
    const d = word(id, 12);
    const hash = this.#spread(a, b);
    const tables = this.#tables;
    for (let at = 1; at < tables.length; at += 1) {
      if (find(tables[at] as Generation, hash, a, b, c, d) < 0) return false;
    }
    const newest = tables[0] as Generation; // one table always exists
    const slot = find(newest, hash, a, b, c, d);
    if (slot < 0) return false;
    store(newest, slot, hash, a, b, c, d);
    newest.count += 1;
    if (newest.count * 2 > newest.mask + 1) this.#grow(newest);
    return true;
  }

  /** Whether an id is remembered; changes nothing but the age of the tables. */
  has(id: string, nowMs: number): boolean {
    this.#rotate(nowMs);
    const a = word(id, 0);
    const b = word(id, 4);
    const c = word(id, 8);
    const d = word(id, 12);
    const hash = this.#spread(a, b);
    return this.#tables.some((table) => find(table, hash, a, b, c, d) < 0);
  }

  #spread(a: number, b: number): number {
    let hash = Math.imul(a ^ this.#salt0, 0x9e3779b1) ^ Math.imul(b ^ this.#salt1, 0x85ebca77);
    hash = Math.imul(hash ^ (hash >>> 15), 0xc2b2ae3d);
    return (hash ^ (hash >>> 13)) >>> 0;
  }

  #rotate(nowMs: number): void {
    let newest = this.#tables[0] as Generation;
    if (newest.count < this.#generationIds && nowMs - newest.bornMs < this.#generationMs) return;
    if (newest.count === 0) {
      newest.bornMs = nowMs; // an empty table cannot grow old, but the ones behind it can
      this.#tables = this.#tables.filter((table) => table === newest || nowMs - table.bornMs < 3 * this.#generationMs);
      return;
    }
    const idleMs = nowMs - newest.bornMs;
    const spare = this.#tables.length === generations ? this.#tables.pop() : undefined;
    newest = this.#renew(spare, newest.count, nowMs);
    this.#tables.unshift(newest);
    // After a long silence the generations behind are older than a rotation at a time would tell.
    if (idleMs >= 3 * this.#generationMs) this.#tables = [newest];
  }

  /** An empty table of the size that the last generation needed: a busy node reuses its memory, a quiet one frees it. */
  #renew(spare: Generation | undefined, lastCount: number, nowMs: number): Generation {
    const slots = Math.max(smallestSlots, 2 ** Math.ceil(Math.log2(lastCount * 2)));
    if (spare === undefined || spare.keys.length !== slots * lanes) return emptyGeneration(nowMs, slots);
    spare.tags.fill(0);
    spare.count = 0;
    spare.bornMs = nowMs;
    return spare;
  }

  #grow(table: Generation): void {
    const { keys, tags } = table;
    const slots = (table.mask + 1) * 2;
    table.keys = new Uint32Array(slots * lanes);
    table.tags = new Uint16Array(slots);
    table.mask = slots - 1;
    for (let slot = 0; slot < tags.length; slot += 1) {
      if (tags[slot] === 0) continue;
      const at = slot * lanes;
      const a = keys[at] as number;
      const b = keys[at + 1] as number;
      const c = keys[at + 2] as number;
      const d = keys[at + 3] as number;
      const hash = this.#spread(a, b);
      store(table, find(table, hash, a, b, c, d), hash, a, b, c, d);
    }
  }
}

function emptyGeneration(bornMs: number, slots: number = smallestSlots): Generation {
  return { tags: new Uint16Array(slots), keys: new Uint32Array(slots * lanes), mask: slots - 1, count: 0, bornMs };
}

/** Four characters of the text as a number; each is the value of a byte. */
function word(text: string, at: number): number {
  return (
    (text.charCodeAt(at) |
      (text.charCodeAt(at + 1) << 8) |
      (text.charCodeAt(at + 2) << 16) |
      (text.charCodeAt(at + 3) << 24)) >>>
    0
  );
}

/** The high bits, as the low ones choose the slot. */
function tagOf(hash: number): number {
  return hash >>> 16 || 1;
}

function store(table: Generation, slot: number, hash: number, a: number, b: number, c: number, d: number): void {
  const { keys, tags } = table;
  const at = slot * lanes;
  tags[slot] = tagOf(hash);
  keys[at] = a;
  keys[at + 1] = b;
  keys[at + 2] = c;
  keys[at + 3] = d;
}

/** The empty slot where the key belongs, or -1 when it is there already. At most half of the slots are ever taken. */
function find(table: Generation, hash: number, a: number, b: number, c: number, d: number): number {
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
