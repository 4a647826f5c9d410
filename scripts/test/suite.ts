// The whole suite, stage by stage, going on after a failure: `npm test [stage …]`. The last line is the sum.
import { built } from "../setup/built.mjs";
import { conformance } from "./conformance.ts";
import { demo } from "./demo.ts";
import { imports } from "./imports.ts";
import { lint } from "./lint.ts";
import { type StageResult, single, sum, summary } from "./result.ts";
import { shape } from "./shape.ts";
import { types } from "./types.ts";
import { unit } from "./unit.ts";

type Stage = () => StageResult | Promise<StageResult>;

const stages: Readonly<Record<string, Stage>> = {
  lint,
  build: () => single(built()),
  types,
  imports,
  unit,
  shape,
  conformance,
  demo,
};

const isCi = process.env.CI === "true";

async function runStage(name: string, stage: Stage): Promise<StageResult> {
  console.log(`\n── ${name} ──`);
  const start = performance.now();
  let result: StageResult;
  try {
    result = await stage();
  } catch (error) {
    console.error(error);
    result = single(false);
  }
  for (const reason of result.skips) console.log(`skipped: ${reason}`);
  // Where nothing may be left out, a skip is a failure.
  if (isCi) result = { passed: result.passed, failed: result.failed + result.skips.length, skips: [] };
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  console.log(`${result.failed === 0 ? "✓" : "✗"} ${name}: ${summary(result)} (${seconds} s)`);
  return result;
}

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !(name in stages));
if (unknown.length > 0) {
  console.error(`There is no stage ${unknown.join(", ")}; the stages are ${Object.keys(stages).join(", ")}.`);
  process.exit(2);
}

const results: [string, StageResult][] = [];
for (const [name, stage] of Object.entries(stages)) {
  if (wanted.length === 0 || wanted.includes(name) || name === "build") {
    results.push([name, await runStage(name, stage)]);
  }
}

console.log("\n── summary ──");
for (const [name, result] of results) {
  console.log(`${result.failed === 0 ? "✓" : "✗"} ${name.padEnd(12)} ${summary(result)}`);
}
const total = sum(results.map(([, result]) => result));
process.exitCode = total.failed === 0 ? 0 : 1;
console.log(`\n${summary(total)}`);
