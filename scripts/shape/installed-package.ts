// Installs a package from its tarball, with the siblings that it needs from theirs, into an empty folder.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { capture } from "../setup/capture.mjs";
import type { PublicPackage } from "./public-package.ts";

/** @returns why npm could not install it; nothing if it did. */
export async function installPacked(
  target: PublicPackage,
  all: readonly PublicPackage[],
  folder: string,
): Promise<string[]> {
  mkdirSync(folder, { recursive: true });
  const needed = all.filter(({ name }) => target.siblings.includes(name));
  const overrides = Object.fromEntries(needed.map(({ name, tarball }) => [name, `file:${tarball}`]));
  // The user asks for one package only: its siblings come as its dependencies.
  const manifest = {
    private: true,
    type: "module",
    dependencies: { [target.name]: `file:${target.tarball}` },
    overrides,
  };
  writeFileSync(join(folder, "package.json"), JSON.stringify(manifest, undefined, 2));
  const args = ["install", "--no-audit", "--no-fund", "--prefer-offline", "--loglevel=error"];
  const { ok, text } = await capture("npm", args, { cwd: folder, timeoutMs: 300_000 });
  return ok ? [] : [`npm install failed:\n${text}`];
}
