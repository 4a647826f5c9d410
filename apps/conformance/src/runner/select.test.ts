import { expect, test } from "vitest";
import type { Requirement } from "../requirements/requirement.js";
import type { CodecCase } from "./case.js";
import { select } from "./select.js";

const requirement = (id: string): Requirement => ({
  id,
  level: "MUST",
  file: "x.md",
  section: "",
  profile: "1.0",
  test: "codec",
  text: "It MUST be.",
});
const codecCase = (id: string, ...requirements: string[]): CodecCase => ({
  kind: "codec",
  id,
  requirements,
  title: "",
  run: async () => undefined,
});

const all = {
  requirements: [requirement("WIRE-001"), requirement("WIRE-002"), requirement("MESH-001")],
  cases: [
    codecCase("wire/a", "WIRE-001"),
    codecCase("wire/b", "WIRE-002"),
    codecCase("mesh/a", "MESH-001", "WIRE-001"),
  ],
};
const ids = (patterns: string[]): string[][] => {
  const { requirements, cases } = select(all, patterns);
  return [requirements.map(({ id }) => id), cases.map(({ id }) => id)];
};

test("no pattern selects everything", () => {
  expect(select(all, [])).toEqual(all);
});

test("a requirement selects its cases, a case its requirements", () => {
  expect(ids(["WIRE-001"])).toEqual([["WIRE-001"], ["wire/a", "mesh/a"]]);
  expect(ids(["mesh/*"])).toEqual([["WIRE-001", "MESH-001"], ["mesh/a"]]);
  expect(ids(["WIRE-*"])).toEqual([
    ["WIRE-001", "WIRE-002"],
    ["wire/a", "wire/b", "mesh/a"],
  ]);
  expect(ids(["WIRE.001"])).toEqual([[], []]);
});
