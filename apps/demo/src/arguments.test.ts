import { describe, expect, it } from "vitest";
import { readArguments } from "./arguments.js";

describe("readArguments", () => {
  it("starts five processes that speak once each, unless told otherwise", () => {
    expect(readArguments([])).toEqual({ nodes: 5, messages: 1, wantsHelp: false });
    expect(readArguments(["--", "--nodes", "8", "--messages=20"])).toEqual({
      nodes: 8,
      messages: 20,
      wantsHelp: false,
    });
  });

  it.each([
    [["--nodes", "2"], '--nodes must be a whole number from 3 to 25, not "2"'],
    [["--nodes", "many"], "--nodes"],
    [["--nodes", ""], "--nodes"],
    [["--nodes", "5.5"], "--nodes"],
    [["--messages", "0"], '--messages must be a whole number from 1 to 200, not "0"'],
    [["--messages", "-1"], '--messages must be a whole number from 1 to 200, not "-1"'],
    [["--nodes"], "--nodes"],
    [["--node", "5"], "--node"],
    [["five"], "five"],
  ])("refuses %j with a sentence that names it", (argv, sentence) => {
    expect(() => readArguments(argv)).toThrow(sentence);
  });
});
