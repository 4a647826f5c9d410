// What the way from one node to another is like; each direction has conditions of its own.
import { checkOptions, type NamesOf } from "@p2p/base";
import type { SeededRandom } from "./seeded-random.js";

/** How long a packet travels: evenly spread, with rare long delays. Plain arithmetic, so alike on every platform. */
export interface Latency {
  readonly minMs: number;
  readonly maxMs: number;
  /** How often a packet takes `spikeMs` longer, from 0 to 1. Default: 0. */
  readonly spikeChance?: number;
  /** Default: 0. */
  readonly spikeMs?: number;
}

export interface LinkConditions {
  /** Default: 1 to 10 ms. */
  readonly latency: Latency;
  /** Shared by all channels of this direction. Default: Infinity. */
  readonly bytesPerSecond: number;
  /** How often a packet is lost and has to be sent again, from 0 to 1. Default: 0. */
  readonly lossRate: number;
}

export const defaultConditions: LinkConditions = Object.freeze({
  latency: Object.freeze({ minMs: 1, maxMs: 10 }),
  bytesPerSecond: Number.POSITIVE_INFINITY,
  lossRate: 0,
});

/** @throws TypeError for a condition that there is not, RangeError for what no link can have */
export function withConditions(base: LinkConditions, changes: Partial<LinkConditions>): LinkConditions {
  checkOptions("of links", defaultConditions, changes);
  const all = { ...base, ...changes };
  const { latency, bytesPerSecond, lossRate } = all;
  checkLatency(latency);
  if (!(bytesPerSecond > 0)) throw new RangeError("bytesPerSecond is above 0");
  if (!(lossRate >= 0 && lossRate <= 1)) throw new RangeError("lossRate is from 0 to 1");
  return all;
}

const latencyNames: NamesOf<Latency> = { minMs: true, maxMs: true, spikeChance: true, spikeMs: true };

/** @throws TypeError for what is no latency, RangeError for one that cannot be */
export function checkLatency(latency: Latency): void {
  if (typeof latency !== "object" || latency === null) throw new TypeError("latency is { minMs, maxMs }");
  checkOptions("of a latency", latencyNames, latency);
  const { minMs, maxMs, spikeChance = 0, spikeMs = 0 } = latency;
  if (!(minMs >= 0 && maxMs >= minMs && spikeMs >= 0 && Number.isFinite(maxMs + spikeMs)))
    throw new RangeError("latency: 0 <= minMs <= maxMs, spikeMs >= 0, all finite");
  if (!(spikeChance >= 0 && spikeChance <= 1)) throw new RangeError("spikeChance is from 0 to 1");
}

/** Draws the travel time of one packet, in microseconds. */
export function drawLatencyUs({ minMs, maxMs, spikeChance = 0, spikeMs = 0 }: Latency, random: SeededRandom): number {
  const even = minMs + (maxMs - minMs) * random.float();
  return Math.round(1_000 * (random.chance(spikeChance) ? even + spikeMs : even));
}
