// The report as JSON: sums, every case, every requirement.
import type { CaseResult } from "../runner/case.js";
import type { Matrix } from "./matrix.js";

export interface Summary {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

export function summarise(results: readonly CaseResult[]): Summary {
  const count = (outcome: CaseResult["outcome"]): number => results.filter((one) => one.outcome === outcome).length;
  return { passed: count("passed"), failed: count("failed"), skipped: count("skipped") };
}

export function formatJson(
  target: string,
  results: readonly CaseResult[],
  matrix: Matrix,
  problems: readonly string[],
): string {
  const requirements = matrix.rows.map((row) => ({
    id: row.requirement.id,
    level: row.requirement.level,
    outcome: row.outcome,
    cases: row.cases.map((one) => one.id),
  }));
  return `${JSON.stringify({ target, summary: summarise(results), problems, cases: results, requirements }, null, 2)}\n`;
}
