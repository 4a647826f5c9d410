// What a single call may say about itself.
import type { NamesOf } from "@p2p/base";

export interface WaitOptions {
  /** Gives up waiting; what was written stays written. Aborted already, nothing is written. */
  readonly signal?: AbortSignal;
}

export const waitNames: NamesOf<WaitOptions> = { signal: true };

export interface WriteOptions extends WaitOptions {
  /** How long the lease lasts, in ms. Default: as long as the lease that it renews, else the option `leases`. */
  readonly leaseMs?: number;
}

export interface DeltaOptions extends WriteOptions {
  /** Names of fields to remove. Default: none. */
  readonly remove?: readonly string[];
}

export interface DeleteOptions extends WaitOptions {
  /** Keeps or takes the lease on the deleted key. Default: false, it is free. */
  readonly keepLease?: boolean;
}

/** Of all kinds of writes. */
export const writeNames: NamesOf<DeltaOptions & DeleteOptions> = {
  signal: true,
  leaseMs: true,
  remove: true,
  keepLease: true,
};
