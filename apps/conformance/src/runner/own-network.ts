// A network namespace of the suite's own: nodes are told of addresses elsewhere, and what they dial must not leave it.
import { spawn, spawnSync } from "node:child_process";
import { CaseSkipped } from "./skip.js";

/** Not loopback to a node, yet in the namespace alone: of the range for tests of devices (RFC 2544). */
const host = "198.18.0.1";
const variable = "P2P_CONFORMANCE_HOST";
const setUp = `ip link set lo up && ip addr add ${host}/32 dev lo`;

/** An address that is not loopback, if the suite runs in a namespace of its own. */
export function ownHost(): string | undefined {
  return process.env[variable];
}

/** The same, for a case that cannot do without. */
export function needOwnHost(): string {
  const found = ownHost();
  if (found === undefined)
    throw new CaseSkipped("no network namespace: that takes Linux, `unshare`, `ip` and the right");
  return found;
}

/** Runs this command line again in a namespace. Undefined when it runs in one, or when none can be made here. */
export function runInOwnNetwork(): Promise<number> | undefined {
  if (process.platform !== "linux" || ownHost() !== undefined) return undefined;
  const flags = process.getuid?.() === 0 ? ["--net"] : ["--net", "--user", "--map-root-user"];
  if (spawnSync("unshare", [...flags, "sh", "-c", setUp]).status !== 0) return undefined;
  const command = [process.execPath, ...process.execArgv, ...process.argv.slice(1)];
  const child = spawn("unshare", [...flags, "sh", "-c", `${setUp} && exec "$@"`, "sh", ...command], {
    stdio: "inherit",
    env: { ...process.env, [variable]: host },
  });
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (code) => resolve(code ?? 1));
  });
}
