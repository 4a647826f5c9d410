// `pnpm bench sim`: a world of mesh nodes in virtual time; events a second, memory a node, and the minute it has to fit in.
import { fileURLToPath } from "node:url";
import { reportOf } from "../reporting-process.js";
import { type BenchOptions, type BenchResult, compare, type Measurement, type Target } from "../result.js";
import type { SimPhase, SimReport } from "./report.js";

const entry = fileURLToPath(new URL("./main.js", import.meta.url));
/** Of 1,000 nodes and fewer; more nodes send fewer, so that a run stays one of minutes. */
const mostBroadcasts = 100;
const mostDeliveries = 100_000;
const deadlineMs = 1_800_000;
/** What 1,000 nodes and 100 broadcasts may take, of one core and of memory. */
const atMost = { nodes: 1_000, cpuSeconds: 60, peakMiB: 2_048 };
const target: Target = { bound: "at-most", ratio: 1 };
const side = "@p2p/simulator";
/** Room for what many nodes have on their way: else that is moved to where collecting it is slow. In MiB. */
const execArgv = ["--expose-gc", "--min-semi-space-size=32", "--max-semi-space-size=128"];

const mebibyte = 1_048_576;

function phasesOf({ joining, settling, broadcasting }: SimReport): readonly SimPhase[] {
  return [joining, settling, broadcasting];
}

function sumOf(report: SimReport, pick: (phase: SimPhase) => number): number {
  return phasesOf(report).reduce((sum, phase) => sum + pick(phase), 0);
}

function cpuSeconds(report: SimReport): number {
  return sumOf(report, ({ cpuMs }) => cpuMs) / 1_000;
}

/** @throws Error when a broadcast did not come to every node exactly once */
export async function run({ rounds, nodes, progress }: BenchOptions): Promise<BenchResult> {
  const broadcasts = Math.min(mostBroadcasts, Math.ceil(mostDeliveries / nodes));
  const reports: SimReport[] = [];
  for (let round = 1; round <= rounds; round++) {
    const args = [String(nodes), String(broadcasts)];
    const report = await reportOf<SimReport>(entry, { args, execArgv, deadlineMs });
    if (report.missed > 0 || report.twice > 0) {
      throw new Error(`of all broadcasts ${report.missed} did not come to a node, and ${report.twice} came twice`);
    }
    reports.push(report);
    const rate = (1_000 * sumOf(report, ({ events }) => events)) / sumOf(report, ({ cpuMs }) => cpuMs);
    const peak = (report.peakBytes / mebibyte).toFixed(0);
    progress(
      `round ${round} of ${rounds}: ${cpuSeconds(report).toFixed(1)} s of CPU, ${rate.toFixed(0)} events/s, ${peak} MiB`,
    );
  }
  const scenario = `${nodes} nodes, ${broadcasts} broadcasts`;
  const measured = (what: string, unit: string, pick: (report: SimReport) => number): Measurement => {
    return { scenario: what, side, unit, samples: reports.map(pick) };
  };
  const rate = (what: string, pick: (report: SimReport) => readonly SimPhase[]): Measurement =>
    measured(what, "events/s of CPU", (report) => {
      const phases = pick(report);
      const cpuMs = phases.reduce((sum, phase) => sum + phase.cpuMs, 0);
      return (1_000 * phases.reduce((sum, { events }) => sum + events, 0)) / cpuMs;
    });
  const cpu = measured(scenario, "s of CPU", cpuSeconds);
  const peak = measured(`${scenario}: memory`, "MiB at most", ({ peakBytes }) => peakBytes / mebibyte);
  const allowed = (measurement: Measurement, most: number): Measurement => {
    return { ...measurement, side: "allowed", samples: measurement.samples.map(() => most) };
  };
  return {
    group: "sim",
    measurements: [
      cpu,
      measured(scenario, "s on the wall", (report) => sumOf(report, ({ wallMs }) => wallMs) / 1_000),
      rate("all", phasesOf),
      rate("joining", ({ joining }) => [joining]),
      rate("settling", ({ settling }) => [settling]),
      rate("broadcasting", ({ broadcasting }) => [broadcasting]),
      measured("a node that has joined", "KiB", ({ bytesPerNode }) => bytesPerNode / 1_024),
      peak,
      measured("links of a node", "links", ({ links }) => links),
      measured("one broadcast", "messages sent in all", ({ framesSent }) => framesSent),
    ],
    comparisons:
      nodes === atMost.nodes
        ? [compare(cpu, allowed(cpu, atMost.cpuSeconds), target), compare(peak, allowed(peak, atMost.peakMiB), target)]
        : [],
    notes: [
      "Real nodes, one process: each joins by one that came before, then 60 s of virtual time, then a broadcast each 100 ms.",
      "Each broadcast came to every other node exactly once. CPU is of all threads, the garbage collector's too.",
      `Node runs with ${execArgv.slice(1).join(" ")}: without, 4,000 nodes took about a quarter longer.`,
      "Memory of a node: growth of heap and buffers after garbage collection. MiB at most: resident memory of the process.",
    ],
  };
}
