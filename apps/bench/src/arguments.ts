// What `pnpm bench` was asked to do.
import { parseArgs } from "node:util";
import { type BenchGroup, benchGroups } from "./result.js";

/** Below `apps/bench`; not kept in the repository. */
const plotFolder = "report/plots";

export const usage: string = `usage: pnpm bench [${benchGroups.join(" | ")} ...] [--rounds N] [--nodes N] [--seed N] [--json FILE]
       pnpm bench chord --plots [--out FOLDER] [--seed N]

Without a name, all of them run, one after the other.
  --rounds N    how often each side is measured, 1 to 100 (default 5)
  --nodes N     how many nodes the groups sim and ring have, 10 to 20,000 (default 1,000)
  --seed N      chooses who is killed in the group kills, and draws the plots, 1 to 1,000,000 (default 1)
  --json FILE   writes every sample and ratio to FILE
  --plots       draws the figures of the papers on Chord as SVG, from simulated rings, and measures nothing
  --out FOLDER  where they are written (default ${plotFolder})
  --help        this text`;

export interface BenchArguments {
  readonly groups: readonly BenchGroup[];
  readonly rounds: number;
  readonly nodes: number;
  readonly seed: number;
  readonly jsonFile: string | undefined;
  /** Where the plots are to be written; undefined: none are asked for. */
  readonly plotFolder: string | undefined;
  readonly wantsHelp: boolean;
}

const maxRounds = 100;
const fewestNodes = 10;
const mostNodes = 20_000;
const largestSeed = 1_000_000;

/**
 * Reads the command line (without node and script).
 * @throws TypeError that names the argument and what it may be.
 */
export function readArguments(argv: readonly string[]): BenchArguments {
  const { values, positionals } = parseArgs({
    // pnpm hands on the "--" that separates its own options.
    args: argv.filter((argument) => argument !== "--"),
    allowPositionals: true,
    options: {
      rounds: { type: "string", default: "5" },
      nodes: { type: "string", default: "1000" },
      seed: { type: "string", default: "1" },
      json: { type: "string" },
      plots: { type: "boolean", default: false },
      out: { type: "string", default: plotFolder },
      help: { type: "boolean", default: false },
    },
  });
  const rounds = wholeNumber("rounds", values.rounds, 1, maxRounds);
  const nodes = wholeNumber("nodes", values.nodes, fewestNodes, mostNodes);
  const seed = wholeNumber("seed", values.seed, 1, largestSeed);
  if (values.json === "") throw new TypeError("--json needs the name of a file");
  const groups = positionals.map(groupNamed);
  if (values.plots && (groups.length !== 1 || groups[0] !== "chord"))
    throw new TypeError("--plots are of chord, and of nothing else: pnpm bench chord --plots");
  if (values.out === "") throw new TypeError("--out needs the name of a folder");
  return {
    groups: groups.length > 0 ? [...new Set(groups)] : benchGroups,
    rounds,
    nodes,
    seed,
    jsonFile: values.json,
    plotFolder: values.plots ? values.out : undefined,
    wantsHelp: values.help,
  };
}

function wholeNumber(name: string, text: string, least: number, most: number): number {
  const number = Number(text);
  if (Number.isInteger(number) && number >= least && number <= most) return number;
  throw new TypeError(`--${name} must be a whole number from ${least} to ${most}, not "${text}"`);
}

function groupNamed(text: string): BenchGroup {
  const group = benchGroups.find((name) => name === text);
  if (group === undefined)
    throw new TypeError(`there is no benchmark "${text}": choose from ${benchGroups.join(", ")}`);
  return group;
}
