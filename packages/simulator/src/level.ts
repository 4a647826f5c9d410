// A store of the `abstract-level` interface on the disk of a simulated node: takes virtual time, and outlives crashes.
import { type DatabaseOptions, MemoryLevel } from "memory-level";
import type { DiskTable, DiskWrite } from "./disk.js";
import { checkLatency, drawLatencyUs, type Latency } from "./link-conditions.js";
import type { NodeSeams } from "./node-in-world.js";

export interface SimulatedLevelOptions<K, V> extends DatabaseOptions<K, V> {
  /** Tells several stores of one node apart. Default: `level`. */
  readonly name?: string;
  /** How long each operation takes. Default: 0 to 1 ms, so that what is not awaited may overtake. */
  readonly latency?: Latency;
}

/** What `_put` and its like are given, as far as it counts here. */
interface WriteOptions {
  /** Whether the write, and all before it, outlive the loss of power once it resolves. */
  readonly sync?: boolean;
}

type Batch = readonly ({ type: "put"; key: Uint8Array; value: Uint8Array } | { type: "del"; key: Uint8Array })[];

/** The methods by which abstract-level asks a store, which its types leave out. */
interface StoreMethods {
  _open(options: unknown): Promise<void>;
  _get(key: Uint8Array, options: unknown): Promise<Uint8Array | undefined>;
  _getMany(keys: Uint8Array[], options: unknown): Promise<(Uint8Array | undefined)[]>;
  _has(key: Uint8Array, options: unknown): Promise<boolean>;
  _hasMany(keys: Uint8Array[], options: unknown): Promise<boolean[]>;
  _batch(operations: Batch, options: unknown): Promise<void>;
}

type StoreConstructor = new <K, V>(options: DatabaseOptions<K, V>) => MemoryLevel<K, V> & StoreMethods;

// The methods are there: they are the documented way to implement a store.
const Store: StoreConstructor = MemoryLevel as unknown as StoreConstructor;

const defaultLatency: Latency = { minMs: 0, maxMs: 1 };

class SimulatedLevel<K, V> extends Store<K, V> {
  readonly #table: DiskTable;
  readonly #operation: () => Promise<void>;

  constructor({ clock, random, disk }: NodeSeams, options: SimulatedLevelOptions<K, V>) {
    const { name = "level", latency = defaultLatency, ...rest } = options;
    checkLatency(latency);
    super({ ...rest, storeEncoding: "view" });
    const source = random.split(`level ${name}`);
    this.#table = disk.table(name);
    // A timer dies with its run: what was not done when the node crashed is never done, nor told to anybody.
    this.#operation = () => new Promise((resolve) => clock.setTimeout(resolve, drawLatencyUs(latency, source) / 1_000));
  }

  override async _open(options: unknown): Promise<void> {
    await this.#operation();
    const all = [...this.#table.entries].map(({ key, value }) => ({ type: "put" as const, key, value }));
    await super._batch(all, options);
  }

  override async _get(key: Uint8Array, options: unknown): Promise<Uint8Array | undefined> {
    await this.#operation();
    return super._get(key, options);
  }

  override async _getMany(keys: Uint8Array[], options: unknown): Promise<(Uint8Array | undefined)[]> {
    await this.#operation();
    return super._getMany(keys, options);
  }

  override async _has(key: Uint8Array, options: unknown): Promise<boolean> {
    await this.#operation();
    return super._has(key, options);
  }

  override async _hasMany(keys: Uint8Array[], options: unknown): Promise<boolean[]> {
    await this.#operation();
    return super._hasMany(keys, options);
  }

  _put(key: Uint8Array, value: Uint8Array, options: WriteOptions): Promise<void> {
    return this._batch([{ type: "put", key, value }], options);
  }

  _del(key: Uint8Array, options: WriteOptions): Promise<void> {
    return this._batch([{ type: "del", key }], options);
  }

  override async _batch(operations: Batch, options: WriteOptions): Promise<void> {
    await this.#operation();
    const writes = operations.map((each): DiskWrite => ({ value: undefined, ...each }));
    this.#table.write(writes, options.sync === true);
    await super._batch(operations, options);
  }

  async _clear(range: WriteOptions): Promise<void> {
    const keys = await this.keys<Uint8Array>({ ...range, keyEncoding: "view" }).all();
    await this._batch(
      keys.map((key) => ({ type: "del", key })),
      range,
    );
  }
}

/**
 * Makes a store on the disk of a node. What it has written is there again after a crash that keeps the disk. When the
 * power is lost, so are the latest writes that were not made with `sync: true`: none, some or all of them.
 * @throws TypeError, RangeError for a latency that cannot be
 */
export function simulatedLevel<K = string, V = string>(
  seams: NodeSeams,
  options: SimulatedLevelOptions<K, V> = {},
): MemoryLevel<K, V> {
  return new SimulatedLevel<K, V>(seams, options);
}
