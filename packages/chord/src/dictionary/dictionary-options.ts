// The options of the dictionary, and their defaults. [CHORD-250]
import { shownValue, wholeLimits } from "@p2p/base";

/** Figures of the dictionary; section "Limits" of spec/chord-dictionary.md. */
export interface DictionaryLimits {
  /** Longest key in bytes. Default 1,024. */
  readonly maxKeyBytes: number;
  /** Longest value in bytes, encoded. Default 65,536. */
  readonly maxValueBytes: number;
  /** Rough memory of all that this node holds, in bytes; of its memory budget, too. Default 134,217,728. */
  readonly maxStoredBytes: number;
  /** How long a delete is remembered, in ms. Default 86,400,000. */
  readonly tombstoneMs: number;
  /** How far ahead of this node's clock the time of a write may be, in ms. Default 1,800,000. */
  readonly maxAheadMs: number;
  /**
   * Writes, copies, ballots, comparisons, fetches and walks that one node may send here in a second, in the long run; one more
   * counts for each 64 records that were looked at for it. Default 5,000.
   */
  readonly writesPerSecond: number;
  /** And at once. Default 50,000. */
  readonly writesBurst: number;
  /** Writes that wait to be copied to the successors. Default 65,536; more are left to the comparison of ranges. */
  readonly maxUncopied: number;
}

export const defaultDictionaryLimits: DictionaryLimits = Object.freeze({
  maxKeyBytes: 1_024,
  maxValueBytes: 65_536,
  maxStoredBytes: 134_217_728,
  tombstoneMs: 86_400_000,
  maxAheadMs: 1_800_000,
  writesPerSecond: 5_000,
  writesBurst: 50_000,
  maxUncopied: 65_536,
});

/** How the dictionary keeps its values. */
export interface DictionaryOptions {
  /** Successors of a position's owner that hold copies. Default 1. */
  readonly replicas?: number;
  /** How long an operation may take, attempts and waits together, in ms, where its caller does not say. Default 30,000. */
  readonly operationTimeoutMs?: number;
  /** About how often a range is compared with the successors that copy it, in ms. Default 30,000. */
  readonly compareMs?: number;
  /**
   * About how often each record is looked after, whether all its positions have it, in ms; those of which it owns a
   * position four times as often for 5 min after a change of neighbours. Default 3,600,000.
   */
  readonly auditMs?: number;
  /** After how long without a majority of its holders an atomically used key gets new ones, in ms. Default 600,000. */
  readonly abandonMs?: number;
  /** Default: {@link defaultDictionaryLimits}. */
  readonly dictionaryLimits?: Partial<DictionaryLimits>;
}

export interface DictionarySettings {
  readonly replicas: number;
  readonly operationTimeoutMs: number;
  readonly compareMs: number;
  readonly auditMs: number;
  readonly abandonMs: number;
  readonly limits: DictionaryLimits;
}

const defaults = {
  replicas: 1,
  operationTimeoutMs: 30_000,
  compareMs: 30_000,
  auditMs: 3_600_000,
  abandonMs: 600_000,
} as const;

/** The most successors that can hold copies: every member knows so many. */
const maxReplicas = 7;

/** @throws TypeError for an unknown limit, RangeError for a value out of bounds */
export function resolveDictionaryOptions(options: DictionaryOptions = {}): DictionarySettings {
  const limits = wholeLimits("of a dictionary", defaultDictionaryLimits, options.dictionaryLimits);
  const settings: DictionarySettings = {
    replicas: options.replicas ?? defaults.replicas,
    operationTimeoutMs: options.operationTimeoutMs ?? defaults.operationTimeoutMs,
    compareMs: options.compareMs ?? defaults.compareMs,
    auditMs: options.auditMs ?? defaults.auditMs,
    abandonMs: options.abandonMs ?? defaults.abandonMs,
    limits,
  };
  check("replicas", settings.replicas, 0, maxReplicas);
  for (const name of ["operationTimeoutMs", "compareMs", "auditMs", "abandonMs"] as const)
    check(name, settings[name], 1);
  return settings;
}

function check(what: string, value: unknown, low: number, high = Number.MAX_SAFE_INTEGER): void {
  if (typeof value === "number" && Number.isSafeInteger(value) && value >= low && value <= high) return;
  throw new RangeError(`${what} is ${shownValue(value)}; it is an integer from ${low} to ${high}`);
}
