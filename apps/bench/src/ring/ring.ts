// `pnpm bench ring`: a ring of whole nodes in virtual time; how long the ways of lookups are, what upkeep costs, memory of a node.
import { fileURLToPath } from "node:url";
import { reportOf } from "../reporting-process.js";
import { type BenchOptions, type BenchResult, compare, type Measurement, type Target } from "../result.js";
import type { SimPhase } from "../sim/report.js";
import type { RingReport } from "./report.js";

const entry = fileURLToPath(new URL("./main.js", import.meta.url));
const lookups = 2_000;
/** Of 10,000 nodes on a machine with other things to do. */
const deadlineMs = 3 * 3_600_000;
/** What a node may send in a second of rest, in bytes [USENIX 2004, Bamboo]. */
const upkeepAtMost = 900;
const target: Target = { bound: "at-most", ratio: 1 };
const side = "@p2p/chord";
/** Room for what many nodes have on their way: else that is moved to where collecting it is slow. In MiB. */
const execArgv = ["--expose-gc", "--min-semi-space-size=32", "--max-semi-space-size=128", "--max-old-space-size=6144"];

const mebibyte = 1_048_576;

function phasesOf({ joining, settling, resting, lookingUp }: RingReport): readonly SimPhase[] {
  return [joining, settling, resting, lookingUp];
}

function sumOf(report: RingReport, pick: (phase: SimPhase) => number): number {
  return phasesOf(report).reduce((sum, phase) => sum + pick(phase), 0);
}

/** @throws Error when the ring is none, or a lookup did not name the owner */
export async function run({ rounds, nodes, progress }: BenchOptions): Promise<BenchResult> {
  const reports: RingReport[] = [];
  for (let round = 1; round <= rounds; round++) {
    const report = await reportOf<RingReport>(entry, { args: [String(nodes), String(lookups)], execArgv, deadlineMs });
    if (report.broken.length > 0) throw new Error(report.broken.slice(0, 5).join("; "));
    if (report.right < lookups) throw new Error(`${report.right} of ${lookups} lookups named the owner`);
    reports.push(report);
    const { hops, upkeep, peakBytes } = report;
    const path = `mean path ${hops.mean.toFixed(2)}, p99 ${hops.p99}, longest ${hops.most}`;
    const seconds = (sumOf(report, ({ cpuMs }) => cpuMs) / 1_000).toFixed(0);
    const memory = (peakBytes / mebibyte).toFixed(0);
    progress(
      `round ${round} of ${rounds}: ${path}; ${upkeep.toFixed(0)} B/s a node; ${seconds} s of CPU, ${memory} MiB`,
    );
  }
  const measured = (what: string, unit: string, pick: (report: RingReport) => number): Measurement => {
    return { scenario: what, side, unit, samples: reports.map(pick) };
  };
  const allowed = (measurement: Measurement, most: number): Measurement => {
    return { ...measurement, side: "allowed", samples: measurement.samples.map(() => most) };
  };
  const path = measured(`a lookup among ${nodes} nodes`, "nodes passed", ({ hops }) => hops.mean);
  const upkeep = measured("upkeep of a node", "B/s", (report) => report.upkeep);
  const per = (what: string, pick: (report: RingReport) => SimPhase): Measurement =>
    measured(what, "events/s of CPU", (report) => (1_000 * pick(report).events) / pick(report).cpuMs);
  return {
    group: "ring",
    measurements: [
      path,
      measured("p99 of lookups", "nodes passed", ({ hops }) => hops.p99),
      measured("the longest lookup", "nodes passed", ({ hops }) => hops.most),
      upkeep,
      measured("links of a node", "links", ({ links }) => links),
      measured("a node in its place", "KiB", ({ bytesPerNode }) => bytesPerNode / 1_024),
      measured("memory of all", "MiB at most", ({ peakBytes }) => peakBytes / mebibyte),
      measured("all", "s of CPU", (report) => sumOf(report, ({ cpuMs }) => cpuMs) / 1_000),
      measured("all", "s on the wall", (report) => sumOf(report, ({ wallMs }) => wallMs) / 1_000),
      per("joining", ({ joining }) => joining),
      per("resting", ({ resting }) => resting),
    ],
    comparisons: [
      compare(path, allowed(path, Math.log2(nodes) / 2 + 1), target),
      compare(upkeep, allowed(upkeep, upkeepAtMost), target),
    ],
    notes: [
      "Whole nodes, one process: each joins by one that came before, until all know who is next to them, and 15 s more; then rest, lookups.",
      "Upkeep is all that nodes sent in a minute of rest, with more than 1,000 nodes in 10 s of it: connections and pings included.",
      `All ${lookups} lookups of random positions by random nodes named the owner. Latencies of 20 to 80 ms one way.`,
      "Allowed: ½ log2 n + 1 nodes passed; 900 bytes a second, Bamboo's figure (USENIX 2004).",
      "Memory of a node: growth of heap and buffers after garbage collection. MiB at most: resident memory of the process.",
    ],
  };
}
