// The command line of the swarm runner.
import { parseArgs } from "node:util";

export type SimArguments =
  | {
      readonly kind: "swarm";
      readonly from: number;
      readonly seeds: number;
      readonly minutes: number;
      readonly scenario: string | undefined;
    }
  | { readonly kind: "replay"; readonly scenario: string; readonly seed: number }
  | { readonly kind: "self-test" }
  | { readonly kind: "help" };

export const usage = `pnpm sim [--seeds 100] [--from 1] [--minutes 5] [--scenario name]   plays scenarios, seed by seed
pnpm sim --scenario name --seed 17                                   plays one run again, and shrinks it if it fails
pnpm sim --self-test                                                 finds what is broken on purpose`;

/** @throws TypeError for arguments that are none */
export function readArguments(argv: readonly string[]): SimArguments {
  const options = {
    seeds: { type: "string" },
    from: { type: "string" },
    minutes: { type: "string" },
    scenario: { type: "string" },
    seed: { type: "string" },
    "self-test": { type: "boolean" },
    help: { type: "boolean" },
  } as const;
  const { values } = parseArgs({ args: [...argv], options });
  if (values.help === true) return { kind: "help" };
  if (values["self-test"] === true) return { kind: "self-test" };
  if (values.seed === undefined) {
    const { seeds = "100", from = "1", scenario } = values;
    const minutes = positive("minutes", values.minutes ?? "5");
    return { kind: "swarm", from: count("from", from), seeds: count("seeds", seeds), minutes, scenario };
  }
  if (values.scenario === undefined) throw new TypeError("--seed goes with --scenario");
  return { kind: "replay", scenario: values.scenario, seed: count("seed", values.seed) };
}

function positive(name: string, text: string): number {
  const value = Number(text);
  if (!(value > 0 && Number.isFinite(value))) throw new TypeError(`--${name} is a number above 0, not "${text}"`);
  return value;
}

function count(name: string, text: string): number {
  const value = positive(name, text);
  if (!Number.isSafeInteger(value)) throw new TypeError(`--${name} is a whole number, not "${text}"`);
  return value;
}
