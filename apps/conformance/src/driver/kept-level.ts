// A database in memory that outlives the nodes of a driver, as a disk does.
import type { Level, LevelIterator, LevelOperation } from "@p2p/base";
import { fromHex, toHex } from "../reference/value.js";

export class KeptLevel implements Level {
  readonly #entries = new Map<string, Uint8Array>();

  open(): Promise<void> {
    return Promise.resolve();
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  get(key: Uint8Array): Promise<Uint8Array | undefined> {
    return Promise.resolve(this.#entries.get(toHex(key)));
  }

  batch(operations: LevelOperation[]): Promise<void> {
    for (const operation of operations) {
      if (operation.type === "put") this.#entries.set(toHex(operation.key), operation.value.slice());
      else this.#entries.delete(toHex(operation.key));
    }
    return Promise.resolve();
  }

  iterator({ gte, lt }: { readonly gte: Uint8Array; readonly lt: Uint8Array }): LevelIterator {
    const [from, to] = [toHex(gte), toHex(lt)];
    const entries = [...this.#entries]
      .filter(([key]) => key >= from && key < to)
      .map(([key, value]): [Uint8Array, Uint8Array] => [fromHex(key), value]);
    return {
      nextv: (size) => Promise.resolve(entries.splice(0, size)),
      close: () => Promise.resolve(),
    };
  }
}
