// `pnpm bench chord`: puts and gets of a distributed hash table, beside those of hyperdht and of libp2p's kad-dht.
import { fileURLToPath } from "node:url";
import { reportOf } from "../reporting-process.js";
import {
  type BenchOptions,
  type BenchResult,
  type Comparison,
  compare,
  type Measurement,
  type Target,
} from "../result.js";
import { type DhtName, type DhtReport, dhtNames } from "./dht/network.js";

const entry = fileURLToPath(new URL("./dht/main.js", import.meta.url));
const deadlineMs = 180_000;
/** As many as the figures of others are told for. */
const sizes: Record<DhtName, number> = { "@p2p/chord": 32, hyperdht: 32, "kad-dht": 16 };
const faster: Target = { bound: "at-most", ratio: 1 };
const more: Target = { bound: "at-least", ratio: 1 };

interface Quantity {
  readonly scenario: string;
  readonly unit: string;
  /** Undefined where the ratio is only told. */
  readonly target: Target | undefined;
  readonly pick: (report: DhtReport) => number;
}

const quantities: readonly Quantity[] = [
  { scenario: "get, one after the other", unit: "ms p50", target: faster, pick: ({ getMs }) => getMs },
  { scenario: "gets, 64 at a time", unit: "gets/s", target: more, pick: ({ getsPerSecond }) => getsPerSecond },
  { scenario: "one of these gets", unit: "µs of CPU", target: undefined, pick: ({ getCpuUs }) => getCpuUs },
  { scenario: "put, one after the other", unit: "ms p50", target: faster, pick: ({ putMs }) => putMs },
];

/** @throws Error when a get did not find what had been put */
export async function run({ rounds, progress }: BenchOptions): Promise<BenchResult> {
  const reports = new Map<DhtName, DhtReport[]>(dhtNames.map((name) => [name, []]));
  for (let round = 1; round <= rounds; round++) {
    for (const name of dhtNames) {
      const report = await reportOf<DhtReport>(entry, { args: [name, String(sizes[name])], deadlineMs });
      if (report.wrong > 0) throw new Error(`${report.wrong} gets of ${name} did not find what had been put`);
      reports.get(name)?.push(report);
      const told = quantities.map(({ unit, pick }) => `${pick(report).toFixed(2)} ${unit}`).join(", ");
      progress(`round ${round} of ${rounds}: ${name}: ${told}`);
    }
  }
  const sideOf = (name: DhtName): string => `${name}, ${sizes[name]} nodes`;
  const measurementOf = (name: DhtName, { scenario, unit, pick }: Quantity): Measurement => {
    return { scenario, side: sideOf(name), unit, samples: (reports.get(name) ?? []).map(pick) };
  };
  const [ours, ...others] = dhtNames;
  const comparisons: readonly Comparison[] = quantities.flatMap((quantity) =>
    others.map((other) => compare(measurementOf(ours, quantity), measurementOf(other, quantity), quantity.target)),
  );
  return {
    group: "chord",
    measurements: [
      ...quantities.flatMap((quantity) => dhtNames.map((name) => measurementOf(name, quantity))),
      ...dhtNames.map((name) => {
        return measurementOf(name, {
          scenario: "opening all",
          unit: "ms",
          target: undefined,
          pick: ({ openMs }) => openMs,
        });
      }),
    ],
    comparisons,
    notes: [
      "All nodes of a side share one process, on sockets of 127.0.0.1. Values of 100 B; a node at random for each put and get.",
      "@p2p/chord reads a majority of five positions, and writes a majority; hyperdht and kad-dht take the first value that comes.",
      "hyperdht stores immutable values, which it neither signs nor verifies. kad-dht runs unencrypted, each node connected with each.",
    ],
  };
}
