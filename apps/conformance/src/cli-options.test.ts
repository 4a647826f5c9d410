import { expect, test } from "vitest";
import { parseOptions } from "./cli-options.js";

test("defaults test our own packages", () => {
  expect(parseOptions([])).toEqual({
    command: undefined,
    only: [],
    isList: false,
    json: undefined,
    junit: undefined,
    parallel: 8,
    deadlineMs: 10_000,
  });
});

test("options are read, a lone -- of the package manager is passed over", () => {
  const args = [
    "--",
    "--target",
    "node:python3 -m x",
    "--only",
    "MESH-003",
    "--only",
    "wire/*",
    "--list",
    "--parallel",
    "2",
  ];
  expect(parseOptions(args)).toMatchObject({
    command: "python3 -m x",
    only: ["MESH-003", "wire/*"],
    isList: true,
    parallel: 2,
  });
  expect(parseOptions(["--help"])).toBeUndefined();
});

test.each([
  [["--target", "python3"]],
  [["--target", "node:"]],
  [["--parallel", "0"]],
  [["--deadline", "soon"]],
  [["--what"]],
])("%j is not understood", (args) => {
  expect(() => parseOptions(args)).toThrow(TypeError);
});
