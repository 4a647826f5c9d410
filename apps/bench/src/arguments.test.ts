import { describe, expect, it } from "vitest";
import { readArguments } from "./arguments.js";
import { benchGroups } from "./result.js";

describe("readArguments", () => {
  it("runs everything five times by default", () => {
    expect(readArguments([])).toEqual({
      groups: benchGroups,
      rounds: 5,
      nodes: 1_000,
      seed: 1,
      jsonFile: undefined,
      plotFolder: undefined,
      wantsHelp: false,
    });
  });

  it("runs what is named, once", () => {
    const { groups, rounds, jsonFile } = readArguments([
      "--",
      "mesh",
      "wire",
      "mesh",
      "--rounds",
      "7",
      "--json",
      "a.json",
    ]);
    expect(groups).toEqual(["mesh", "wire"]);
    expect(rounds).toBe(7);
    expect(jsonFile).toBe("a.json");
  });

  it("draws plots where it is told to, else where the reports are", () => {
    expect(readArguments(["chord", "--plots"]).plotFolder).toBe("report/plots");
    expect(readArguments(["chord", "--plots", "--out", "figures"]).plotFolder).toBe("figures");
  });

  it.each([
    [["fast"], "fast"],
    [["--rounds", "0"], "--rounds"],
    [["--rounds", "many"], "--rounds"],
    [["--rounds", "101"], "--rounds"],
    [["--nodes", "9"], "--nodes"],
    [["--seed", "0"], "--seed"],
    [["--json", ""], "--json"],
    [["--plots"], "pnpm bench chord --plots"],
    [["chord", "mesh", "--plots"], "--plots"],
    [["chord", "--plots", "--out", ""], "--out"],
    [["--colour"], "--colour"],
  ])("refuses %j and names what is wrong", (argv, named) => {
    expect(() => readArguments(argv)).toThrow(named);
  });
});
