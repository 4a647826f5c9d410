// Records on disk: a database of abstract-level, written in batches that many writes share. What is acknowledged is there before.
// [CHORD-235] [CHORD-236] [CHORD-237] [CHORD-271] [CHORD-279]
import {
  asBytes,
  checkLevel,
  decodeEntry,
  encodeEntry,
  GroupCommit,
  type Level,
  type LevelOperation,
  readAll,
  whyFailed,
  writeAll,
} from "@p2p/base";
import { type NodeId, NodeIdCache, nodeIdFromBytes, nodeIdToBytes, type WireValue } from "@p2p/wire";
import { ChordError } from "../errors.js";
import type { DictionaryRecord } from "./record.js";
import { decodeVersion, decodeWrite, encodeVersion, encodeWrite, isList } from "./record-codec.js";
import { type RecordStore, textOf } from "./record-store.js";

/** The form of what is stored: a store with a higher one is not touched. */
const schema = 1;
const metaKey: Uint8Array = Uint8Array.of(0x6d);
/** The first byte of the keys of records. */
const recordKind = 0x72;
/** How far ahead times are reserved, in µs: for so long no write waits for a reservation. */
const reservedAheadUs = 60_000_000;
const anySize = { maxKeyBytes: Number.MAX_SAFE_INTEGER, maxValueBytes: Number.MAX_SAFE_INTEGER } as const;

export interface LoadOptions {
  /** When the last use was before, in µs, records are dropped that are not owned. */
  readonly oldestUs: number;
  /** Whether the owner of the record's key, if it has one, vouches for it. */
  readonly isGenuine: (record: DictionaryRecord) => boolean;
}

/** The store of one chord. Made by {@link openStore}, given to a chord by its option `store`, and closed by it. */
export class ChordStore {
  readonly #level: Level;
  readonly #names = new NodeIdCache();
  readonly #commits: GroupCommit;
  #touched = new Set<string>();
  #source: RecordStore | undefined;
  #onFailed: (error: ChordError) => void = () => undefined;
  #id: NodeId | undefined;
  #reservedUs: number;
  #wantedUs: number;
  #isBound = false;
  #closed: Promise<void> | undefined;

  /** @param id whose records there are; undefined: nobody's yet */
  constructor(level: Level, id: NodeId | undefined, reservedUs: number) {
    this.#level = level;
    this.#id = id;
    this.#reservedUs = reservedUs;
    this.#wantedUs = reservedUs;
    this.#commits = new GroupCommit({
      isDue: () => this.#touched.size > 0 || this.#wantedUs > this.#reservedUs,
      write: (isAwaited) => this.#write(isAwaited),
      failed: (cause) => {
        const error = failedError("writing", cause);
        this.#onFailed(error);
        return error;
      },
    });
  }

  /** The node whose store it is; undefined for a new one. */
  get id(): NodeId | undefined {
    return this.#id;
  }

  /** No time above it was given to anybody, in µs; about the time of the last use. */
  get reservedUs(): number {
    return this.#reservedUs;
  }

  /** Makes it the store of a node. @throws ChordError `store-mismatch` */
  bind(id: NodeId, onFailed: (error: ChordError) => void): void {
    if (this.#isBound) throw new ChordError("store-mismatch", "the store is or was another chord's; open it again");
    if (this.#id !== undefined && this.#id !== id) {
      throw new ChordError("store-mismatch", `the store is of node ${this.#id}, and this node is ${id}`);
    }
    this.#isBound = true;
    this.#id = id;
    this.#onFailed = onFailed;
  }

  /**
   * Reads all records, and writes what changes from now on. Those that are not genuine are dropped, and told of.
   * @throws ChordError `store-damaged`, `store-failed`
   */
  async load(into: RecordStore, { oldestUs, isGenuine }: LoadOptions): Promise<void> {
    const isOutdated = this.#reservedUs < oldestUs;
    let forged = 0;
    for await (const [stored, entry] of this.#entries()) {
      const record = this.#decode(stored, new Uint8Array(stored.subarray(1)), entry);
      const isKept = isGenuine(record);
      if (!isKept) forged += 1;
      // What was deleted meanwhile would come back; an owned key's delete would win whenever it comes.
      if (isKept && !(isOutdated && record.write?.proof === undefined)) into.set(record);
      else this.#touched.add(textOf(record.key));
    }
    if (forged > 0) this.#onFailed(forgedError(forged));
    this.#source = into;
    // Of a new store, whose it is; of an old one, that it is in use.
    this.#wantedUs = Math.max(this.#wantedUs, oldestUs) + 1;
    await this.#commits.commit();
  }

  /** The record of a key is another one, or none. @param text of `textOf` */
  touch(text: string): void {
    this.#touched.add(text);
    this.#commits.touch();
  }

  /** Resolves when all that was touched or reserved so far outlives a crash. @throws ChordError `store-failed` */
  commit(): Promise<void> {
    return this.#commits.commit();
  }

  /** Resolves when no time up to this one will be given after a crash; undefined: so it is already. */
  reserve(timeUs: number): Promise<void> | undefined {
    if (timeUs + reservedAheadUs / 2 > this.#wantedUs) {
      this.#wantedUs = timeUs + reservedAheadUs;
      this.#commits.touch();
    }
    return timeUs <= this.#reservedUs ? undefined : this.#commits.commit();
  }

  /** Writes what is to be written, and closes the database. */
  close(): Promise<void> {
    this.#closed ??= this.#commits.commit().finally(() => this.#level.close());
    return this.#closed;
  }

  async *#entries(): AsyncGenerator<[Uint8Array, Uint8Array]> {
    try {
      yield* readAll(this.#level, { gte: Uint8Array.of(recordKind), lt: Uint8Array.of(recordKind + 1) });
    } catch (cause) {
      throw cause instanceof ChordError ? cause : failedError("reading", cause);
    }
  }

  async #write(isAwaited: boolean): Promise<void> {
    const touched = this.#touched;
    this.#touched = new Set();
    const wantedUs = this.#wantedUs;
    const isReserving = wantedUs > this.#reservedUs;
    try {
      await writeAll(this.#level, this.#operations(touched, isReserving), isAwaited || isReserving);
    } catch (error) {
      // They are tried again with whatever changes next.
      for (const text of touched) this.#touched.add(text);
      throw error;
    }
    this.#reservedUs = wantedUs;
  }

  *#operations(touched: Iterable<string>, isReserving: boolean): Generator<LevelOperation> {
    for (const text of touched) {
      const key = recordKey(text);
      const record = this.#source?.entry(text)?.record;
      yield record === undefined
        ? { type: "del", key }
        : { type: "put", key, value: encodeEntry(key, encodeRecord(record)) };
    }
    const id = this.#id;
    if (!isReserving || id === undefined) return;
    yield { type: "put", key: metaKey, value: encodeEntry(metaKey, [schema, nodeIdToBytes(id), this.#wantedUs]) };
  }

  #decode(stored: Uint8Array, key: Uint8Array, entry: Uint8Array): DictionaryRecord {
    try {
      const items = decodeEntry(stored, new Uint8Array(entry));
      if (!isList(items)) throw new RangeError("the record is no list");
      const write = items[0] === null ? undefined : decodeWrite(items[0], anySize, this.#names);
      return { key, write, promised: items.length > 1 ? decodeVersion(items, 1, this.#names) : undefined };
    } catch (cause) {
      throw damagedError("a record", cause);
    }
  }
}

/**
 * Opens a store in a database of `abstract-level` (classic-level, browser-level, memory-level, ...), which is the store's
 * alone from now on and closed with it. Section 9 of spec/chord-dictionary.md.
 * @throws ChordError `store-damaged`, `store-failed`
 */
export async function openStore(level: Level): Promise<ChordStore> {
  checkLevel(level);
  let entry: Uint8Array | undefined;
  try {
    await level.open();
    entry = await level.get(metaKey, asBytes);
  } catch (cause) {
    throw failedError("opening", cause);
  }
  if (entry === undefined) return new ChordStore(level, undefined, 0);
  try {
    const meta = decodeEntry(metaKey, entry);
    const [version, id, reservedUs] = isList(meta) ? meta : [];
    if (version !== schema) throw new RangeError(`it has form ${String(version)}, this version reads ${schema}`);
    if (!(id instanceof Uint8Array) || typeof reservedUs !== "number") throw new RangeError("an item has a wrong type");
    return new ChordStore(level, nodeIdFromBytes(id), reservedUs);
  } catch (cause) {
    await level.close();
    throw damagedError("its description", cause);
  }
}

function encodeRecord({ write, promised }: DictionaryRecord): WireValue {
  return [write === undefined ? null : encodeWrite(write), ...(promised === undefined ? [] : encodeVersion(promised))];
}

function recordKey(text: string): Uint8Array {
  const key = new Uint8Array(1 + text.length);
  key[0] = recordKind;
  for (let at = 0; at < text.length; at += 1) key[at + 1] = text.charCodeAt(at);
  return key;
}

function damagedError(what: string, cause: unknown): ChordError {
  const why = cause instanceof Error ? cause.message : String(cause);
  const advice = "begin with an empty database: the ring has copies, and this node gets another id";
  return new ChordError("store-damaged", `${what} in the store cannot be read: ${why}; ${advice}`, { cause });
}

function forgedError(count: number): ChordError {
  const what = `${count} records in the store are not what the owners of their keys wrote in this network`;
  return new ChordError("store-damaged", `${what}: they were dropped; the ring has copies`);
}

function failedError(doing: string, cause: unknown): ChordError {
  return new ChordError("store-failed", `${doing} the database failed: ${whyFailed(cause)}`, { cause });
}
