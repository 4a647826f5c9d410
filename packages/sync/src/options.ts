// The options of a table, and their defaults.
import { checkOptions, type NamesOf, shownValue, wholeLimits } from "@p2p/base";
import { type MeshOptions, meshOptionNames } from "@p2p/mesh";
import { maxLeaseMs, usualLeaseMs } from "./record/limits.js";
import type { Store } from "./store/store.js";

/** Figures of a table; section "Limits" of spec/sync.md. Sizes in bytes, times in ms. */
export interface SyncLimits {
  /** Length of a key in UTF-8; at most 1,024. Default 1,024. */
  readonly maxKeyBytes: number;
  /** Length of an encoded value; at most 65,536. Default 65,536. */
  readonly maxValueBytes: number;
  /** Changed fields that a key remembers since it was set as a whole, removed ones among them. Default 16,384. */
  readonly maxFields: number;
  /** The table with its tombstones, as an estimate of the memory it takes. Default 268,435,456. */
  readonly maxTableBytes: number;
  /** Own writes that wait until neighbours take more. Default 4,194,304. */
  readonly maxPendingBytes: number;
  /** How far ahead of this node's time a stamp may be. Default 1,800,000, which is 30 min. */
  readonly maxAheadMs: number;
  /** How long a deleted key is remembered. Default 86,400,000, which is 24 h. */
  readonly tombstoneMs: number;
  /** How often the table is compared with that of a random neighbour, more or less. Default 60,000. */
  readonly reconcileMs: number;
}

export const defaultSyncLimits: SyncLimits = Object.freeze({
  maxKeyBytes: 1_024,
  maxValueBytes: 65_536,
  maxFields: 16_384,
  maxTableBytes: 268_435_456,
  maxPendingBytes: 4_194_304,
  maxAheadMs: 1_800_000,
  tombstoneMs: 86_400_000,
  reconcileMs: 60_000,
});

/** What `leases` may say, besides whether there are any. */
export interface LeaseOptions {
  /** How long a lease lasts that a write takes, in ms. Default: 3,600,000, which is 1 h. */
  readonly defaultMs?: number;
}

/** Options of a table: those of its mesh, and its own. */
export interface SyncOptions extends MeshOptions {
  /** Whether the first writer of a key owns it for a while; all nodes of a network say the same. Default: true. */
  readonly leases?: boolean | LeaseOptions;
  /** Keeps the table on disk; see `openStore`. It is closed with the table. Default: none, the table is in memory. */
  readonly store?: Store;
  /** Default: {@link defaultSyncLimits}. */
  readonly syncLimits?: Partial<SyncLimits>;
}

export const syncOptionNames: NamesOf<SyncOptions> = {
  ...meshOptionNames,
  leases: true,
  store: true,
  syncLimits: true,
};

const leaseNames: NamesOf<LeaseOptions> = { defaultMs: true };

/** What the protocol allows at most. */
const highest = { maxKeyBytes: 1_024, maxValueBytes: 65_536 } as const;

/** @throws TypeError for an unknown name, RangeError for a value out of bounds */
export function resolveSyncLimits(overrides: Partial<SyncLimits> = {}): SyncLimits {
  const limits = wholeLimits("of a table", defaultSyncLimits, overrides);
  for (const name of ["maxKeyBytes", "maxValueBytes"] as const) {
    if (limits[name] > highest[name])
      throw new RangeError(`limit ${name} is ${limits[name]}; it is ${highest[name]} at most`);
  }
  if (limits.tombstoneMs <= 4 * limits.maxAheadMs) {
    throw new RangeError(
      "tombstoneMs is more than four times maxAheadMs: clocks that far apart must agree on what is old",
    );
  }
  return limits;
}

/** @throws TypeError for what callers without types may give in the place of a store, such as a path, a database, or its promise */
export function checkStore(store: Store | undefined): void {
  // By what it can do, not by its class: who keeps no table on disk need not load the code for that.
  if (store === undefined || typeof store?.touchOrigin === "function") return;
  throw new TypeError("the option `store` is what `await openStore(level)` gives");
}

/**
 * A lease is not longer than a deletion is remembered: who was away would hold on to what was deleted meanwhile.
 * @returns how long a lease lasts by default, in ms; undefined when there are none. @throws RangeError
 */
export function resolveLeases(option: boolean | LeaseOptions = true, { tombstoneMs }: SyncLimits): number | undefined {
  if (option === false) return undefined;
  if (option !== true) checkOptions("of `leases`", leaseNames, option);
  const { defaultMs = Math.min(usualLeaseMs, tombstoneMs) } = option === true ? {} : option;
  return checkLeaseMs(defaultMs, tombstoneMs);
}

/** @throws RangeError */
export function checkLeaseMs(leaseMs: number, tombstoneMs: number): number {
  const most = Math.min(maxLeaseMs, tombstoneMs);
  if (Number.isSafeInteger(leaseMs) && leaseMs >= 1 && leaseMs <= most) return leaseMs;
  throw new RangeError(`a lease of ${shownValue(leaseMs)} ms; it is an integer from 1 to ${most}`);
}
