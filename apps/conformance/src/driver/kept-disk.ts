// A database in the driver's memory that outlives the nodes that use it, and of which a crash leaves what was synced.
import type { Level, LevelIterator, LevelOperation } from "@p2p/base";
import { fromHex, toHex } from "../reference/value.js";

/** What one node after the other finds. */
export class KeptDisk {
  #entries = new Map<string, Uint8Array>();
  #synced = new Map<string, Uint8Array>();
  #user = 0;

  /** A database on it; an earlier one reads and writes nothing any more. */
  open(): Level {
    this.#user += 1;
    const user = this.#user;
    const isUsed = (): boolean => this.#user === user;
    return {
      open: async () => undefined,
      close: async () => undefined,
      get: async (key) => this.#entries.get(toHex(key)),
      batch: async (operations, { sync }) => {
        // Who crashed waits for ever.
        if (!isUsed()) await new Promise(() => undefined);
        this.#write(operations, sync);
      },
      iterator: (range) => this.#iterator(toHex(range.gte), toHex(range.lt)),
    };
  }

  /** The node that uses it is dead: what was not synced is gone. */
  crash(): void {
    this.#user += 1;
    this.#entries = new Map(this.#synced);
  }

  #write(operations: readonly LevelOperation[], sync: boolean): void {
    for (const operation of operations) {
      if (operation.type === "del") this.#entries.delete(toHex(operation.key));
      else this.#entries.set(toHex(operation.key), operation.value.slice());
    }
    if (sync) this.#synced = new Map(this.#entries);
  }

  #iterator(from: string, before: string): LevelIterator {
    const all = [...this.#entries].filter(([key]) => key >= from && key < before).sort(([a], [b]) => (a < b ? -1 : 1));
    return {
      nextv: async (size) => all.splice(0, size).map(([key, value]) => [fromHex(key), value]),
      close: async () => undefined,
    };
  }
}
