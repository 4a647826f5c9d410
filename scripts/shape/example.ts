// The examples of a README, the packages that each imports, and the output that their "// -> text" comments promise, in order.
import { readFileSync } from "node:fs";
import { join } from "node:path";

export interface Example {
  readonly language: "ts" | "js";
  readonly code: string;
  readonly expected: readonly string[];
  /** Names of the packages that it imports, without their subpaths. */
  readonly imports: readonly string[];
}

/** Each ```ts block of `folder`'s README.md, and its first block if that is ```js; other ```js blocks are fragments. */
export function readExamples(folder: string): Example[] {
  const readme = readFileSync(join(folder, "README.md"), "utf8");
  const examples: Example[] = [];
  for (const [index, [, language, code = ""]] of [...readme.matchAll(/^```(ts|js)\n(.*?)^```$/gms)].entries()) {
    if (language !== "ts" && (language !== "js" || index > 0)) continue;
    const expected = [...code.matchAll(/\/\/ -> (.*)$/gm)].map(([, line]) => line?.trimEnd() ?? "");
    examples.push({ language, code, expected, imports: importedPackages(code) });
  }
  return examples;
}

function importedPackages(code: string): string[] {
  const names = [...code.matchAll(/^import [^;"]*from "(?!node:)((?:@[^/"]+\/)?[^/"]+)/gm)].map(
    ([, name]) => name ?? "",
  );
  return [...new Set(names)].sort();
}
