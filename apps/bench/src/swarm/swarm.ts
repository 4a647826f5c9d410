// `pnpm bench swarm`: 200 nodes on loopback sockets, and what one broadcast takes to reach them all.
import type { BenchOptions, BenchResult } from "../result.js";

export async function run(_options: BenchOptions): Promise<BenchResult> {
  return { group: "swarm", measurements: [], comparisons: [], notes: ["not there yet"] };
}
