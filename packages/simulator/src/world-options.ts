// The options of a world, and their defaults: whatever is misspelt or cannot be is the caller's mistake, at once.
import { checkOptions, type NamesOf } from "@p2p/base";
import { defaultConditions, type LinkConditions, withConditions } from "./link-conditions.js";
import { defaultStreamOptions, type StreamOptions } from "./network.js";
import type { TraceLevel } from "./trace.js";

export interface WorldOptions {
  /** Decides everything that is left to chance. */
  readonly seed: number | string;
  /** What links are like. Default: 1 to 10 ms, no loss, no bound of bandwidth. */
  readonly conditions?: Partial<LinkConditions>;
  /** How streams hold out against loss. Default: as each of its fields says. */
  readonly streams?: Partial<StreamOptions>;
  /** Default: `all`. */
  readonly trace?: TraceLevel;
  /** Entries of the trace that are kept, the latest. Default: 200,000. */
  readonly traceCapacity?: number;
  /** Events at one instant that are too many. Default: 1,000,000. */
  readonly maxEventsPerInstant?: number;
  /**
   * Whether what is outside may act in the world while it runs; then the seed alone does not decide a run. Default: false,
   * and the world stops by `outside` where it notices.
   */
  readonly allowsOutside?: boolean;
}

interface ResolvedWorldOptions {
  readonly seed: number | string;
  readonly conditions: LinkConditions;
  readonly streams: StreamOptions;
  readonly trace: TraceLevel;
  readonly traceCapacity: number;
  readonly maxEventsPerInstant: number;
  readonly allowsOutside: boolean;
}

const defaults = { trace: "all", traceCapacity: 200_000, maxEventsPerInstant: 1_000_000 } as const;

const names: NamesOf<WorldOptions> = {
  seed: true,
  conditions: true,
  streams: true,
  trace: true,
  traceCapacity: true,
  maxEventsPerInstant: true,
  allowsOutside: true,
};
const levels: ReadonlySet<string> = new Set<TraceLevel>(["all", "faults", "off"]);

/** @throws TypeError for an option that there is not, or no seed; RangeError for a value that cannot be */
export function resolveWorldOptions(options: WorldOptions): ResolvedWorldOptions {
  checkOptions("of a world", names, options);
  const { seed, trace = defaults.trace, allowsOutside = false } = options;
  if (!levels.has(trace)) throw new RangeError(`trace is "all", "faults" or "off", not "${trace}"`);
  const { traceCapacity = defaults.traceCapacity, maxEventsPerInstant = defaults.maxEventsPerInstant } = options;
  for (const [name, value] of Object.entries({ traceCapacity, maxEventsPerInstant })) {
    if (!(Number.isSafeInteger(value) && value >= 1)) throw new RangeError(`${name} is an integer from 1 up`);
  }
  const conditions = withConditions(defaultConditions, options.conditions ?? {});
  const streams = resolveStreams(options.streams);
  return { seed, conditions, streams, trace, traceCapacity, maxEventsPerInstant, allowsOutside };
}

function resolveStreams(given: Partial<StreamOptions> = {}): StreamOptions {
  checkOptions("of streams", defaultStreamOptions, given);
  for (const [name, value] of Object.entries(given)) {
    const least = name === "maxRetransmissions" || name === "maxDialRetries" ? 0 : 1;
    if (!(value >= least && value < Number.POSITIVE_INFINITY)) {
      throw new RangeError(`${name} of streams is a number from ${least} up`);
    }
  }
  return { ...defaultStreamOptions, ...given };
}
