// Installs the dependencies from the lockfile, with the pinned pnpm, unless what is installed is already that.
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { run } from "./run.mjs";
import { bin, root } from "./workspace.mjs";

const stamp = join(root, "node_modules", ".installed");

/** @returns {Promise<boolean>} whether node_modules now holds what the lockfile says */
export async function installed() {
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  if (major < 20 || (major === 20 && minor < 19)) {
    console.error(`Node.js 20.19 or newer is needed; this is ${process.versions.node}.`);
    return false;
  }
  const wanted = fingerprint();
  if (existsSync(join(bin, "turbo")) && existsSync(stamp) && readFileSync(stamp, "utf8") === wanted) return true;
  console.log("Installing the dependencies from the lockfile …");
  const [command, ...args] = pnpm();
  const code = await run(command, [...args, "install", "--frozen-lockfile", "--prefer-offline"]);
  if (code === 0) writeFileSync(stamp, wanted);
  else console.error(`Cannot go on: the install failed with exit code ${code}.`);
  return code === 0;
}

/** The pinned pnpm: the one in node_modules, or else one that npx fetches. */
function pnpm() {
  const { packageManager } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  const installedVersion = join(root, "node_modules", "pnpm", "package.json");
  if (existsSync(installedVersion)) {
    const { version } = JSON.parse(readFileSync(installedVersion, "utf8"));
    if (packageManager === `pnpm@${version}`) return [join(bin, "pnpm")];
  }
  return ["npx", "--yes", packageManager];
}

/** A digest of everything that decides what an install puts on the disk. */
function fingerprint() {
  const hash = createHash("sha256").update(`${process.platform} ${process.arch}\n`);
  const manifests = ["packages", "apps"].flatMap((group) =>
    readdirSync(join(root, group)).map((name) => join(group, name, "package.json")),
  );
  for (const file of ["pnpm-lock.yaml", "pnpm-workspace.yaml", "package.json", ...manifests.sort()]) {
    if (existsSync(join(root, file))) hash.update(file).update(readFileSync(join(root, file)));
  }
  return hash.digest("hex");
}
