// The imports of all source files, resolved: to a file of the same package, a workspace package, Node or a library.
import { posix } from "node:path";
import type { Manifest } from "./manifest.ts";
import type { SourceFile } from "./source-file.ts";

export type Target =
  | { readonly kind: "file"; readonly path: string; readonly viaCondition: boolean }
  | { readonly kind: "workspace"; readonly package: string; readonly subpath: string }
  | { readonly kind: "node" }
  | { readonly kind: "library" }
  | { readonly kind: "unknown" };

export interface Edge {
  readonly from: SourceFile;
  readonly specifier: string;
  readonly to: Target;
}

export function edges(files: readonly SourceFile[], manifests: ReadonlyMap<string, Manifest>): Edge[] {
  const known = new Set(files.map((file) => file.path));
  return files.flatMap((from) => {
    const manifest = manifests.get(`${from.group}/${from.owner}`);
    return from.imports.flatMap((specifier) =>
      resolve(from, specifier, manifest, known).map((to) => ({ from, specifier, to })),
    );
  });
}

function resolve(from: SourceFile, specifier: string, manifest: Manifest | undefined, known: Set<string>): Target[] {
  if (specifier.startsWith("node:")) return [{ kind: "node" }];
  if (specifier.startsWith(".")) {
    const path = posix.join(posix.dirname(from.path), specifier).replace(/\.js$/, ".ts");
    return [known.has(path) ? { kind: "file", path, viaCondition: false } : { kind: "unknown" }];
  }
  if (specifier.startsWith("#")) {
    const targets = manifest?.internal.get(specifier) ?? [];
    const paths = targets.map((target) => sourceOf(`${from.group}/${from.owner}`, target));
    if (paths.length === 0) return [{ kind: "unknown" }];
    return paths.map((path) => (known.has(path) ? { kind: "file", path, viaCondition: true } : { kind: "unknown" }));
  }
  const workspace = /^@p2p\/([^/]+)(\/.*)?$/.exec(specifier);
  if (workspace?.[1]) return [{ kind: "workspace", package: workspace[1], subpath: `.${workspace[2] ?? ""}` }];
  return [{ kind: "library" }];
}

function sourceOf(folder: string, target: string): string {
  return posix.join(folder, target).replace("/dist/", "/src/").replace(/\.js$/, ".ts");
}
