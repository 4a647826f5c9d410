// Stage: formatting and lint by Biome, a warning counting as an error.
import { join } from "node:path";
import { run } from "../setup/run.mjs";
import { bin } from "../setup/workspace.mjs";
import { type StageResult, single } from "./result.ts";

export async function lint(): Promise<StageResult> {
  return single((await run(join(bin, "biome"), ["check", "--error-on-warnings", "."])) === 0);
}
