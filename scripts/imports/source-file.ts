// A source file of a package or app: who owns it, what it imports (types too), and the types that it declares.
import { readdirSync, readFileSync } from "node:fs";
import { basename, join, relative, sep } from "node:path";
import { parseSync } from "oxc-parser";

export interface SourceFile {
  /** Path from the root of the workspace, with forward slashes. */
  readonly path: string;
  readonly group: "packages" | "apps";
  /** Folder of the package or app, such as "mesh". */
  readonly owner: string;
  /** File name without ".ts" or ".test.ts". */
  readonly name: string;
  readonly isTest: boolean;
  readonly lines: number;
  readonly imports: readonly string[];
  readonly typeNames: readonly string[];
}

/** Reads every TypeScript file below packages/*\/src and apps/*\/src. */
export function sourceFiles(root: string): SourceFile[] {
  return (["packages", "apps"] as const).flatMap((group) =>
    foldersIn(join(root, group)).flatMap((owner) => {
      const src = join(root, group, owner, "src");
      return filesIn(src).map((file) => readSource(root, group, owner, file));
    }),
  );
}

function readSource(root: string, group: SourceFile["group"], owner: string, file: string): SourceFile {
  const text = readFileSync(file, "utf8");
  const imports: string[] = [];
  const typeNames: string[] = [];
  visit(parseSync(file, text).program, (node) => {
    const source = node.source;
    if (isNode(source) && source.type === "Literal") imports.push(String(source.value));
    const id = node.id;
    if (typeDeclarations.has(String(node.type)) && isNode(id)) typeNames.push(String(id.name));
  });
  return {
    path: relative(root, file).split(sep).join("/"),
    group,
    owner,
    name: basename(file).replace(/(\.test)?\.ts$/, ""),
    isTest: file.endsWith(".test.ts"),
    lines: text.split("\n").length - 1,
    imports,
    typeNames,
  };
}

type SyntaxNode = Readonly<Record<string, unknown>>;

const typeDeclarations = new Set(["TSInterfaceDeclaration", "TSTypeAliasDeclaration", "ClassDeclaration"]);

function isNode(value: unknown): value is SyntaxNode {
  return typeof value === "object" && value !== null;
}

// Every form of import (static, re-export, dynamic, type) keeps its specifier as a literal `source`.
function visit(value: unknown, report: (node: SyntaxNode) => void): void {
  if (!isNode(value)) return;
  if (typeof value.type === "string") report(value);
  for (const child of Object.values(value)) visit(child, report);
}

function foldersIn(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name);
}

function filesIn(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && /\.ts$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}
