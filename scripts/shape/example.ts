// The first example of a README, and the output that its "// -> text" comments promise, in order.
import { readFileSync } from "node:fs";
import { join } from "node:path";

export interface Example {
  readonly language: "ts" | "js";
  readonly code: string;
  readonly expected: readonly string[];
}

/** The first ```ts or ```js block of `folder`'s README.md; undefined if there is none. */
export function readExample(folder: string): Example | undefined {
  const readme = readFileSync(join(folder, "README.md"), "utf8");
  const [, language, code] = /^```(ts|js)\n(.*?)^```$/ms.exec(readme) ?? [];
  if ((language !== "ts" && language !== "js") || code === undefined) return undefined;
  return { language, code, expected: [...code.matchAll(/\/\/ -> (.*)$/gm)].map(([, line]) => line?.trimEnd() ?? "") };
}
