// The matrix requirement x result, and what is missing in it.

import { isBinding, type Requirement } from "../requirements/requirement.js";
import type { CaseResult, Outcome } from "../runner/case.js";

export interface Row {
  readonly requirement: Requirement;
  readonly cases: readonly CaseResult[];
  /** `uncovered`: no case names the requirement. `review`: a person reads it. */
  readonly outcome: Outcome | "uncovered" | "review";
}

export interface Matrix {
  readonly rows: readonly Row[];
  /** Binding requirements without a case, and cases that name no requirement that exists. */
  readonly problems: readonly string[];
}

/** A requirement fails with any of its cases, and passes when at least one passed and none failed. */
export function buildMatrix(requirements: readonly Requirement[], results: readonly CaseResult[]): Matrix {
  const rows = requirements.map((requirement): Row => {
    const cases = results.filter((result) => result.requirements.includes(requirement.id));
    return { requirement, cases, outcome: outcomeOf(requirement, cases) };
  });
  const problems: string[] = [];
  for (const row of rows) {
    if (row.outcome === "uncovered" && isBinding(row.requirement)) {
      problems.push(`${row.requirement.id} ${row.requirement.level} has no case: ${row.requirement.text}`);
    }
  }
  const known = new Set(requirements.map((requirement) => requirement.id));
  for (const result of results) {
    for (const id of result.requirements)
      if (!known.has(id)) problems.push(`case ${result.id} names ${id}, which is not in the spec`);
  }
  return { rows, problems };
}

function outcomeOf(requirement: Requirement, cases: readonly CaseResult[]): Row["outcome"] {
  if (cases.some((one) => one.outcome === "failed")) return "failed";
  if (cases.some((one) => one.outcome === "passed")) return "passed";
  if (cases.length > 0) return "skipped";
  return requirement.test === "review" ? "review" : "uncovered";
}

const signs = { passed: "ok", failed: "FAIL", skipped: "skip", uncovered: "none", review: "read" } as const;

/** One line a requirement, grouped by chapter and section, and a line of sums. */
export function formatMatrix(matrix: Matrix): string {
  const lines: string[] = [];
  let place = "";
  for (const { requirement, outcome, cases } of matrix.rows) {
    const here = `${requirement.file}  ${requirement.section}`;
    if (here !== place) lines.push("", here);
    place = here;
    const sum = cases.length === 1 ? " 1 case " : `${String(cases.length).padStart(2)} cases`;
    lines.push(
      `  ${signs[outcome].padEnd(5)}${requirement.id} ${requirement.level.padEnd(11)}${sum}  ${shorten(requirement.text)}`,
    );
    for (const one of cases) if (one.outcome === "failed") lines.push(`         ${one.id}: ${one.reason ?? "failed"}`);
  }
  const count = (outcome: Row["outcome"]): number => matrix.rows.filter((row) => row.outcome === outcome).length;
  lines.push(
    "",
    `${matrix.rows.length} requirements: ${count("passed")} hold, ${count("failed")} broken, ${count("skipped")} skipped, ` +
      `${count("uncovered")} without a case, ${count("review")} for review`,
  );
  return lines.join("\n");
}

function shorten(text: string): string {
  return text.length > 90 ? `${text.slice(0, 88)}…` : text;
}
