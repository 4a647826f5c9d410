// What a group of measurements hands back, and how two sides of it are compared: medians and ratios, never one lucky run.

/** The groups that `pnpm bench` knows, in the order in which it runs them. */
export const benchGroups = [
  "wire",
  "mesh",
  "sync",
  "chord",
  "kills",
  "secure",
  "idle",
  "swarm",
  "sim",
  "ring",
] as const;
export type BenchGroup = (typeof benchGroups)[number];

/** What every group is called with. */
export interface BenchOptions {
  /** How often each side is measured. */
  readonly rounds: number;
  /** How many nodes the groups `sim` and `ring` have. */
  readonly nodes: number;
  /** Of what is random in the group `kills`, and in figures. */
  readonly seed: number;
  /** Prints one progress line. */
  readonly progress: (line: string) => void;
}

/** One thing measured on one side, once a round. `samples[i]` belongs to round `i` on both sides of a comparison. */
export interface Measurement {
  /** What was measured, for example "64 B" or "encode 16 B": the same text on every side. */
  readonly scenario: string;
  /** Who was measured, for example "@p2p/mesh" or "js2p". */
  readonly side: string;
  /** For example "msg/s", "op/s", "MB/s", "ms", "KiB". */
  readonly unit: string;
  readonly samples: readonly number[];
}

/** A bound that the ratio ours / other has to keep. */
export interface Target {
  readonly bound: "at-least" | "at-most";
  readonly ratio: number;
}

/** One side beside another: the median of the ratios of each round, so that drift of the machine cancels out. */
export interface Comparison {
  readonly scenario: string;
  readonly side: string;
  readonly other: string;
  readonly ratio: number;
  readonly ratioMin: number;
  readonly ratioMax: number;
  /** Absent where the ratio is only told. */
  readonly target?: Target;
  /** Absent without a target. */
  readonly isMet?: boolean;
}

/** All that one group found. */
export interface BenchResult {
  readonly group: BenchGroup;
  readonly measurements: readonly Measurement[];
  readonly comparisons: readonly Comparison[];
  /** Sentences for the reader: what was left out, what a figure includes. */
  readonly notes: readonly string[];
}

/** The middle value; the mean of the two middle ones of an even count. NaN of none. */
export function median(samples: readonly number[]): number {
  const sorted = [...samples].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const high = sorted[middle] ?? Number.NaN;
  if (sorted.length % 2 === 1) return high;
  return ((sorted[middle - 1] ?? Number.NaN) + high) / 2;
}

/**
 * Compares two measurements round by round.
 * @throws RangeError when they have no rounds in common.
 */
export function compare(ours: Measurement, other: Measurement, target?: Target): Comparison {
  const rounds = Math.min(ours.samples.length, other.samples.length);
  if (rounds === 0) throw new RangeError(`nothing to compare in ${ours.scenario}: ${ours.side} with ${other.side}`);
  const ratios = Array.from({ length: rounds }, (_, i) => (ours.samples[i] as number) / (other.samples[i] as number));
  const ratio = median(ratios);
  return {
    scenario: ours.scenario,
    side: ours.side,
    other: other.side,
    ratio,
    ratioMin: Math.min(...ratios),
    ratioMax: Math.max(...ratios),
    ...(target ? { target, isMet: target.bound === "at-least" ? ratio >= target.ratio : ratio <= target.ratio } : {}),
  };
}
