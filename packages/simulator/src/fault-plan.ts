// Faults as plain data: drawn from a seed, kept, made fewer and shorter when a failure is shrunk, and played again.
import type { Latency } from "./link-conditions.js";
import type { SeededRandom } from "./seeded-random.js";

interface Lasting {
  readonly atMs: number;
  /** Until it is mended. */
  readonly forMs: number;
}

/** Something that goes wrong at `atMs`, and is mended `forMs` later where it can be. Times are virtual, in ms. */
export type Fault =
  | (Lasting & {
      readonly kind: "partition";
      readonly from: readonly string[];
      readonly to: readonly string[];
      readonly oneWay: boolean;
    })
  | (Lasting & {
      readonly kind: "crash";
      readonly node: string;
      readonly disk: "kept" | "lost";
      readonly isPowerLost: boolean;
    })
  | { readonly kind: "reset"; readonly atMs: number; readonly node: string; readonly peer: string }
  | { readonly kind: "half-open"; readonly atMs: number; readonly node: string; readonly peer: string }
  | { readonly kind: "clock-jump"; readonly atMs: number; readonly node: string; readonly byMs: number }
  | (Lasting & { readonly kind: "clock-drift"; readonly node: string; readonly ppm: number })
  | (Lasting & { readonly kind: "pause"; readonly node: string })
  | (Lasting & { readonly kind: "slow"; readonly node: string; readonly bytesPerSecond: number })
  | (Lasting & { readonly kind: "latency"; readonly latency: Latency })
  | (Lasting & { readonly kind: "bandwidth"; readonly bytesPerSecond: number })
  | (Lasting & { readonly kind: "loss"; readonly lossRate: number });

export type FaultKind = Fault["kind"];

export interface FaultMix {
  /** How many faults. */
  readonly count: number;
  /** They begin within this time, and are mended within it too, in ms. */
  readonly durationMs: number;
  /** Default: all; of a single node those that take no other. */
  readonly kinds?: readonly FaultKind[];
}

/** Kinds that are between two nodes. */
const betweenTwo: readonly FaultKind[] = ["partition", "reset", "half-open"];

const ofOne: readonly FaultKind[] = [
  "crash",
  "clock-jump",
  "clock-drift",
  "slow",
  "latency",
  "bandwidth",
  "loss",
  "pause",
];

export const allKinds: readonly FaultKind[] = [...betweenTwo, ...ofOne];

const maxJumpMs = 600_000;
const maxDriftPpm = 20_000;

/**
 * Draws faults for these nodes, in the order of their time.
 * @throws RangeError for too few nodes, or a mix that cannot be; TypeError for a kind that there is not
 */
export function drawFaults(random: SeededRandom, nodes: readonly string[], mix: FaultMix): readonly Fault[] {
  const isAlone = new Set(nodes).size < 2;
  const { count, durationMs, kinds = isAlone ? ofOne : allKinds } = mix;
  if (!(Number.isSafeInteger(count) && count >= 0)) throw new RangeError("count is an integer from 0 up");
  if (!(durationMs >= 1 && Number.isFinite(durationMs))) throw new RangeError("durationMs is a number from 1 up");
  for (const kind of kinds) if (!allKinds.includes(kind)) throw new TypeError(`there is no kind of fault "${kind}"`);
  if (count > 0 && nodes.length === 0) throw new RangeError("faults concern one node or more");
  if (isAlone && kinds.some((kind) => betweenTwo.includes(kind)))
    throw new RangeError(`faults of the kinds ${betweenTwo.join(", ")} are between two nodes or more`);
  if (kinds.length === 0) throw new RangeError("kinds: at least one, or leave it out for all");
  const faults = Array.from({ length: count }, () => drawFault(random, nodes, durationMs, random.pick(kinds)));
  return faults.toSorted((a, b) => a.atMs - b.atMs);
}

function drawFault(random: SeededRandom, nodes: readonly string[], durationMs: number, kind: FaultKind): Fault {
  const atMs = random.integer(durationMs);
  const forMs = 1 + random.integer(durationMs - atMs);
  const [node = "", peer = "", ...others] = random.shuffle(nodes);
  switch (kind) {
    case "partition": {
      const [from, to] = [[node], [peer]];
      for (const other of others) (random.chance(0.5) ? from : to).push(other);
      return { kind, atMs, forMs, from, to, oneWay: random.chance(0.3) };
    }
    case "crash":
      return {
        kind,
        atMs,
        forMs,
        node,
        disk: random.chance(0.5) ? "kept" : "lost",
        isPowerLost: random.chance(0.5),
      };
    case "reset":
    case "half-open":
      return { kind, atMs, node, peer };
    case "pause":
      return { kind, atMs, forMs, node };
    case "clock-jump":
      return { kind, atMs, node, byMs: random.integer(2 * maxJumpMs) - maxJumpMs };
    case "clock-drift":
      return { kind, atMs, forMs, node, ppm: random.integer(2 * maxDriftPpm) - maxDriftPpm };
    case "slow":
      return { kind, atMs, forMs, node, bytesPerSecond: 1_000 + random.integer(100_000) };
    case "latency": {
      const minMs = random.integer(500);
      const maxMs = minMs + random.integer(500);
      return { kind, atMs, forMs, latency: { minMs, maxMs, spikeChance: 0.05, spikeMs: random.integer(3_000) } };
    }
    case "bandwidth":
      return { kind, atMs, forMs, bytesPerSecond: 5_000 + random.integer(200_000) };
    case "loss":
      return { kind, atMs, forMs, lossRate: random.integer(30) / 100 };
    default:
      return kind satisfies never;
  }
}
