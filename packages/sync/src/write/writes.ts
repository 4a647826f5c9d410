// Everything about a write but what it writes: in one turn, and then the wait for disk and neighbours. [SYNC-097]
import { orAborted } from "@p2p/base";
import { notOpen } from "../errors.js";
import { checkLeaseMs } from "../options.js";
import type { Replica } from "../replica.js";
import type { WriteOptions } from "./options.js";
import type { Writer } from "./writer.js";

export class Writes {
  readonly #replica: Replica;
  readonly #isOpen: () => boolean;

  constructor(replica: Replica, isOpen: () => boolean) {
    this.#replica = replica;
    this.#isOpen = isOpen;
  }

  /** @throws SyncError `closed`, `store-failed`; RangeError; `signal.reason`; what `write` throws */
  run<T>(options: WriteOptions | undefined, write: (writer: Writer, leaseMs?: number) => T): Promise<T> {
    const signal = options?.signal;
    let result: T;
    try {
      if (!this.#isOpen()) throw notOpen();
      signal?.throwIfAborted();
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
