// The records of one node: by key and by position, within limits, and where deletes are forgotten. [CHORD-230] [CHORD-232] [CHORD-279] [CHORD-285]
import type { BudgetAccount } from "@p2p/base";
import { positionsOf } from "../positions.js";
import type { PositionRange } from "../ring-access.js";
import { PositionIndex, type Standing } from "./position-index.js";
import { type DictionaryRecord, sizeOf } from "./record.js";

/** A record with where it stands. */
export interface Entry {
  readonly record: DictionaryRecord;
  readonly positions: readonly Uint8Array[];
}

export interface StoreLimits {
  /** Rough memory of all records, in bytes. */
  readonly maxStoredBytes: number;
  /** How long a delete is remembered, in ms of the writers' clocks. */
  readonly tombstoneMs: number;
}

/** Told of every change. */
export interface StoreListener {
  /** A value is there that was not, or is not any more. */
  changed(key: Uint8Array, kind: "add" | "delete"): void;
  /** The record of a key is another one, or none. */
  touched(key: string): void;
}

export class RecordStore {
  readonly #limits: StoreLimits;
  readonly #listener: StoreListener;
  readonly #entries = new Map<string, Entry>();
  readonly #index = new PositionIndex<Entry["positions"]>();
  readonly #keys = new Map<Entry["positions"], string>();
  readonly #account: BudgetAccount | undefined;
  #bytes = 0;
  /** Of them those of owned keys, which nobody but their owners can free. */
  #ownedBytes = 0;

  /** @param account of the node's memory budget, for the records */
  constructor(limits: StoreLimits, listener: StoreListener, account?: BudgetAccount) {
    this.#limits = limits;
    this.#listener = listener;
    this.#account = account;
  }

  /** Records, those that hold but a promise or a delete among them. */
  get size(): number {
    return this.#entries.size;
  }

  /** Rough memory in bytes. */
  get byteLength(): number {
    return this.#bytes;
  }

  get(key: Uint8Array): DictionaryRecord | undefined {
    return this.#entries.get(textOf(key))?.record;
  }

  /** @param text of {@link textOf} */
  entry(text: string): Entry | undefined {
    return this.#entries.get(text);
  }

  values(): IterableIterator<Entry> {
    return this.#entries.values();
  }

  /** Texts of all keys. */
  keys(): IterableIterator<string> {
    return this.#entries.keys();
  }

  /**
   * Whether there is room for a record in place of the one that its key has; it is kept free until the next change. Owned keys
   * have half of all room: who fills that with keys of its own leaves the rest [CHORD-285].
   */
  hasRoom(record: DictionaryRecord): boolean {
    const { maxStoredBytes } = this.#limits;
    const before = this.get(record.key);
    const growth = sizeOf(record) - (before === undefined ? 0 : sizeOf(before));
    if (growth <= 0) return true;
    const bytes = this.#bytes + growth;
    if (bytes > maxStoredBytes) return false;
    if (isOwned(record) && this.#ownedBytes + growth > maxStoredBytes / 2) return false;
    return this.#account?.hold(bytes) ?? true;
  }

  /** Sets the record of its key. Its bytes are to be its own: no views of a message. */
  set(record: DictionaryRecord): void {
    const text = textOf(record.key);
    const before = this.#entries.get(text);
    const positions = before?.positions ?? positionsOf(record.key);
    if (before !== undefined) this.#count(before.record, -sizeOf(before.record));
    this.#count(record, sizeOf(record));
    // What was on disk already is there whether or not there is room.
    this.#account?.hold(this.#bytes);
    this.#entries.set(text, { record, positions });
    if (before === undefined) {
      this.#keys.set(positions, text);
      for (const [table, position] of positions.entries()) this.#index.add({ position, table, item: positions });
    }
    this.#listener.touched(text);
    const [had, has] = [isLive(before?.record), isLive(record)];
    if (had !== has) this.#listener.changed(record.key, has ? "add" : "delete");
  }

  delete(key: Uint8Array): void {
    const text = textOf(key);
    const entry = this.#entries.get(text);
    if (entry === undefined) return;
    this.#count(entry.record, -sizeOf(entry.record));
    this.#account?.hold(this.#bytes);
    this.#entries.delete(text);
    this.#keys.delete(entry.positions);
    for (const position of entry.positions) this.#index.delete(position, entry.positions);
    this.#listener.touched(text);
    if (isLive(entry.record)) this.#listener.changed(key, "delete");
  }

  /** The node closes: the budget has its room back. */
  close(): void {
    this.#account?.releaseAll();
  }

  /** Records with a position in the range, clockwise; one that has several comes as often. */
  *inRange(range: PositionRange): Generator<Standing<Entry>> {
    for (const standing of this.#index.inRange(range)) {
      const item = this.#entries.get(this.#keys.get(standing.item) ?? "");
      if (item !== undefined) yield { ...standing, item };
    }
  }

  /**
   * Forgets deletes and bare promises that are older than the limit; but no delete of an owned key, of which an old value is as
   * genuine as ever [CHORD-279]. @param nowUs time of the hybrid clock
   */
  purge(nowUs: number): void {
    const oldestUs = nowUs - this.#limits.tombstoneMs * 1_000;
    for (const { record } of [...this.#entries.values()]) {
      const { write, promised, key } = record;
      if (write?.value !== undefined || isOwned(record)) continue;
      if (Math.max(write?.version.timeUs ?? 0, promised?.timeUs ?? 0) < oldestUs) this.delete(key);
    }
  }

  #count(record: DictionaryRecord, bytes: number): void {
    this.#bytes += bytes;
    if (isOwned(record)) this.#ownedBytes += bytes;
  }
}

function isOwned({ write }: DictionaryRecord): boolean {
  return write?.proof !== undefined;
}

/** A key as text, each character the value of a byte: what maps are indexed by. */
export function textOf(key: Uint8Array): string {
  let text = "";
  for (const byte of key) text += String.fromCharCode(byte);
  return text;
}

function isLive(record: DictionaryRecord | undefined): boolean {
  return record?.write?.value !== undefined;
}
