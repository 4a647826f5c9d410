// `pnpm bench kills`: a ring of 12 processes under load, two of which are killed at random every few seconds, for a minute.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import type { BenchOptions, BenchResult, Measurement } from "../../result.js";
import { besiege, type SiegeReport } from "./siege.js";

const script = fileURLToPath(new URL("./member.js", import.meta.url));
const processes = 12;
const atOnce = 2;
const durationMs = 60_000;
/** Between two kills, in ms. */
const apart = { least: 2_000, most: 5_000 } as const;
const deadlineMs = 240_000;
const scenarios = ["come back with their store", "come back with nothing"] as const;

/** @throws Error when an acknowledged value is lost */
export async function run({ seed, progress }: BenchOptions): Promise<BenchResult> {
  const measurements: Measurement[] = [];
  for (const scenario of scenarios) {
    const folder = scenario === "come back with nothing" ? undefined : mkdtempSync(join(tmpdir(), "p2p-kills-"));
    try {
      const report = await endure(folder, seed, (line) => progress(`they ${scenario}: ${line}`));
      for (const sentence of report.stale) progress(`they ${scenario}: stale: ${sentence}`);
      if (report.lost.length > 0) {
        throw new Error(`${report.lost.length} acknowledged values were lost: ${report.lost.slice(0, 5).join("; ")}`);
      }
      const of = (unit: string, sample: number): Measurement => {
        return { scenario: `they ${scenario}`, side: "@p2p/chord", unit, samples: [sample] };
      };
      measurements.push(
        of("processes killed", report.kills),
        of("writes acknowledged", report.acknowledged),
        of("reads that were right", report.right),
        of("operations failed", report.failed),
        of("keys read in the end", report.keys),
        of("stale reads", report.stale.length),
        of("acknowledged values lost", report.lost.length),
      );
    } finally {
      if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
    }
  }
  return {
    group: "kills",
    measurements,
    comparisons: [],
    notes: [
      `${processes} processes that write and read; ${atOnce} of them are killed with SIGKILL every ${apart.least / 1_000} to ${apart.most / 1_000} s for ${durationMs / 1_000} s, and started again at once.`,
      "Lost: neither what was acknowledged nor something newer is found in the end, by any process; every key is read.",
      "Stale: a read found less than had been acknowledged before it began; what was acknowledged is not lost unless told above.",
      "Operations failed: those of the processes that were killed, which may or may not have happened.",
    ],
  };
}

async function endure(folder: string | undefined, seed: number, tell: (line: string) => void): Promise<SiegeReport> {
  let endMs: number | undefined;
  return besiege({
    command: { script, execArgv: [] },
    processes,
    atOnce,
    lanes: 4,
    keysPerLane: 25,
    folder,
    seed,
    tell,
    signal: AbortSignal.timeout(deadlineMs),
    async pace(_history, random) {
      endMs ??= performance.now() + durationMs;
      await wait(apart.least + random.integer(apart.most - apart.least));
      return performance.now() < endMs;
    },
  });
}
