// Group commit: while one batch is being written, all that changes meanwhile waits for the next one. A batch holds records
// before it holds what was seen of their origins, so that a crash never leaves a store that claims to have seen what it lost.
import type { NodeId } from "@p2p/wire";
import { SyncError } from "../errors.js";
import { encodeEntry, encodeMeta, type Meta, metaKey, originKey, recordKey } from "./entries.js";
import { asBytes, type Level, type LevelOperation } from "./level.js";
import type { StoreSource } from "./source.js";

/** The most operations of one call of the database: its memory, and the time that it holds the process up. */
const maxOperations = 4_096;
const maxBytes = 1_048_576;

interface Waiter {
  readonly resolve: () => void;
  readonly reject: (error: SyncError) => void;
}

export class Batches {
  readonly #level: Level;
  readonly #source: StoreSource;
  readonly #description: Omit<Meta, "schema" | "reservedUs">;
  #reservedUs: number;
  #wantedUs: number;
  #isNew = true;
  #keys = new Set<string>();
  #origins = new Set<NodeId>();
  /** Of the batch to come: made with the first who waits for it. */
  #next: { readonly promise: Promise<void>; readonly waiter: Waiter } | undefined;
  #running: Promise<void> | undefined;

  constructor(level: Level, meta: Omit<Meta, "schema">, source: StoreSource) {
    this.#level = level;
    this.#source = source;
    const { reservedUs, ...description } = meta;
    this.#description = description;
    this.#reservedUs = reservedUs;
    this.#wantedUs = reservedUs;
  }

  /** What a crash would find reserved. */
  get reservedUs(): number {
    return this.#reservedUs;
  }

  touch(key: string): void {
    this.#keys.add(key);
    this.#running ??= this.#run();
  }

  touchOrigin(origin: NodeId): void {
    this.#origins.add(origin);
    this.#running ??= this.#run();
  }

  reserve(timeUs: number): void {
    if (timeUs <= this.#wantedUs) return;
    this.#wantedUs = timeUs;
    this.#running ??= this.#run();
  }

  /** Resolves when all that was touched or reserved before is written. @throws SyncError `store-failed` */
  commit(): Promise<void> {
    if (this.#next === undefined) {
      let waiter: Waiter | undefined;
      const promise = new Promise<void>((resolve, reject) => {
        waiter = { resolve, reject };
      });
      // A promise calls its function before it is there itself.
      this.#next = { promise, waiter: waiter as unknown as Waiter };
      this.#running ??= this.#run();
    }
    return this.#next.promise;
  }

  /** Writes all, and that no stamp above `lastUs` was given. @throws SyncError `store-failed` */
  async finish(lastUs: number): Promise<void> {
    await this.commit();
    this.#wantedUs = lastUs;
    await this.#write([], [{ type: "put", key: metaKey, value: this.#meta() }], true);
  }

  async #run(): Promise<void> {
    // What is changed in the same turn shares the batch.
    await undefined;
    while (this.#next !== undefined || this.#keys.size > 0 || this.#origins.size > 0 || this.#isWanted) {
      const [keys, origins, next] = [this.#keys, this.#origins, this.#next];
      this.#keys = new Set();
      this.#origins = new Set();
      this.#next = undefined;
      try {
        await this.#batch(keys, origins, next !== undefined);
        next?.waiter.resolve();
      } catch (cause) {
        // They are tried again with whatever changes next.
        for (const key of keys) this.#keys.add(key);
        for (const origin of origins) this.#origins.add(origin);
        const why = cause instanceof Error ? cause.message : String(cause);
        const error = new SyncError("store-failed", `writing to the database failed: ${why}`, { cause });
        next?.waiter.reject(error);
        this.#abandon(error);
        this.#source.failed(error);
        break;
      }
    }
    this.#running = undefined;
  }

  /** Who began to wait meanwhile is not to wait for ever. */
  #abandon(error: SyncError): void {
    this.#next?.waiter.reject(error);
    this.#next = undefined;
  }

  get #isWanted(): boolean {
    return this.#wantedUs > this.#reservedUs || this.#isNew;
  }

  async #batch(keys: ReadonlySet<string>, origins: ReadonlySet<NodeId>, isAwaited: boolean): Promise<void> {
    const last: LevelOperation[] = [];
    // As it is now: records that change while they are being written may be ahead of it.
    for (const origin of origins) {
      const key = originKey(origin);
      const timeUs = this.#source.seen(origin);
      last.push(timeUs === undefined ? { type: "del", key } : { type: "put", key, value: encodeEntry(key, timeUs) });
    }
    const wantedUs = this.#wantedUs;
    const isReserving = this.#isWanted;
    if (isReserving) last.push({ type: "put", key: metaKey, value: this.#meta() });
    await this.#write(keys, last, isAwaited || isReserving);
    this.#isNew = false;
    this.#reservedUs = wantedUs;
  }

  async #write(keys: Iterable<string>, last: readonly LevelOperation[], sync: boolean): Promise<void> {
    let operations: LevelOperation[] = [];
    let bytes = 0;
    for (const text of keys) {
      const key = recordKey(text);
      const record = this.#source.record(text);
      if (record === undefined) operations.push({ type: "del", key });
      else {
        const value = encodeEntry(key, record);
        bytes += value.length;
        operations.push({ type: "put", key, value });
      }
      if (operations.length < maxOperations && bytes < maxBytes) continue;
      await this.#level.batch(operations, { ...asBytes, sync: false });
      operations = [];
      bytes = 0;
    }
    operations.push(...last);
    // With `sync`, all batches before are kept as well.
    if (operations.length > 0) await this.#level.batch(operations, { ...asBytes, sync });
  }

  #meta(): Uint8Array {
    return encodeMeta({ ...this.#description, reservedUs: this.#wantedUs });
  }
}
