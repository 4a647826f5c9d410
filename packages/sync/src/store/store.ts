// A table on disk: opened by its application, loaded by its table, and written in batches that many writes share.
import {
  asBytes,
  checkLevel,
  checkOptions,
  decodeEntry,
  type Level,
  type NamesOf,
  readAll,
  whyFailed,
} from "@p2p/base";
import type { NodeId, WireValue } from "@p2p/wire";
import { SyncError } from "../errors.js";
import { Batches } from "./batches.js";
import { decodeMeta, keyOfRecord, type Meta, metaKey, originOfKey, rangeOf, recordKey, schema } from "./entries.js";
import type { StoreSource } from "./source.js";

export interface OpenStoreOptions {
  /**
   * Drops entries that cannot be read, instead of failing with `store-damaged`: neighbours have them. The table then
   * joins as one that knows nothing. Default: false.
   */
  readonly repair?: boolean;
}

const openStoreNames: NamesOf<OpenStoreOptions> = { repair: true };

/** Databases with a store that was not closed yet. */
const taken = new WeakSet<Level>();

/** Where a store is loaded to. Each may throw for what it cannot read: the entry then counts as damaged. */
export interface StoreTarget {
  record(key: string, value: WireValue): void;
  seen(origin: NodeId, timeUs: number): void;
}

/** The store of one table. Made by {@link openStore}, given to a table by its option `store`, and closed by it. */
export class Store {
  readonly #level: Level;
  readonly #isRepaired: boolean;
  readonly #meta: Meta | undefined;
  #batches: Batches | undefined;
  #closed: Promise<void> | undefined;

  /** @param meta what the store holds; undefined for a new one */
  constructor(level: Level, meta: Meta | undefined, isRepaired: boolean) {
    this.#level = level;
    this.#meta = meta;
    this.#isRepaired = isRepaired;
  }

  /** Whose store it is; undefined for a new one. */
  get id(): NodeId | undefined {
    return this.#meta?.id;
  }

  /** No stamp above it was given to anybody, in µs. */
  get reservedUs(): number {
    return this.#batches?.reservedUs ?? this.#meta?.reservedUs ?? 0;
  }

  /** Makes it the store of a table. @throws SyncError `store-mismatch` */
  bind(owner: Omit<Meta, "schema" | "reservedUs">, source: StoreSource): void {
    const { id, network, hasLeases } = owner;
    if (this.#batches !== undefined || this.#closed !== undefined) {
      throw new SyncError("store-mismatch", "the store is or was another table's; open it again");
    }
    if (this.#meta !== undefined && this.#meta.id !== id) {
      throw new SyncError("store-mismatch", `the store is of node ${this.#meta.id}, and this node is ${id}`);
    }
    if (this.#meta !== undefined && !isSame(this.#meta.network, network)) {
      throw new SyncError("store-mismatch", "the store is of another network");
    }
    if (this.#meta !== undefined && this.#meta.hasLeases !== hasLeases) {
      throw new SyncError("store-mismatch", `the store is of a table ${hasLeases ? "without" : "with"} leases`);
    }
    this.#batches = new Batches(this.#level, { ...owner, reservedUs: this.reservedUs }, source);
  }

  /** Reads all. @throws SyncError `store-damaged`, `store-failed` */
  async load(target: StoreTarget): Promise<void> {
    const damaged: Uint8Array[] = [];
    const read = async (kind: "origin" | "record", take: (key: Uint8Array, value: WireValue) => void) => {
      for await (const [key, entry] of this.#entries(kind)) {
        try {
          take(key, decodeEntry(key, entry));
        } catch (cause) {
          if (!this.#isRepaired) throw damagedError(key, cause);
          damaged.push(key);
        }
      }
    };
    await read("record", (stored, value) => {
      const key = keyOfRecord(stored);
      // Else the same text could be stored under two keys.
      if (!isSame(recordKey(key), stored)) throw new RangeError("the key is no text");
      target.record(key, value);
    });
    const seen: [NodeId, number][] = [];
    const origins: Uint8Array[] = [];
    await read("origin", (stored, value) => {
      origins.push(stored);
      if (typeof value !== "number" || !Number.isSafeInteger(value) || value < 0) throw new RangeError("no time");
      seen.push([originOfKey(stored), value]);
    });
    // With records gone, it is not true any more that all was seen: deleted would be what is only damaged here.
    if (damaged.length > 0) await this.#delete([...damaged, ...origins]);
    else for (const [origin, timeUs] of seen) target.seen(origin, timeUs);
  }

  /** A record has changed: it is to be written. */
  touch(key: string): void {
    this.#batches?.touch(key);
  }

  /** More of an origin was seen. */
  touchOrigin(origin: NodeId): void {
    this.#batches?.touchOrigin(origin);
  }

  /** Lets stamps up to this be given; see {@link reservedUs}. */
  reserve(timeUs: number): void {
    this.#batches?.reserve(timeUs);
  }

  /** Resolves when all that was touched or reserved so far outlives a crash. @throws SyncError `store-failed` */
  commit(): Promise<void> {
    return this.#batches?.commit() ?? Promise.resolve();
  }

  /** Writes what is to be written, and closes the database. @param lastUs the highest stamp given */
  close(lastUs?: number): Promise<void> {
    this.#closed ??= this.#close(lastUs);
    return this.#closed;
  }

  async #close(lastUs: number | undefined): Promise<void> {
    try {
      if (lastUs !== undefined) await this.#batches?.finish(lastUs);
    } finally {
      try {
        await this.#level.close();
      } finally {
        taken.delete(this.#level);
      }
    }
  }

  async *#entries(kind: "origin" | "record"): AsyncGenerator<[Uint8Array, Uint8Array]> {
    try {
      yield* readAll(this.#level, rangeOf(kind));
    } catch (cause) {
      throw cause instanceof SyncError ? cause : failedError("reading", cause);
    }
  }

  async #delete(keys: readonly Uint8Array[]): Promise<void> {
    try {
      await this.#level.batch(
        keys.map((key) => ({ type: "del", key })),
        { ...asBytes, sync: true },
      );
    } catch (cause) {
      throw failedError("writing", cause);
    }
  }
}

/**
 * Opens a store in a database of `abstract-level` (classic-level, browser-level, memory-level, ...), which is the store's
 * alone from now on and closed with it. Chapter sync.md, section 10.
 * @throws SyncError `store-damaged` when its description cannot be read (nothing repairs that), `store-version`,
 * `store-failed`; `store-mismatch` when another store has the database
 */
export async function openStore(level: Level, options: OpenStoreOptions = {}): Promise<Store> {
  checkLevel(level);
  checkOptions("of a store", openStoreNames, options);
  const { repair = false } = options;
  if (taken.has(level)) throw new SyncError("store-mismatch", "another store has the database; close it first");
  taken.add(level);
  try {
    const meta = await openMeta(level);
    return new Store(level, meta, repair);
  } catch (error) {
    taken.delete(level);
    throw error;
  }
}

/** Opens a database; returns what its store says of itself, undefined for a new one. What has no store is closed again. */
async function openMeta(level: Level): Promise<Meta | undefined> {
  let entry: Uint8Array | undefined;
  try {
    await level.open();
    entry = await level.get(metaKey, asBytes);
  } catch (cause) {
    throw failedError("opening", cause);
  }
  if (entry === undefined) return undefined;
  let meta: ReturnType<typeof decodeMeta>;
  try {
    meta = decodeMeta(entry);
  } catch (cause) {
    await level.close();
    throw damagedError(metaKey, cause);
  }
  if ("id" in meta) return meta;
  await level.close();
  throw new SyncError("store-version", `the store has form ${meta.schema}, this version reads up to ${schema}`);
}

function damagedError(stored: Uint8Array, cause: unknown): SyncError {
  const text = new TextDecoder().decode(stored.subarray(1));
  const hex = Array.from(stored.subarray(1), (byte) => byte.toString(16).padStart(2, "0")).join("");
  const isRecord = stored[0] === rangeOf("record").gte[0];
  const name = isRecord ? `the record of key "${text}"` : stored.length > 1 ? `what is known of origin ${hex}` : "meta";
  const why = cause instanceof Error ? cause.message : String(cause);
  const advice = stored.length > 1 ? "; open it with `repair` to drop what is damaged" : "";
  const key = isRecord ? { key: text } : {};
  return new SyncError("store-damaged", `${name} cannot be read: ${why}${advice}`, { cause, ...key });
}

function failedError(doing: string, cause: unknown): SyncError {
  return new SyncError("store-failed", `${doing} the database failed: ${whyFailed(cause)}`, { cause });
}

function isSame(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, at) => byte === b[at]);
}
