// What the application writes: in one turn, and then the wait for disk and neighbours. [SYNC-097]
import { checkOptions, orAborted } from "@p2p/base";
import type { WireValue } from "@p2p/wire";
import type { Entry } from "../entry.js";
import { notOpen } from "../errors.js";
import type { Lease } from "../lease/lease.js";
import { checkLeaseMs } from "../options.js";
import type { Reading } from "../reading.js";
import type { Replica } from "../replica.js";
import { type DeleteOptions, type DeltaOptions, type WaitOptions, type WriteOptions, writeNames } from "./options.js";
import type { Writer } from "./writer.js";

/** Keys with values: an object, or pairs. */
export type Entries = Readonly<Record<string, WireValue>> | Iterable<readonly [string, WireValue]>;
/** Fields of a map. */
export type Fields = Readonly<Record<string, WireValue>>;

export interface WritesParts {
  readonly replica: Replica;
  readonly reading: Reading;
  readonly isOpen: () => boolean;
}

export class Writes {
  readonly #replica: Replica;
  readonly #reading: Reading;
  readonly #isOpen: () => boolean;

  constructor({ replica, reading, isOpen }: WritesParts) {
    this.#replica = replica;
    this.#reading = reading;
    this.#isOpen = isOpen;
  }

  set(key: string, value: WireValue, options: WriteOptions | undefined): Promise<Entry> {
    return this.#run(options, (writer, leaseMs) => {
      const record = writer.set(key, value, leaseMs);
      return this.#reading.written(key, record, record.value ?? value);
    });
  }

  update(entries: Entries, options: WriteOptions | undefined): Promise<readonly Entry[]> {
    return this.#run(options, (writer, leaseMs) => {
      // What is no iterable is an object with keys.
      if (typeof entries !== "object" || entries === null) {
        throw new TypeError("the entries are an object, a Map, or pairs of a key and a value");
      }
      const isIterable = Symbol.iterator in entries;
      const pairs = isIterable ? new Map(entries as Iterable<readonly [string, WireValue]>) : Object.entries(entries);
      const written = writer.update(pairs, leaseMs);
      return written.map(([key, record]) => this.#reading.written(key, record, record.value ?? null));
    });
  }

  applyDelta(key: string, fields: Fields, options: DeltaOptions | undefined): Promise<Entry> {
    return this.#run(options, (writer, leaseMs) => {
      const record = writer.applyDelta(key, fields, options?.remove ?? [], leaseMs);
      return this.#reading.written(key, record, this.#reading.get(key) ?? {});
    });
  }

  /** @returns the value that was deleted; undefined: there was none */
  delete(key: string, options: DeleteOptions | undefined): Promise<WireValue | undefined> {
    return this.#run(options, (writer) => writer.delete(key, options?.keepLease ?? false));
  }

  clear(options: WaitOptions | undefined): Promise<number> {
    return this.#run(options, (writer) => {
      const own = [...this.#reading.keys()].filter((key) => writer.mayWrite(key));
      return own.filter((key) => writer.delete(key, false) !== undefined).length;
    });
  }

  acquire(key: string, options: WriteOptions | undefined): Promise<Lease> {
    return this.#run(options, (writer, leaseMs) => {
      writer.acquire(key, leaseMs);
      // It was just taken.
      return this.#reading.lease(key) as Lease;
    });
  }

  release(key: string, options: WaitOptions | undefined): Promise<boolean> {
    return this.#run(options, (writer) => writer.release(key));
  }

  /** @throws SyncError `closed`, `store-failed`; RangeError; `signal.reason`; what `write` throws */
  #run<T>(options: WriteOptions | undefined, write: (writer: Writer, leaseMs?: number) => T): Promise<T> {
    const signal = options?.signal;
    let result: T;
    try {
      if (!this.#isOpen()) throw notOpen();
      signal?.throwIfAborted();
      if (options !== undefined) checkOptions("of a write", writeNames, options);
      const leaseMs = options?.leaseMs;
      if (leaseMs !== undefined) checkLeaseMs(leaseMs, this.#replica.limits.tombstoneMs);
      result = write(this.#replica.writer, leaseMs);
    } catch (error) {
      return Promise.reject(error);
    }
    const durable = this.#replica.durable();
    // The usual case costs no more than this.
    if (durable === undefined && !this.#replica.outbox.isBlocked) return Promise.resolve(result);
    return this.#waited(result, durable, signal);
  }

  async #waited<T>(result: T, durable: Promise<void> | undefined, signal: AbortSignal | undefined): Promise<T> {
    if (durable !== undefined) await orAborted(durable, signal);
    await this.#replica.outbox.room(signal);
    return result;
  }
}
