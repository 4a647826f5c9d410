// What the package.json of a package or app says about imports.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

export interface Manifest {
  readonly name: string;
  /** Subpaths that others may import: ".", "./x". */
  readonly exports: readonly string[];
  /** "#name" → every file of dist behind it, such as "./dist/tcp.js". */
  readonly internal: ReadonlyMap<string, readonly string[]>;
}

export function readManifest(root: string, group: string, owner: string): Manifest {
  const file = join(root, group, owner, "package.json");
  const json = existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : {};
  return {
    name: json.name ?? `@p2p/${owner}`,
    exports: Object.keys(json.exports ?? {}),
    internal: new Map(Object.entries(json.imports ?? {}).map(([name, target]) => [name, leaves(target)])),
  };
}

function leaves(target: unknown): string[] {
  if (typeof target === "string") return [target];
  return typeof target === "object" && target !== null ? Object.values(target).flatMap(leaves) : [];
}
