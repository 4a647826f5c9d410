// Compares the error codes that a package's types close with those that its README lists.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseSync } from "oxc-parser";
import type { PublicPackage } from "./public-package.ts";

export function errorCodeComplaints({ folder }: PublicPackage): string[] {
  const errors = join(folder, "src/errors.ts");
  if (!existsSync(errors)) return ["there is no src/errors.ts with the package's error codes"];
  const closed = unionOf(errors, readFileSync(errors, "utf8"));
  const listed = listedCodes(readFileSync(join(folder, "README.md"), "utf8"));
  if (closed.length === 0) return ["src/errors.ts exports no type …ErrorCode that is a union of codes"];
  return [
    ...closed.filter((code) => !listed.includes(code)).map((code) => `the README does not list the error code ${code}`),
    ...listed
      .filter((code) => !closed.includes(code))
      .map((code) => `the README lists ${code}, which no error carries`),
  ];
}

/** The literals of `export type …ErrorCode = "a" | "b"`. */
function unionOf(file: string, text: string): string[] {
  for (const statement of parseSync(file, text).program.body) {
    const declaration = statement.type === "ExportNamedDeclaration" ? statement.declaration : null;
    if (declaration?.type !== "TSTypeAliasDeclaration" || !declaration.id.name.endsWith("ErrorCode")) continue;
    const type = declaration.typeAnnotation;
    const members = type.type === "TSUnionType" ? type.types : [type];
    return members.flatMap((member) =>
      member.type === "TSLiteralType" && member.literal.type === "Literal" ? [String(member.literal.value)] : [],
    );
  }
  return [];
}

/** The first cell of every table row, or the start of every list item, below a heading about errors. */
function listedCodes(readme: string): string[] {
  const sections = readme.split(/^(?=#+ )/m).filter((section) => /^#+ .*\berrors?\b/i.test(section));
  const codes = sections.flatMap((section) => [...section.matchAll(/^(?:\||[-*])\s*`([a-z][a-z0-9-]*)`/gm)]);
  return codes.map(([, code]) => code ?? "");
}
