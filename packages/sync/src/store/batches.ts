// Group commit: while one batch is being written, all that changes meanwhile waits for the next one. A batch holds records
// before it holds what was seen of their origins, so that a crash never leaves a store that claims to have seen what it lost.
import { encodeEntry, GroupCommit, type Level, type LevelOperation, writeAll } from "@p2p/base";
import type { NodeId } from "@p2p/wire";
import { SyncError } from "../errors.js";
import { encodeMeta, type Meta, metaKey, originKey, recordKey } from "./entries.js";
import type { StoreSource } from "./source.js";

export class Batches {
  readonly #level: Level;
  readonly #source: StoreSource;
  readonly #description: Omit<Meta, "schema" | "reservedUs">;
  #reservedUs: number;
  #wantedUs: number;
  #isNew = true;
  #keys = new Set<string>();
  #origins = new Set<NodeId>();
  readonly #commits: GroupCommit;

  constructor(level: Level, meta: Omit<Meta, "schema">, source: StoreSource) {
    this.#level = level;
    this.#source = source;
    const { reservedUs, ...description } = meta;
    this.#description = description;
    this.#reservedUs = reservedUs;
    this.#wantedUs = reservedUs;
    this.#commits = new GroupCommit({
      isDue: () => this.#keys.size > 0 || this.#origins.size > 0 || this.#isWanted,
      write: (isAwaited) => this.#batch(isAwaited),
      failed: (cause) => {
        const why = cause instanceof Error ? cause.message : String(cause);
        const error = new SyncError("store-failed", `writing to the database failed: ${why}`, { cause });
        this.#source.failed(error);
        return error;
      },
    });
  }

  /** What a crash would find reserved. */
  get reservedUs(): number {
    return this.#reservedUs;
  }

  touch(key: string): void {
    this.#keys.add(key);
    this.#commits.touch();
  }

  touchOrigin(origin: NodeId): void {
    this.#origins.add(origin);
    this.#commits.touch();
  }

  reserve(timeUs: number): void {
    if (timeUs <= this.#wantedUs) return;
    this.#wantedUs = timeUs;
    this.#commits.touch();
  }

  /** Resolves when all that was touched or reserved before is written. @throws SyncError `store-failed` */
  commit(): Promise<void> {
    return this.#commits.commit();
  }

  /** Writes all, and that no stamp above `lastUs` was given. @throws SyncError `store-failed` */
  async finish(lastUs: number): Promise<void> {
    await this.commit();
    this.#wantedUs = lastUs;
    await writeAll(this.#level, [{ type: "put", key: metaKey, value: this.#meta() }], true);
  }

  get #isWanted(): boolean {
    return this.#wantedUs > this.#reservedUs || this.#isNew;
  }

  async #batch(isAwaited: boolean): Promise<void> {
    const [keys, origins] = [this.#keys, this.#origins];
    this.#keys = new Set();
    this.#origins = new Set();
    const wantedUs = this.#wantedUs;
    const isReserving = this.#isWanted;
    // Of origins as it is now: records that change while they are being written may be ahead of it.
    const last = [...origins].map((origin) => this.#seen(origin));
    if (isReserving) last.push({ type: "put", key: metaKey, value: this.#meta() });
    try {
      await writeAll(this.#level, this.#operations(keys, last), isAwaited || isReserving);
    } catch (error) {
      // They are tried again with whatever changes next.
      for (const key of keys) this.#keys.add(key);
      for (const origin of origins) this.#origins.add(origin);
      throw error;
    }
    this.#isNew = false;
    this.#reservedUs = wantedUs;
  }

  *#operations(keys: Iterable<string>, last: readonly LevelOperation[]): Generator<LevelOperation> {
    for (const text of keys) {
      const key = recordKey(text);
      const record = this.#source.record(text);
      yield record === undefined ? { type: "del", key } : { type: "put", key, value: encodeEntry(key, record) };
    }
    yield* last;
  }

  #seen(origin: NodeId): LevelOperation {
    const key = originKey(origin);
    const timeUs = this.#source.seen(origin);
    return timeUs === undefined ? { type: "del", key } : { type: "put", key, value: encodeEntry(key, timeUs) };
  }

  #meta(): Uint8Array {
    return encodeMeta({ ...this.#description, reservedUs: this.#wantedUs });
  }
}
