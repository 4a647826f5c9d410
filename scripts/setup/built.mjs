// Builds packages and apps with turbo, which skips what has not changed; its output is shown only when a build fails.
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { bin, environment, root } from "./workspace.mjs";

/**
 * @param {readonly string[]} names packages to build along with what they depend on; none means all
 * @returns {boolean} whether everything is built
 */
export function built(...names) {
  const filters = names.map((name) => `--filter=${name}`);
  const args = ["run", "build", ...filters, "--output-logs=errors-only", "--log-order=grouped"];
  const turbo = spawnSync(join(bin, "turbo"), args, { cwd: root, env: environment(), encoding: "utf8" });
  if (turbo.status === 0) return true;
  process.stdout.write(turbo.stdout ?? "");
  process.stderr.write(turbo.stderr || (turbo.error?.message ?? ""));
  return false;
}
