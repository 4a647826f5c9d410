// The seen cache: which message ids passed here already, by count and by monotonic age, whatever the wall clocks say.
// [MESH-010] [MESH-011] [MESH-012]
import {
  bytesOf,
  clearTable,
  emptyTable,
  findSlot,
  grownTable,
  type SeenTable,
  slotBytes,
  smallestSlots,
  storeKey,
} from "./seen-table.js";

/** Memory that has to be asked for. */
export interface Reserve {
  /** @returns false when there is not so much left */
  reserve(bytes: number): boolean;
  release(bytes: number): void;
}

/** How many ids the cache keeps, and for how long. */
export interface SeenOptions {
  /** At least this many of the newest ids are remembered, if there is memory. Rounded up to a power of two. */
  readonly capacity: number;
  /** An id is remembered at least this long, in ms of the monotonic clock, as long as the count allows it. */
  readonly lifetimeMs: number;
  /** Two secret words that spread ids over the table, so that nobody can aim at one slot. */
  readonly salt: readonly [number, number];
  /** Asked before tables grow; when refused, the oldest ids are forgotten instead. Default: memory without end. */
  readonly memory?: Reserve;
}

const generations = 3;

/**
 * A set of message ids in three generations. The newest takes what is added; when it is full, or has lived half the
 * lifetime, the oldest is forgotten and its table begins anew. So an id lives between one and one and a half lifetimes,
 * unless more than `capacity` newer ids push it out. Tables grow by doubling, from 4.5 KiB.
 */
export class SeenCache {
  readonly #generationIds: number;
  readonly #generationMs: number;
  readonly #memory: Reserve | undefined;
  readonly #spread: (a: number, b: number) => number;
  #tables: SeenTable[];
  /** There was no memory for a larger table: the present one is as full as it may be. */
  #isCramped = false;

  constructor(options: SeenOptions, nowMs: number) {
    if (!Number.isSafeInteger(options.capacity) || options.capacity < 2 || options.capacity > 2 ** 24) {
      throw new RangeError(`seen capacity must be an integer from 2 to ${2 ** 24}, not ${options.capacity}`);
    }
    if (!(options.lifetimeMs > 0)) throw new RangeError(`seen lifetime must be positive, not ${options.lifetimeMs} ms`);
    this.#generationIds = 2 ** Math.ceil(Math.log2(options.capacity)) / (generations - 1);
    this.#generationMs = options.lifetimeMs / (generations - 1);
    this.#memory = options.memory;
    const [salt0, salt1] = options.salt;
    this.#spread = (a, b) => {
      let hash = Math.imul(a ^ salt0, 0x9e3779b1) ^ Math.imul(b ^ salt1, 0x85ebca77);
      hash = Math.imul(hash ^ (hash >>> 15), 0xc2b2ae3d);
      return (hash ^ (hash >>> 13)) >>> 0;
    };
    this.#tables = [emptyTable(nowMs)];
  }

  /** Ids remembered now. */
  get size(): number {
    return this.#tables.reduce((sum, table) => sum + table.count, 0);
  }

  /** Bytes of the tables. */
  get byteLength(): number {
    return this.#tables.reduce((sum, table) => sum + bytesOf(table), 0);
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
      if (findSlot(tables[at] as SeenTable, hash, a, b, c, d) < 0) return false;
    }
    const newest = tables[0] as SeenTable; // one table always exists
    const slot = findSlot(newest, hash, a, b, c, d);
    if (slot < 0) return false;
    storeKey(newest, slot, hash, a, b, c, d);
    newest.count += 1;
    if (newest.count * 2 > newest.mask) this.#grow(newest);
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
    return this.#tables.some((table) => findSlot(table, hash, a, b, c, d) < 0);
  }

  #rotate(nowMs: number): void {
    const newest = this.#tables[0] as SeenTable;
    const isFull = newest.count >= this.#generationIds || this.#isCramped;
    if (!isFull && nowMs - newest.bornMs < this.#generationMs) return;
    if (newest.count === 0) {
      newest.bornMs = nowMs; // an empty table cannot grow old, but the ones behind it can
      this.#forget((table) => table !== newest && nowMs - table.bornMs >= generations * this.#generationMs);
      return;
    }
    this.#isCramped = false;
    const idleMs = nowMs - newest.bornMs;
    const spare = this.#tables.length === generations ? this.#tables.pop() : undefined;
    const next = this.#renew(spare, newest.count, nowMs);
    this.#tables.unshift(next);
    // After a long silence the generations behind are older than a rotation at a time would tell.
    if (idleMs >= generations * this.#generationMs) this.#forget((table) => table !== next);
  }

  /** An empty table of the size that the last generation needed: a busy node reuses its memory, a quiet one frees it. */
  #renew(spare: SeenTable | undefined, lastCount: number, nowMs: number): SeenTable {
    const slots = Math.max(smallestSlots, 2 ** Math.ceil(Math.log2(lastCount * 2)));
    if (spare?.tags.length === slots) {
      clearTable(spare, nowMs);
      return spare;
    }
    if (spare !== undefined) this.#memory?.release(spare.grantedBytes);
    const bytes = slots * slotBytes;
    // The least there can be is taken unasked, and grows as memory allows.
    if (this.#memory?.reserve(bytes) === false) return emptyTable(nowMs);
    const table = emptyTable(nowMs, slots);
    table.grantedBytes = bytes;
    return table;
  }

  #grow(table: SeenTable): void {
    if (table.count >= this.#generationIds) return; // it is about to be succeeded
    const bytes = bytesOf(table);
    if (this.#memory?.reserve(bytes) === false) {
      this.#isCramped = true;
      return;
    }
    const grown = grownTable(table, this.#spread);
    grown.grantedBytes += bytes;
    this.#tables[0] = grown;
  }

  #forget(isOld: (table: SeenTable) => boolean): void {
    for (const table of this.#tables) if (isOld(table)) this.#memory?.release(table.grantedBytes);
    this.#tables = this.#tables.filter((table) => !isOld(table));
  }
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
