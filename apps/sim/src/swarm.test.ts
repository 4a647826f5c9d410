// A bounded swarm over all scenarios, and the proof that the harness finds what is broken.
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { readArguments } from "./arguments.js";
import { tellNobody } from "./chord/grown-ring.js";
import { plantedBug } from "./scenarios/planted-bug.js";
import { large, planted, scenarios } from "./scenarios.js";
import { replay, runSwarm } from "./swarm.js";

/** Crowds take longer than the rest. */
const seedsOf = (name: string): number => (name.endsWith("-small") ? 2 : 6);

test.each(scenarios.map((scenario) => [scenario.name, seedsOf(scenario.name), scenario] as const))(
  "%s holds with %i seeds",
  async (_name, seeds, scenario) => {
    const lines: string[] = [];
    const print = (line: string): number => lines.push(line);
    const result = await runSwarm({ scenarios: [scenario], seeds, isOver: () => false, print });
    expect(lines).toEqual([]);
    expect(result).toMatchObject({ runs: seeds, failed: [] });
    expect(result.events).toBeGreaterThan(1_000);
  },
);

test.each(planted.map((scenario) => [scenario.name, scenario] as const))(
  "%s, which is broken on purpose, is caught",
  async (_name, scenario) => {
    const enough = { seeds: 10, maxFailures: 3, isOver: () => false, print: () => {} };
    const { failed } = await runSwarm({ scenarios: [scenario], ...enough });
    expect(failed).toHaveLength(3);
  },
);

test("scenarios have names of their own, and the README tells of each", () => {
  const names = [...scenarios, ...large(tellNobody), ...planted].map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
  const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");
  expect(names.filter((name) => !readme.includes(`\`${name}\``))).toEqual([]);
});

test("the planted bug is found, told with the command that shows it again, and shrunk to one fault", async () => {
  const lines: string[] = [];
  const print = (line: string): number => lines.push(line);
  const { failed } = await runSwarm({ scenarios: [plantedBug], seeds: 20, isOver: () => false, print });
  const [first] = failed;
  if (first === undefined) throw new Error("the planted bug was not found");
  expect(lines).toContain(`  to see it again: pnpm sim --scenario planted-bug --seed ${first.seed}`);
  lines.length = 0;
  const smallest = await replay(plantedBug, first.seed, print);
  expect(smallest.faults).toMatchObject([{ kind: "clock-jump" }]);
  expect(lines.join("\n")).toContain("is not negative");
  expect(lines).toContain("3 nodes and 10 faults, of which these are left:");
});

test("a swarm begins with the seed that it is told", async () => {
  const lines: string[] = [];
  const print = (line: string): number => lines.push(line);
  const all = await runSwarm({ scenarios: [plantedBug], seeds: 20, isOver: () => false, print });
  const some = await runSwarm({ scenarios: [plantedBug], from: 11, seeds: 10, isOver: () => false, print });
  expect(some).toMatchObject({ runs: 10, seeds: 10, failed: all.failed.filter(({ seed }) => seed > 10) });
});

test("a swarm ends when its time is over", async () => {
  let runs = 0;
  const isOver = (): boolean => ++runs > 3;
  const result = await runSwarm({ scenarios: [plantedBug], seeds: 20, isOver, print: () => {} });
  expect([result.runs, result.seeds]).toEqual([3, 3]);
});

test("arguments are read, and wrong ones refused", () => {
  expect(readArguments([])).toEqual({ kind: "swarm", from: 1, seeds: 100, minutes: 5, scenario: undefined });
  const all = { kind: "swarm", from: 1, seeds: 1_000, minutes: 0.5, scenario: "mesh-heals" };
  expect(readArguments(["--seeds", "1000", "--minutes", "0.5", "--scenario", "mesh-heals"])).toEqual(all);
  expect(readArguments(["--from", "101"])).toEqual({ ...all, from: 101, seeds: 100, minutes: 5, scenario: undefined });
  const one = { kind: "replay", scenario: "mesh-heals", seed: 17 };
  expect(readArguments(["--scenario", "mesh-heals", "--seed", "17"])).toEqual(one);
  expect(readArguments(["--self-test"])).toEqual({ kind: "self-test" });
  expect(readArguments(["--help"])).toEqual({ kind: "help" });
  for (const wrong of [
    ["--seed", "1"],
    ["--from", "0"],
    ["--seeds", "0"],
    ["--seeds", "1.5"],
    ["--minutes", "x"],
    ["--nonsense"],
  ]) {
    expect(() => readArguments(wrong)).toThrow(TypeError);
  }
});
