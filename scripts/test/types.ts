// Stage: the types of every package and app with their tests, and those of the scripts.
import { join } from "node:path";
import { run } from "../setup/run.mjs";
import { bin } from "../setup/workspace.mjs";
import { type StageResult, single, sum } from "./result.ts";

export async function types(): Promise<StageResult> {
  const workspace = await run(join(bin, "turbo"), [
    "run",
    "types",
    "--continue",
    "--output-logs=errors-only",
    "--log-order=grouped",
  ]);
  const scripts = await run(join(bin, "tsc"), ["-p", "scripts"]);
  return sum([single(workspace === 0), single(scripts === 0)]);
}
