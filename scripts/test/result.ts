// What a stage of the suite found: counts, and for each skip its reason.

export interface StageResult {
  readonly passed: number;
  readonly failed: number;
  /** Why something was not run; each counts as a skip, and as a failure where CI=true. */
  readonly skips: readonly string[];
}

/** The result of a check that is one test. */
export function single(ok: boolean): StageResult {
  return { passed: ok ? 1 : 0, failed: ok ? 0 : 1, skips: [] };
}

export function sum(results: readonly StageResult[]): StageResult {
  return {
    passed: results.reduce((total, result) => total + result.passed, 0),
    failed: results.reduce((total, result) => total + result.failed, 0),
    skips: results.flatMap((result) => result.skips),
  };
}

/** "N passed, N failed", and ", N skipped" if any. */
export function summary({ passed, failed, skips }: StageResult): string {
  return `${passed} passed, ${failed} failed${skips.length > 0 ? `, ${skips.length} skipped` : ""}`;
}
