// `pnpm bench idle`: what an idle connection costs in memory, beside a pair of bare sockets.
import { fileURLToPath } from "node:url";
import { reportOf } from "../reporting-process.js";
import { type BenchOptions, type BenchResult, compare, type Measurement } from "../result.js";
import { type IdleReport, type PairName, pairNames } from "./pairs.js";

const entry = fileURLToPath(new URL("./main.js", import.meta.url));
const pairCount = 1_000;
const deadlineMs = 60_000;
const atMost = 3;

/** Memory of one pair, in KiB, in a fresh process. */
async function measure(name: PairName): Promise<number> {
  const args = [name, String(pairCount)];
  const { bytesPerPair } = await reportOf<IdleReport>(entry, { args, execArgv: ["--expose-gc"], deadlineMs });
  return bytesPerPair / 1024;
}

export async function run({ rounds, progress }: BenchOptions): Promise<BenchResult> {
  const samples = new Map<PairName, number[]>(pairNames.map((name) => [name, []]));
  for (let round = 1; round <= rounds; round++) {
    const told: string[] = [];
    for (const name of pairNames) {
      const kib = await measure(name);
      samples.get(name)?.push(kib);
      told.push(`${name} ${kib.toFixed(1)} KiB`);
    }
    progress(`round ${round} of ${rounds}: ${told.join(", ")} a pair`);
  }
  const scenario = "idle connection, both ends";
  const measurementOf = (side: PairName): Measurement => {
    return { scenario, side, unit: "KiB RSS", samples: samples.get(side) ?? [] };
  };
  return {
    group: "idle",
    measurements: pairNames.map(measurementOf),
    comparisons: [
      compare(measurementOf("@p2p/base"), measurementOf("raw sockets"), { bound: "at-most", ratio: atMost }),
    ],
    notes: [
      `Growth of the resident memory of one process that holds both ends of ${pairCount} pairs, after garbage collection.`,
      "The nodes are open before the first look: they dial one another, each pair of nodes once.",
    ],
  };
}
