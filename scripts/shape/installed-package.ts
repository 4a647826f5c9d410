// Installs a package from its tarball, with the siblings that it needs from theirs, into an empty folder.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { capture } from "../setup/capture.mjs";
import type { PublicPackage } from "./public-package.ts";

/** @returns why npm could not install it; nothing if it did. */
export function installPacked(target: PublicPackage, all: readonly PublicPackage[], folder: string): Promise<string[]> {
  return install([target], [], all, folder);
}

/**
 * The same with what else an example imports: siblings from their tarballs, other packages at the version that `target` is tested with.
 *
 * @returns why npm could not install them; nothing if it did.
 */
export function installWith(
  target: PublicPackage,
  imports: readonly string[],
  all: readonly PublicPackage[],
  folder: string,
): Promise<string[]> {
  const siblings = all.filter(({ name }) => name !== target.name && imports.includes(name));
  const others = imports.filter((name) => !all.some((one) => one.name === name));
  return install(
    [target, ...siblings],
    others.map((name) => [name, versionFor(target, name)]),
    all,
    folder,
  );
}

/** Whether what an example imports is there where `target` alone is installed. */
export function comesWith(target: PublicPackage, imports: readonly string[]): boolean {
  return imports.every((name) => name === target.name || target.siblings.includes(name));
}

async function install(
  asked: readonly PublicPackage[],
  others: readonly (readonly [name: string, version: string])[],
  all: readonly PublicPackage[],
  folder: string,
): Promise<string[]> {
  mkdirSync(folder, { recursive: true });
  const files = (packages: readonly PublicPackage[]) => packages.map(({ name, tarball }) => [name, `file:${tarball}`]);
  // The user asks for those packages only: what they need comes as their dependencies.
  const needed = all.filter((one) => !asked.includes(one) && asked.some(({ siblings }) => siblings.includes(one.name)));
  const manifest = {
    private: true,
    type: "module",
    dependencies: Object.fromEntries([...files(asked), ...others]),
    overrides: Object.fromEntries(files(needed)),
  };
  writeFileSync(join(folder, "package.json"), JSON.stringify(manifest, undefined, 2));
  const args = ["install", "--no-audit", "--no-fund", "--prefer-offline", "--loglevel=error"];
  const { ok, text } = await capture("npm", args, { cwd: folder, timeoutMs: 300_000 });
  return ok ? [] : [`npm install failed:\n${text}`];
}

function versionFor({ folder }: PublicPackage, name: string): string {
  const { version }: { version: string } = JSON.parse(
    readFileSync(join(folder, "node_modules", name, "package.json"), "utf8"),
  );
  return version;
}
