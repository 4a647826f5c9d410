// Who may import whom: the rules of the packages, as functions from one import or one file to a complaint.
import type { Edge } from "./graph.ts";
import type { Manifest } from "./manifest.ts";
import type { SourceFile } from "./source-file.ts";

/** For each package, the workspace packages that it may import; one that is not listed may import wire and base. */
const permitted: Readonly<Record<string, readonly string[]>> = {
  wire: [],
  base: ["wire"],
  mesh: ["wire", "base"],
  sync: ["wire", "base", "mesh"],
};

/** What the tests of a package, and what is for testing, may import besides. */
const permittedInTests: Readonly<Record<string, readonly string[]>> = {
  simulator: ["mesh"],
  sync: ["simulator"],
  securenode: ["simulator", "mesh", "sync", "chord"],
  chord: ["simulator"],
};

/** The one file of a package with its main object, where it is not named as the package. Everything else stands below it. */
const facades: Readonly<Record<string, string>> = { base: "node" };

const forbiddenNames = new Set(["utils", "util", "helpers", "types", "common", "misc"]);
const forbiddenTypeNames = /^I[A-Z][a-z]|^Abstract|^Default[A-Z]|(Manager|Impl|Helper)$/;
const maxLines = 400;

export function complaintsOfFile(file: SourceFile): string[] {
  if (file.group === "apps") return [];
  const complaints: string[] = [];
  if (forbiddenNames.has(file.name)) complaints.push("is named for no idea of its own");
  if (!file.isTest && file.lines > maxLines) complaints.push(`has ${file.lines} lines: split it (at most ${maxLines})`);
  for (const name of file.typeNames) {
    if (forbiddenTypeNames.test(name)) complaints.push(`names a type ${name}: call it by what it is`);
  }
  return complaints;
}

export function complaintOfEdge(edge: Edge, manifests: ReadonlyMap<string, Manifest>): string | undefined {
  const { from, to } = edge;
  switch (to.kind) {
    case "unknown":
      return "resolves to no file";
    case "library":
      return undefined;
    case "node":
      return from.group === "apps" || isForNode(from.path) ? undefined : "only tcp.ts, *-node.ts and tests know Node";
    case "workspace":
      return complaintOfWorkspaceImport(from, to.package, to.subpath, manifests);
    case "file":
      return complaintOfFileImport(from, to.path, to.viaCondition);
  }
}

function complaintOfWorkspaceImport(
  from: SourceFile,
  target: string,
  subpath: string,
  manifests: ReadonlyMap<string, Manifest>,
): string | undefined {
  const manifest = manifests.get(`packages/${target}`);
  if (!manifest) return manifests.has(`apps/${target}`) ? "nothing imports an app" : "is no package of this workspace";
  if (!manifest.exports.includes(subpath)) return `@p2p/${target} does not export ${subpath}`;
  if (from.group === "apps") return undefined;
  const isPermitted = (permitted[from.owner] ?? ["wire", "base"]).includes(target);
  if (isPermitted || (isForTests(from) && permittedInTests[from.owner]?.includes(target))) return undefined;
  return `${from.owner} does not stand on ${target}`;
}

function complaintOfFileImport(from: SourceFile, target: string, viaCondition: boolean): string | undefined {
  const home = `${from.group}/${from.owner}/src/`;
  if (!target.startsWith(home)) return "a package is imported by its name, not by a path";
  if (from.isTest || from.group === "apps") return undefined;
  const name = target.slice(home.length).replace(/\.ts$/, "");
  if (target.endsWith(".test.ts")) return "only a test imports a test";
  if (isForTests(from)) return undefined;
  if (name.startsWith("testing/")) return "only a test imports what is for testing";
  if (isForNode(target) && !viaCondition && !isForNode(from.path)) return "a file for Node is imported by its # name";
  if (name === "index") return "index.ts is for users of the package, not for its own files";
  if (name === (facades[from.owner] ?? from.owner) && from.name !== "index") return "only index.ts imports the facade";
  return undefined;
}

function isForTests({ group, owner, path, isTest }: SourceFile): boolean {
  return isTest || path.startsWith(`${group}/${owner}/src/testing/`);
}

function isForNode(path: string): boolean {
  return /(\/tcp|-node|\.test)\.ts$/.test(path);
}
