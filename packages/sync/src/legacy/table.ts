// The table of the 0.7 profile and its rule of acceptance: who wrote first keeps the key for an hour. [SYNC-305 to SYNC-309]
import { WireError } from "@p2p/wire";
import { encodeFrame07, type Value07 } from "@p2p/wire/legacy";

/** How long after its last write a key belongs to its owner, in s. */
export const leaseSeconds = 3_600;

/** A key's value, and who wrote it when. */
export interface LegacyEntry {
  readonly value: Value07;
  /** Base58 text of the owner's node id. */
  readonly owner: string;
  /** The owner as it was on the wire: some members tell text from bytes. */
  readonly ownerOnWire: string | Uint8Array;
  /** Seconds since 1970. */
  readonly time: number;
  /** Length of what it came in. */
  readonly bytes: number;
}

/** A write, whoever made it. */
export interface LegacyWrite {
  readonly key: string;
  readonly owner: string;
  readonly ownerOnWire: string | Uint8Array;
  readonly time: number;
  readonly bytes: number;
}

/** What became of a write. */
export type Outcome = "written" | "deleted" | "leased" | "absent" | "not-a-map" | "full";

export interface TableLimits {
  readonly maxKeys: number;
  readonly maxTableBytes: number;
}

export class LegacyTable {
  readonly #entries = new Map<string, LegacyEntry>();
  readonly #leases: boolean;
  readonly #limits: TableLimits;
  #bytes = 0;

  constructor(leases: boolean, limits: TableLimits) {
    this.#leases = leases;
    this.#limits = limits;
  }

  get size(): number {
    return this.#entries.size;
  }

  get(key: string): LegacyEntry | undefined {
    return this.#entries.get(key);
  }

  entries(): MapIterator<[string, LegacyEntry]> {
    return this.#entries.entries();
  }

  /** A whole value; null deletes. [SYNC-305] */
  store(write: LegacyWrite, value: Value07, nowSeconds: number): Outcome {
    const entry = this.#entries.get(write.key);
    if (!this.#accepts(entry, write, nowSeconds)) return "leased";
    if (value !== null) return this.#put(write, value, entry);
    if (entry === undefined) return "absent";
    this.#bytes -= entry.bytes;
    this.#entries.delete(write.key);
    return "deleted";
  }

  /** Fields that go into the map there is, or make one. Without leases every delta is taken. [SYNC-306] */
  merge(write: LegacyWrite, fields: Readonly<Record<string, Value07>>, nowSeconds: number): Outcome {
    const entry = this.#entries.get(write.key);
    if (this.#leases && !this.#accepts(entry, write, nowSeconds)) return "leased";
    if (entry !== undefined && !isMap(entry.value)) return "not-a-map";
    // Not assigned: a field may be named __proto__.
    const merged = Object.fromEntries([...Object.entries(entry?.value ?? {}), ...Object.entries(fields)]);
    return this.#put({ ...write, bytes: bytesOf(merged) }, merged, entry);
  }

  /** What a peer told a late joiner: owner and time are its word. What is here stays. [SYNC-307] */
  adopt(write: LegacyWrite, value: Value07): Outcome {
    if (this.#entries.has(write.key)) return "leased";
    return value === null ? "absent" : this.#put(write, value, undefined);
  }

  #accepts(entry: LegacyEntry | undefined, { owner, time }: LegacyWrite, nowSeconds: number): boolean {
    if (entry === undefined || entry.owner === owner) return true;
    if (nowSeconds - entry.time > leaseSeconds) return true;
    if (entry.time === time) return entry.owner > owner;
    return !this.#leases && time > entry.time;
  }

  #put(write: LegacyWrite, value: Value07, before: LegacyEntry | undefined): Outcome {
    const { key, owner, ownerOnWire, time, bytes } = write;
    const after = this.#bytes - (before?.bytes ?? 0) + bytes;
    if (after > this.#limits.maxTableBytes) return "full";
    if (before === undefined && this.#entries.size >= this.#limits.maxKeys) return "full";
    this.#bytes = after;
    this.#entries.set(key, { value, owner, ownerOnWire, time, bytes });
    return "written";
  }
}

/** Whether a value has fields. */
export function isMap(value: Value07): value is { readonly [key: string]: Value07 } {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/** Length of a value in a frame; infinite if it fits in none. */
function bytesOf(value: Value07): number {
  try {
    return encodeFrame07({ type: 0, sender: "", time: 0, items: [value] }).length;
  } catch (error) {
    if (error instanceof WireError) return Number.POSITIVE_INFINITY;
    throw error;
  }
}
