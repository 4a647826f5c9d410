// The simulator as its users run it: under Node's own test runner, and in a browser, where the same seed gives the same run.
import { cpSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { bundle } from "../browser/bundle.ts";
import { runInChromium } from "../browser/chromium.ts";
import { capture } from "../setup/capture.mjs";
import { root } from "../setup/workspace.mjs";

/** Runs scripts/node-test/simulated-world.mjs by `node --test` in `folder`, where @p2p/simulator is installed. */
export async function nodeTestComplaints(folder: string, node: string): Promise<string[]> {
  cpSync(join(root, "scripts/node-test/simulated-world.mjs"), join(folder, "simulated-world.test.mjs"));
  // Without a folder of reports, and without what this process tells its own children of tests.
  const env = { PATH: dirname(node), HOME: folder };
  const args = ["--test", "--test-reporter=tap", "simulated-world.test.mjs"];
  const { ok, stdout, text } = await capture(node, args, { cwd: folder, env, timeoutMs: 60_000 });
  return ok && /^# pass 2$/m.test(stdout) && /^# fail 0$/m.test(stdout) ? [] : [text];
}

/** Plays the world of scripts/browser/simulated-world.ts on `node` and in Chromium: both are to end alike. */
export async function chromiumComplaints(folder: string, node: string): Promise<string[]> {
  cpSync(join(root, "scripts/browser/simulated-world.ts"), join(folder, "simulated-world.ts"));
  const { code } = await bundle("simulated-world.ts", folder);
  const file = join(folder, "simulated-world.bundle.mjs");
  writeFileSync(file, `${code}\nconsole.log(JSON.stringify(globalThis.result));\n`);
  const { ok, stdout, text } = await capture(node, [file], { cwd: folder, timeoutMs: 60_000 });
  if (!ok) return [`on Node it failed:\n${text}`];
  const there = JSON.stringify(await runInChromium(code, 60_000));
  const here = stdout.trim();
  const { answers = 0 }: { answers?: number } = JSON.parse(here);
  if (answers < 10) return [`only ${answers} requests were answered: ${here}`];
  return there === here ? [] : [`Chromium ended with ${there}, Node with ${here}`];
}
