// Stage: the demo runs to its end and reports success.
import { join } from "node:path";
import { run } from "../setup/run.mjs";
import { bin, root } from "../setup/workspace.mjs";
import { type StageResult, single } from "./result.ts";

export async function demo(): Promise<StageResult> {
  return single((await run(join(bin, "pnpm"), ["run", "--silent", "start"], { cwd: join(root, "apps/demo") })) === 0);
}
