// Checks any implementation of the p2p protocol against spec/.
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { allCases } from "./cases/all.js";
import { type CliOptions, parseOptions, usage } from "./cli-options.js";
import type { CodecTarget } from "./codec/codec-target.js";
import { driverTarget } from "./codec/driver-target.js";
import { wireTarget } from "./codec/wire-target.js";
import { DriverPool } from "./driver/driver-pool.js";
import { ownDriverCommand } from "./driver/own-driver.js";
import { checkProofs, readProofs } from "./mutants/proofs.js";
import { formatJson, summarise } from "./report/json.js";
import { formatJunit } from "./report/junit.js";
import { buildMatrix, formatMatrix } from "./report/matrix.js";
import { formatRequirements, readChapters, readCommitted } from "./requirements/chapters.js";
import { ignoreAbandonedWaits } from "./runner/abandoned.js";
import { runInOwnNetwork } from "./runner/own-network.js";
import { runCases } from "./runner/run.js";
import { type Selection, select } from "./runner/select.js";

const packageFolder = fileURLToPath(new URL("../", import.meta.url));

async function main(): Promise<number> {
  let options: CliOptions | undefined;
  try {
    options = parseOptions(process.argv.slice(2));
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n\n${usage}\n`);
    return 2;
  }
  if (!options) {
    process.stdout.write(`${usage}\n`);
    return 0;
  }
  const selected = select({ requirements: readCommitted(), cases: allCases() }, options.only);
  if (options.isList) {
    for (const one of selected.cases) process.stdout.write(`${one.id}  ${one.requirements.join(" ")}  ${one.title}\n`);
    return 0;
  }
  if (selected.cases.length === 0) {
    process.stderr.write("no case matches\n");
    return 2;
  }
  return runSelected(selected, options);
}

async function runSelected(selected: Selection, options: CliOptions): Promise<number> {
  const pool = new DriverPool(options.command ?? ownDriverCommand, 2);
  const started = performance.now();
  try {
    const { supports, implementation } = await (await pool.take()).greeting();
    const codec: CodecTarget | undefined =
      options.command === undefined
        ? wireTarget
        : supports.includes("codec")
          ? driverTarget(implementation, supports, () => pool.take())
          : undefined;
    const progress = process.stderr.isTTY;
    let done = 0;
    const results = await runCases(selected.cases, {
      codec,
      driver: supports.includes("base") ? () => pool.take() : undefined,
      deadlineMs: options.deadlineMs,
      parallel: options.parallel,
      onResult: (result) => {
        done += 1;
        if (progress) process.stderr.write(`\r${done}/${selected.cases.length} ${result.id.slice(0, 60).padEnd(60)}`);
      },
    });
    if (progress) process.stderr.write("\r".padEnd(80).concat("\r"));
    const matrix = buildMatrix(selected.requirements, results);
    const isOwn = options.command === undefined;
    // Proofs are about the cases, whatever the target: they are checked where they are made.
    const unproved = isOwn ? checkProofs(selected.requirements, selected.cases, readProofs()) : [];
    const isWhole = options.only.length === 0;
    const problems = [...(isWhole ? [...checkSpec(), ...matrix.problems] : []), ...unproved];
    write(
      options.json ?? join(packageFolder, "report/report.json"),
      formatJson(implementation, results, matrix, problems),
    );
    write(options.junit ?? join(packageFolder, "report/junit.xml"), formatJunit(implementation, results, problems));
    process.stdout.write(`${implementation}\n${formatMatrix(matrix)}\n`);
    for (const problem of problems) process.stdout.write(`problem: ${problem}\n`);
    const sum = summarise(results);
    const seconds = ((performance.now() - started) / 1000).toFixed(1);
    process.stdout.write(
      `${sum.passed} passed, ${sum.failed} failed, ${sum.skipped} skipped, ${problems.length} problems in ${seconds} s\n`,
    );
    return sum.failed + problems.length > 0 ? 1 : 0;
  } finally {
    await pool.close();
  }
}

/** The chapters hold what requirements.json says, and keep the rules of spec/README.md. */
function checkSpec(): string[] {
  const { requirements, problems } = readChapters();
  const isCurrent = formatRequirements(requirements) === formatRequirements(readCommitted());
  const old = "spec/requirements.json is old; run: pnpm --filter @p2p/conformance requirements";
  return [...problems.map((one) => `spec/${one}`), ...(isCurrent ? [] : [old])];
}

function write(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}

ignoreAbandonedWaits();
process.exitCode = await (runInOwnNetwork() ?? main());
