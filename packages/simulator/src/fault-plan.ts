// Faults as plain data: drawn from a seed, kept, taken away one by one when a failure is shrunk, and played again.
import type { SeededRandom } from "./seeded-random.js";

/** Something that goes wrong at `atMs`, and is mended `forMs` later where it can be. Times are virtual, in ms. */
export type Fault =
  | {
      readonly kind: "partition";
      readonly atMs: number;
      readonly forMs: number;
      readonly from: readonly string[];
      readonly to: readonly string[];
      readonly oneWay: boolean;
    }
  | {
      readonly kind: "crash";
      readonly atMs: number;
      readonly forMs: number;
      readonly node: string;
      readonly disk: "kept" | "lost";
      readonly isPowerLost: boolean;
    }
  | { readonly kind: "half-open"; readonly atMs: number; readonly node: string; readonly peer: string }
  | { readonly kind: "clock-jump"; readonly atMs: number; readonly node: string; readonly byMs: number }
  | {
      readonly kind: "slow";
      readonly atMs: number;
      readonly forMs: number;
      readonly node: string;
      readonly bytesPerSecond: number;
    }
  | { readonly kind: "loss"; readonly atMs: number; readonly forMs: number; readonly lossRate: number };

export type FaultKind = Fault["kind"];

export interface FaultMix {
  /** How many faults. */
  readonly count: number;
  /** They begin within this time, and are mended within it too, in ms. */
  readonly durationMs: number;
  /** Default: all. */
  readonly kinds?: readonly FaultKind[];
}

const allKinds: readonly FaultKind[] = ["partition", "crash", "half-open", "clock-jump", "slow", "loss"];

const maxJumpMs = 600_000;

/** Draws faults for these nodes, at least two, in the order of their time. */
export function drawFaults(random: SeededRandom, nodes: readonly string[], mix: FaultMix): readonly Fault[] {
  if (nodes.length < 2) throw new RangeError("faults are between two nodes or more");
  const faults = Array.from({ length: mix.count }, () => drawFault(random, nodes, mix));
  return faults.toSorted((a, b) => a.atMs - b.atMs);
}

function drawFault(random: SeededRandom, nodes: readonly string[], { durationMs, kinds = allKinds }: FaultMix): Fault {
  const kind = random.pick(kinds);
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
    case "half-open":
      return { kind, atMs, node, peer };
    case "clock-jump":
      return { kind, atMs, node, byMs: random.integer(2 * maxJumpMs) - maxJumpMs };
    case "slow":
      return { kind, atMs, forMs, node, bytesPerSecond: 1_000 + random.integer(100_000) };
    case "loss":
      return { kind, atMs, forMs, lossRate: random.integer(30) / 100 };
    default:
      return kind satisfies never;
  }
}
