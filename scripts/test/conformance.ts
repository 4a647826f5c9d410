// Stage: the conformance app against the packages; it counts its cases in a JSON report.
import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { run } from "../setup/run.mjs";
import { bin, root } from "../setup/workspace.mjs";
import { type StageResult, single } from "./result.ts";

interface ConformanceReport {
  readonly summary: { readonly passed: number; readonly failed: number; readonly skipped: number };
}

export async function conformance(): Promise<StageResult> {
  const cwd = join(root, "apps/conformance");
  const file = join(cwd, "report/report.json");
  rmSync(file, { force: true });
  const code = await run(join(bin, "pnpm"), ["run", "--silent", "start"], { cwd });
  if (!existsSync(file)) {
    console.error("The conformance app wrote no report/report.json.");
    return single(false);
  }
  const { passed, failed, skipped } = (JSON.parse(readFileSync(file, "utf8")) as ConformanceReport).summary;
  const skips = Array.from(
    { length: skipped },
    (_, index) => `conformance: case ${index + 1} of ${skipped}, see above`,
  );
  const isHidden = failed === 0 && (code !== 0 || passed === 0);
  return { passed, failed: isHidden ? 1 : failed, skips };
}
