// `pnpm bench mesh`: messages a second from one process to another, beside other libraries and bare TCP.

import { type BenchOptions, type BenchResult, type Comparison, compare, median } from "../result.js";
import { Samples } from "../samples.js";
import type { SideName } from "../sides/side.js";
import { type Flood, flood, latency, type Topology } from "./chain.js";

const ours: SideName = "@p2p/mesh";

/** One row of work: a size and a topology, and every side that is measured with it, in the order of a round. */
interface Scenario {
  readonly name: string;
  readonly payloadBytes: number;
  readonly topology: Topology;
  readonly sides: readonly SideName[];
}

const scenarios: readonly Scenario[] = [
  {
    name: "64 B",
    payloadBytes: 64,
    topology: "direct",
    sides: [ours, "gossipsub plaintext", "gossipsub noise", "js2p", "raw tcp"],
  },
  { name: "64 B relayed", payloadBytes: 64, topology: "relayed", sides: [ours] },
  { name: "1 KiB", payloadBytes: 1024, topology: "direct", sides: [ours, "gossipsub noise", "js2p", "raw tcp"] },
  { name: "1 KiB relayed", payloadBytes: 1024, topology: "relayed", sides: [ours] },
  { name: "64 KiB", payloadBytes: 64 * 1024, topology: "direct", sides: [ours, "raw tcp"] },
  { name: "64 KiB relayed", payloadBytes: 64 * 1024, topology: "relayed", sides: [ours] },
];

/** What is compared: our scenario with a scenario of another side, and the least ratio where one is asked for. */
const pairs: readonly (readonly [scenario: string, otherScenario: string, other: SideName, atLeast?: number])[] = [
  ["64 B", "64 B", "gossipsub plaintext", 10],
  ["64 B", "64 B", "gossipsub noise"],
  ["64 B", "64 B", "js2p", 100],
  ["64 B", "64 B", "raw tcp"],
  ["1 KiB", "1 KiB", "gossipsub noise", 8],
  ["1 KiB", "1 KiB", "js2p"],
  ["1 KiB", "1 KiB", "raw tcp"],
  ["64 KiB", "64 KiB", "raw tcp", 0.5],
  ["64 B relayed", "64 B", ours, 0.7],
  ["1 KiB relayed", "1 KiB", ours, 0.7],
  ["64 KiB relayed", "64 KiB", ours, 0.7],
  // Beside the others without a relay, 70 % of what is asked without one: that does not depend on the number of cores.
  ["64 B relayed", "64 B", "gossipsub plaintext", 7],
  ["64 B relayed", "64 B", "js2p", 70],
  ["1 KiB relayed", "1 KiB", "gossipsub noise", 5.6],
  ["64 KiB relayed", "64 KiB", "raw tcp", 0.35],
];

const latencySides: readonly SideName[] = [ours, "gossipsub plaintext", "gossipsub noise"];
const latencyPayloadBytes = 64;

/** Rates of every scenario, then latencies at a tenth of each side's own. */
export async function run({ rounds, progress }: BenchOptions): Promise<BenchResult> {
  const samples = new Samples();
  const missing = new Map<string, number>();
  for (let round = 1; round <= rounds; round++) {
    for (const { name, sides, topology, payloadBytes } of scenarios) {
      const told: string[] = [];
      for (const side of sides) {
        const found = await flood(side, topology, payloadBytes);
        addFlood(samples, name, side, payloadBytes, found);
        if (found.missing > 0) missing.set(side, Math.max(found.missing, missing.get(side) ?? 0));
        told.push(`${side} ${Math.round(found.perSecond).toLocaleString("en")}/s`);
      }
      progress(`round ${round} of ${rounds}, ${name}: ${told.join(", ")}`);
    }
    await takeLatencies(samples, (line) => progress(`round ${round} of ${rounds}, ${line}`));
  }
  return {
    group: "mesh",
    measurements: samples.all(),
    comparisons: comparisons(samples),
    notes: [
      "Two processes (three when relayed) on loopback; rates are counted at the subscriber, which is the application.",
      "Relayed runs need three busy processes: on two cores they share what two had alone.",
      ...[...missing].map(([side, count]) => `${side}: up to ${count} messages of a run did not arrive.`),
    ],
  };
}

function addFlood(samples: Samples, name: string, side: SideName, payloadBytes: number, found: Flood): void {
  samples.add(name, side, "msg/s", found.perSecond);
  if (payloadBytes >= 1024) samples.add(name, side, "MB/s", (found.perSecond * payloadBytes) / 1e6);
  samples.add(name, side, "µs CPU/msg sent", found.publisherCpuUs);
  if (found.relayCpuUs !== undefined) samples.add(name, side, "µs CPU/msg relayed", found.relayCpuUs);
  samples.add(name, side, "µs CPU/msg received", found.subscriberCpuUs);
}

async function takeLatencies(samples: Samples, progress: (line: string) => void): Promise<void> {
  const told: string[] = [];
  for (const side of latencySides) {
    const perSecond = median(samples.find("64 B", side, "msg/s")?.samples ?? []) / 10;
    const { p50Ms, p99Ms } = await latency(side, "direct", latencyPayloadBytes, perSecond);
    samples.add("latency p50, 64 B at a tenth of the load", side, "ms", p50Ms);
    samples.add("latency p99, 64 B at a tenth of the load", side, "ms", p99Ms);
    told.push(`${side} p50 ${p50Ms.toFixed(2)} p99 ${p99Ms.toFixed(2)} ms`);
  }
  progress(`latency at a tenth of the load: ${told.join(", ")}`);
}

function comparisons(samples: Samples): readonly Comparison[] {
  return pairs.flatMap(([scenario, otherScenario, otherSide, atLeast]) => {
    const mine = samples.find(scenario, ours, "msg/s");
    const other = samples.find(otherScenario, otherSide, "msg/s");
    if (!mine || !other) return [];
    const named = scenario === otherScenario ? other : { ...other, side: `${otherSide} ${otherScenario}` };
    return [compare(mine, named, atLeast === undefined ? undefined : { bound: "at-least", ratio: atLeast })];
  });
}
