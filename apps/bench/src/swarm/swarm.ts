// `pnpm bench swarm`: 200 nodes on loopback sockets, and what one broadcast takes to reach them all.
import { fileURLToPath } from "node:url";
import { reportOf } from "../reporting-process.js";
import type { BenchOptions, BenchResult, Measurement } from "../result.js";
import type { SwarmBroadcast, SwarmReport } from "./report.js";

const entry = fileURLToPath(new URL("./main.js", import.meta.url));
const nodeCount = 200;
const deadlineMs = 180_000;

/** @throws Error when a broadcast did not come to every node exactly once */
export async function run({ rounds, progress }: BenchOptions): Promise<BenchResult> {
  progress(`${nodeCount} nodes in one process open, join and settle`);
  const { openMs, links, broadcasts } = await reportOf<SwarmReport>(entry, {
    args: [String(nodeCount), String(rounds)],
    deadlineMs,
  });
  for (const [i, { allMs, reached, twice, framesSent }] of broadcasts.entries()) {
    progress(
      `broadcast ${i + 1} of ${rounds}: ${reached} reached in ${allMs.toFixed(1)} ms, ${framesSent} messages sent`,
    );
    if (reached !== nodeCount - 1 || twice > 0) {
      throw new Error(`a broadcast came to ${reached} of ${nodeCount - 1} nodes, and to ${twice} more than once`);
    }
  }
  const scenario = `broadcast to ${nodeCount} nodes`;
  const measurement = (unit: string, pick: (broadcast: SwarmBroadcast) => number): Measurement => {
    return { scenario, side: "@p2p/mesh", unit, samples: broadcasts.map(pick) };
  };
  return {
    group: "swarm",
    measurements: [
      measurement("ms to all", ({ allMs }) => allMs),
      measurement("messages sent in all", ({ framesSent }) => framesSent),
      { scenario: "joining", side: "@p2p/mesh", unit: "ms to open all", samples: [openMs] },
      { scenario: "links of a node", side: "@p2p/mesh", unit: "links", samples: links },
    ],
    comparisons: [],
    notes: [
      `All ${nodeCount} nodes share one process and one core; each broadcast came to every other node exactly once.`,
      `The least number of messages that reach all is ${nodeCount - 1}; the rest is what makes up for nodes that die.`,
    ],
  };
}
