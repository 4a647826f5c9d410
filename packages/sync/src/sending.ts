// Own updates on their way out: not before the store has reserved their time, each with the stamp of the one before.
// [SYNC-010] [SYNC-060]
import type { NodeId } from "@p2p/wire";
import type { HybridClock } from "./clock.js";
import type { Update } from "./messages/update.js";
import type { TableRecord } from "./record/record.js";
import type { SeenVector } from "./seen-vector.js";
import type { Store } from "./store/store.js";
import type { OutgoingUpdate } from "./write/outbox.js";

export interface SendingParts {
  readonly self: NodeId;
  readonly clock: HybridClock;
  readonly seen: SeenVector;
  readonly store: Store | undefined;
  readonly counters: { updatesSent: number };
  /** @returns false when more should wait */
  readonly broadcast: (update: Update) => boolean;
  /** The store has reserved more. */
  readonly reserved: () => void;
  readonly failed: (error: Error) => void;
}

/** How far ahead of use stamps are reserved in the store, in µs. */
const reserveUs = 1_000_000;

export class Sending {
  readonly #parts: SendingParts;
  /** The stamp of the last own update; 0: there was none. */
  #lastUs = 0;

  constructor(parts: SendingParts) {
    this.#parts = parts;
  }

  /** The store was read: goes on after the last update before. */
  loaded(): void {
    this.#lastUs = this.#parts.seen.get(this.#parts.self);
  }

  /** Time went back: what was sent too far ahead does not count. */
  reviewed(): void {
    if (this.#parts.clock.isAhead(this.#lastUs)) this.#lastUs = 0;
  }

  /** Whether a time may leave this node; if not, `reserved` is called when it may. */
  isReserved(timeUs: number): boolean {
    const { store, reserved } = this.#parts;
    if (store === undefined || timeUs + reserveUs / 2 <= store.reservedUs) return true;
    store.reserve(timeUs + reserveUs);
    if (timeUs <= store.reservedUs) return true;
    // A failure is told by the store itself; what is written next asks again.
    store.commit().then(reserved, () => undefined);
    return false;
  }

  /** @returns false when more should wait */
  send({ timeUs, items }: OutgoingUpdate<TableRecord>): boolean {
    const { self, seen, store, counters, broadcast, failed } = this.#parts;
    const prevUs = this.#lastUs < timeUs ? this.#lastUs : 0;
    this.#lastUs = timeUs;
    seen.note(self, prevUs, timeUs);
    store?.touchOrigin(self);
    counters.updatesSent += 1;
    try {
      return broadcast({ stampUs: timeUs, prevUs, entries: [...items] });
    } catch (error) {
      // What was written is in the table: neighbours get it by the next comparison.
      failed(error instanceof Error ? error : new Error(String(error)));
      return true;
    }
  }
}
