// The packages that are published, each packed into a tarball as pnpm would publish it.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { capture } from "../setup/capture.mjs";
import { bin, root } from "../setup/workspace.mjs";

export interface PublicPackage {
  readonly name: string;
  readonly folder: string;
  readonly tarball: string;
  /** Names of the workspace packages that it needs, directly or not. */
  readonly siblings: readonly string[];
}

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly private?: boolean;
  readonly dependencies?: Readonly<Record<string, string>>;
}

/** Packs every public package into `destination`. */
export async function packAll(destination: string): Promise<PublicPackage[]> {
  const folders = readdirSync(join(root, "packages")).map((name) => join(root, "packages", name));
  const manifests = new Map<string, Manifest>(folders.map((folder) => [folder, readManifest(folder)]));
  const byName = new Map([...manifests.values()].map((manifest) => [manifest.name, manifest]));
  const packed: PublicPackage[] = [];
  for (const [folder, manifest] of manifests) {
    if (manifest.private) continue;
    const { ok, text } = await capture(join(bin, "pnpm"), ["pack", "--pack-destination", destination], { cwd: folder });
    if (!ok) throw new Error(`pnpm pack failed for ${manifest.name}:\n${text}`);
    const file = `${manifest.name.replace("@", "").replace("/", "-")}-${manifest.version}.tgz`;
    const siblings = [...closure(manifest, byName)].sort();
    packed.push({ name: manifest.name, folder, tarball: join(destination, file), siblings });
  }
  return packed;
}

function readManifest(folder: string): Manifest {
  return JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
}

function closure(manifest: Manifest, byName: ReadonlyMap<string, Manifest>, found = new Set<string>()): Set<string> {
  for (const name of Object.keys(manifest.dependencies ?? {})) {
    const sibling = byName.get(name);
    if (!sibling || found.has(name)) continue;
    found.add(name);
    closure(sibling, byName, found);
  }
  return found;
}
