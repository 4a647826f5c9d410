import { expect, test } from "vitest";
import type { Requirement } from "../requirements/requirement.js";
import type { CaseResult, Outcome } from "../runner/case.js";
import { formatJson, summarise } from "./json.js";
import { formatJunit } from "./junit.js";
import { buildMatrix, formatMatrix } from "./matrix.js";

const requirement = (id: string, more: Partial<Requirement> = {}): Requirement => ({
  id,
  level: "MUST",
  file: "wire.md",
  section: "3. Frames",
  profile: "1.0",
  test: "codec",
  text: "It MUST be.",
  ...more,
});
const result = (id: string, outcome: Outcome, ...requirements: string[]): CaseResult => ({
  id,
  title: id,
  requirements,
  outcome,
  durationMs: 1500,
  ...(outcome === "passed" ? {} : { reason: `why <${id}> & "so"\u0000` }),
});

const requirements = [
  requirement("WIRE-001"),
  requirement("WIRE-002"),
  requirement("WIRE-003"),
  requirement("WIRE-004", { level: "SHOULD" }),
  requirement("WIRE-005", { test: "review" }),
  requirement("WIRE-006", { level: "MUST NOT", test: "node" }),
  requirement("WIRE-007"),
];
const results = [
  result("wire/a", "passed", "WIRE-001", "WIRE-002"),
  result("wire/b", "failed", "WIRE-002"),
  result("mesh/c", "skipped", "WIRE-003", "WIRE-999"),
];
const matrix = buildMatrix(requirements, results);

test("a requirement breaks with any case, and holds with one that passed", () => {
  expect(matrix.rows.map((row) => row.outcome)).toEqual([
    "passed",
    "failed",
    "skipped",
    "uncovered",
    "review",
    "uncovered",
    "uncovered",
  ]);
});

test("a MUST or MUST NOT without a case is a problem, unless it is for review", () => {
  expect(matrix.problems).toEqual([
    expect.stringContaining("WIRE-006 MUST NOT has no case"),
    expect.stringContaining("WIRE-007 MUST has no case"),
    expect.stringContaining("mesh/c names WIRE-999"),
  ]);
});

test("the matrix has a line for each requirement, and the reasons of what failed", () => {
  const text = formatMatrix(matrix);
  expect(text).toContain("wire.md  3. Frames");
  expect(text).toMatch(/FAIL WIRE-002 MUST\s+2 cases/);
  expect(text).toContain("wire/b: why");
  expect(text).toContain("7 requirements: 1 hold, 1 broken, 1 skipped, 3 without a case, 1 for review");
});

test("the JSON report sums up and lists every case", () => {
  expect(summarise(results)).toEqual({ passed: 1, failed: 1, skipped: 1 });
  const report = JSON.parse(formatJson("target", results, matrix, ["p"])) as Record<string, unknown>;
  expect(report).toMatchObject({ target: "target", summary: { passed: 1, failed: 1, skipped: 1 }, problems: ["p"] });
  expect(report.cases).toHaveLength(3);
});

test("the JUnit report is well-formed and counts problems as failures", () => {
  const xml = formatJunit("t", results, ["p<"]);
  expect(xml).toContain('<testsuites name="conformance of t" tests="4" failures="2" skipped="1">');
  expect(xml).toContain('<failure message="why &lt;wire/b&gt; &amp; &quot;so&quot;?"/>');
  expect(xml).toContain('<skipped message="why &lt;mesh/c&gt;');
  expect(xml).toContain('name="p&lt;"');
  expect([...xml.matchAll(/<testsuite /g)].length).toBe([...xml.matchAll(/<\/testsuite>/g)].length);
});
