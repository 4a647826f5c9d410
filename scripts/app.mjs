// Runs an app (`demo`, `conformance`, `bench`, `sim`) after setting up whatever it needs; further arguments go to the app.
import { join } from "node:path";
import { built } from "./setup/built.mjs";
import { installed } from "./setup/installed.mjs";
import { run } from "./setup/run.mjs";
import { bin, root } from "./setup/workspace.mjs";

const [app = "demo", ...args] = process.argv.slice(2);
const ready = (await installed()) && built(`@p2p/${app}`);
process.exitCode = ready
  ? await run(join(bin, "pnpm"), ["run", "--silent", "start", ...args], { cwd: join(root, "apps", app) })
  : 1;
