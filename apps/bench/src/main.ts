// Entry of `pnpm bench`: runs the groups asked for, prints their tables, writes the JSON file.
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { type BenchArguments, readArguments, usage } from "./arguments.js";
import { thisMachine } from "./machine.js";
import { reportLines, summaryLine } from "./report.js";
import type { BenchGroup, BenchOptions, BenchResult } from "./result.js";

/** Loaded when it is its turn: what one group needs does not weigh on another. */
const groups: Record<BenchGroup, () => Promise<(options: BenchOptions) => Promise<BenchResult>>> = {
  wire: async () => (await import("./wire.js")).run,
  mesh: async () => (await import("./mesh/mesh.js")).run,
  sync: async () => (await import("./sync/sync.js")).run,
  chord: async () => (await import("./chord/chord.js")).run,
  kills: async () => (await import("./chord/kills/kills.js")).run,
  secure: async () => (await import("./secure/secure.js")).run,
  idle: async () => (await import("./idle/idle.js")).run,
  swarm: async () => (await import("./swarm/swarm.js")).run,
  sim: async () => (await import("./sim/sim.js")).run,
  ring: async () => (await import("./ring/ring.js")).run,
};

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

async function runAll({ groups: names, rounds, nodes, seed, jsonFile }: BenchArguments): Promise<void> {
  const machine = thisMachine();
  print(`Node ${machine.node}, ${machine.cores} cores of ${machine.cpu}; each side ${rounds} times, in turns.`);
  // Now, so that a path that cannot be is told before minutes of work.
  if (jsonFile !== undefined) mkdirSync(dirname(resolve(jsonFile)), { recursive: true });
  const results: BenchResult[] = [];
  for (const name of names) {
    const bench = await groups[name]();
    const result = await bench({ rounds, nodes, seed, progress: (line) => print(`  ${name}: ${line}`) });
    results.push(result);
    for (const line of reportLines(result)) print(line);
  }
  print(`\n${summaryLine(results)}`);
  if (jsonFile === undefined) return;
  writeFileSync(jsonFile, `${JSON.stringify({ at: new Date().toISOString(), machine, rounds, results }, null, 2)}\n`);
  print(`every sample is in ${resolve(jsonFile)}`);
}

/** The arguments, or undefined when they are wrong or asked for help, which has been told then. */
function readOrTell(argv: readonly string[]): BenchArguments | undefined {
  try {
    const given = readArguments(argv);
    if (!given.wantsHelp) return given;
    print(usage);
  } catch (error) {
    process.stderr.write(`bench: ${(error as Error).message}\n\n${usage}\n`);
    process.exitCode = 2;
  }
  return undefined;
}

async function plot(folder: string, seed: number): Promise<void> {
  const { plotAll, usualSizes } = await import("./chord/plots/plots.js");
  await plotAll({ folder: resolve(folder), seed, sizes: usualSizes, progress: print });
}

const given = readOrTell(process.argv.slice(2));
if (given?.plotFolder !== undefined) await plot(given.plotFolder, given.seed);
else if (given) await runAll(given);
