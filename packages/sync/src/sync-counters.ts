// What a table counts.

/** Figures of a table. */
export interface SyncCounters {
  /** Keys with a value. */
  readonly keys: number;
  /** Keys without one that are remembered. */
  readonly tombstones: number;
  /** The table, as an estimate of the memory it takes. */
  readonly bytes: number;
  /** Records that wait until the lease that they dispute is over. */
  readonly contenders: number;
  /** Own updates. */
  readonly updatesSent: number;
  /** Updates of others that were taken. */
  readonly updatesReceived: number;
  /** Records of others that changed this table. */
  readonly recordsAdopted: number;
  /** Records of others that were refused: leased to another, or too far ahead. */
  readonly recordsRefused: number;
  /** Updates of others before which some were missing. */
  readonly gaps: number;
  /** Comparisons with neighbours that came to their end. */
  readonly comparisons: number;
}
