// `npm test`: sets up the workspace on any Node >= 20.19, then runs the whole suite on the pinned Node.
import { join } from "node:path";
import { installed } from "./setup/installed.mjs";
import { run } from "./setup/run.mjs";
import { pinnedNode, root } from "./setup/workspace.mjs";

if (await installed()) {
  process.exitCode = await run(pinnedNode, [join(root, "scripts/test/suite.ts"), ...process.argv.slice(2)]);
} else {
  console.log("\n0 passed, 1 failed");
  process.exitCode = 1;
}
