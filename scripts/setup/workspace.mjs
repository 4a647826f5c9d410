// Where the workspace is, and the environment in which its tools run: the pinned Node and pnpm first on the path.
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";

export const root = fileURLToPath(new URL("../..", import.meta.url));
export const bin = join(root, "node_modules", ".bin");

/** @returns {NodeJS.ProcessEnv} */
export function environment() {
  const path = (process.env.PATH ?? "").split(delimiter).filter((folder) => folder !== bin);
  return {
    ...process.env,
    PATH: [bin, ...path].join(delimiter),
    DO_NOT_TRACK: "1",
    TURBO_TELEMETRY_DISABLED: "1",
    TURBO_NO_UPDATE_NOTIFIER: "1",
  };
}

/** The Node of the machine itself, as a user of the packages would have it; undefined if there is none. */
export function machineNode() {
  const folders = (process.env.PATH ?? "").split(delimiter).filter((folder) => !folder.includes("node_modules"));
  return folders.map((folder) => join(folder, "node")).find((file) => existsSync(file));
}

/** The Node that the workspace pins. */
export const pinnedNode = join(bin, "node");
