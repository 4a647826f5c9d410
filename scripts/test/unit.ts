// Stage: the unit and property tests of every package, of the apps that have some, and of the scripts.
import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { run } from "../setup/run.mjs";
import { bin, root } from "../setup/workspace.mjs";
import { type StageResult, single, sum } from "./result.ts";

/** The part of vitest's JSON report that counts. */
interface VitestReport {
  readonly success: boolean;
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly numTodoTests: number;
  readonly testResults: readonly VitestFile[];
}

interface VitestFile {
  readonly name: string;
  readonly status: "passed" | "failed";
  readonly assertionResults: readonly unknown[];
}

export async function unit(): Promise<StageResult> {
  const results: StageResult[] = [];
  for (const folder of testedFolders()) results.push(await runVitest(folder));
  return sum(results);
}

/** A package without a test is a failure, an app may have none. */
function testedFolders(): string[] {
  const packages = readdirSync(join(root, "packages")).map((name) => join("packages", name));
  const apps = readdirSync(join(root, "apps")).map((name) => join("apps", name));
  return [...packages, ...apps.filter((folder) => hasTests(join(root, folder, "src"))), "scripts"];
}

function hasTests(folder: string): boolean {
  return readdirSync(folder, { recursive: true }).some((name) => String(name).endsWith(".test.ts"));
}

async function runVitest(folder: string): Promise<StageResult> {
  console.log(`\n${folder}`);
  const cwd = join(root, folder);
  const outputFile = join(cwd, "report", "vitest.json");
  rmSync(outputFile, { force: true });
  const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${outputFile}`];
  const code = await run(join(bin, "vitest"), ["run", ...reporters], { cwd });
  if (!existsSync(outputFile)) return single(false);
  return counted(folder, JSON.parse(readFileSync(outputFile, "utf8")), code);
}

function counted(folder: string, report: VitestReport, code: number): StageResult {
  const skipped = report.numPendingTests + report.numTodoTests;
  const skips = Array.from({ length: skipped }, (_, index) => `${folder}: test ${index + 1} of ${skipped} marked so`);
  // A file that does not load fails without a failed test, and so does an error outside all tests.
  const broken = report.testResults.filter((file) => file.status === "failed" && file.assertionResults.length === 0);
  const counts = { passed: report.numPassedTests, failed: report.numFailedTests + broken.length, skips };
  const isHidden = counts.failed === 0 && (code !== 0 || !report.success || counts.passed === 0);
  return isHidden ? { ...counts, failed: 1 } : counts;
}
