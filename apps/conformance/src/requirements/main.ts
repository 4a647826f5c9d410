// Writes spec/requirements.json from the chapters; `--check` only compares and fails when the committed file differs.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { formatRequirements, readChapters, specFolder } from "./chapters.js";

const { requirements, problems } = readChapters();
for (const problem of problems) process.stderr.write(`spec/${problem}\n`);

const path = join(specFolder, "requirements.json");
const wanted = formatRequirements(requirements);
const isCheck = process.argv.includes("--check");
const isCurrent = existsSync(path) && readFileSync(path, "utf8") === wanted;
if (isCheck && !isCurrent) {
  process.stderr.write("spec/requirements.json is old; run: pnpm --filter @p2p/conformance requirements\n");
}
// A broken chapter is never written: the committed list is what guards the ids.
if (!isCheck && problems.length === 0) writeFileSync(path, wanted);
process.stdout.write(`${requirements.length} requirements, ${problems.length} problems\n`);
process.exitCode = problems.length > 0 || (isCheck && !isCurrent) ? 1 : 0;
