// Compiles a README's example beside the installed package, runs it, and compares what it prints with what it promises.
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { capture } from "../setup/capture.mjs";
import { bin, root } from "../setup/workspace.mjs";
import type { Example } from "./example.ts";

/** Type-checks the example as TypeScript in `folder`, and leaves it there compiled as example.js. */
export async function compileExample(example: Example, folder: string): Promise<string[]> {
  writeFileSync(join(folder, "example.ts"), example.code);
  const compilerOptions = {
    strict: true,
    // What every consumer compiles with must be able to read the published types.
    skipLibCheck: false,
    target: "ES2022",
    lib: ["ES2023", "ESNext.Disposable"],
    module: "NodeNext",
    noEmitOnError: true,
    outDir: "compiled",
    rootDir: ".",
    types: ["node"],
    typeRoots: [join(root, "node_modules/@types")],
  };
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions, files: ["example.ts"] }));
  const { ok, text } = await capture(join(bin, "tsc"), ["-p", folder], { cwd: folder });
  if (!ok) return [text];
  // An example in JavaScript runs as it stands.
  if (example.language === "js") {
    const file = compiledExample(folder);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, example.code);
  }
  return [];
}

/** Runs the compiled example on `node`, with no more in its environment than a user has. */
export async function runExample(example: Example, folder: string, node: string): Promise<string[]> {
  if (example.expected.length === 0) return ['the example promises no output: write "// -> text" where it prints'];
  const env = { PATH: dirname(node), HOME: folder };
  const { ok, stdout, text } = await capture(node, [compiledExample(folder)], { cwd: folder, env, timeoutMs: 30_000 });
  const printed = stdout.trimEnd().split("\n");
  if (!ok) return [`the example failed:\n${text}`];
  if (printed.join("\n") === example.expected.join("\n")) return [];
  return [`the example printed\n${printed.join("\n")}\ninstead of\n${example.expected.join("\n")}`];
}

function compiledExample(folder: string): string {
  return join(folder, "compiled", "example.js");
}
