// Breaks each rule in a small workspace of its own, and sees the check find it.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { checkImports } from "./check.ts";

const sound: Record<string, string> = {
  "packages/wire/package.json": JSON.stringify({
    name: "@p2p/wire",
    exports: { ".": "./dist/index.js" },
    imports: { "#hash": { node: "./dist/hash-node.js", default: "./dist/hash.js" } },
  }),
  "packages/wire/src/index.ts": `export { wire } from "./wire.js";\n`,
  "packages/wire/src/wire.ts": `import { hash } from "#hash";\nexport const wire = hash;\n`,
  "packages/wire/src/hash.ts": `export const hash = 1;\n`,
  "packages/wire/src/hash-node.ts": `import "node:crypto";\nexport const hash = 1;\n`,
  "packages/wire/src/testing/clock.ts": `import { wire } from "../wire.js";\nexport const clock = wire;\n`,
  "packages/base/package.json": JSON.stringify({ name: "@p2p/base", exports: { ".": "./dist/index.js" } }),
  "packages/base/src/index.ts": `export { node } from "./node.js";\n`,
  "packages/base/src/node.ts": `import { wire } from "@p2p/wire";\nexport const node = wire;\n`,
  "packages/base/src/errors.ts": `export class BaseError extends Error {}\n`,
  "packages/base/src/node.test.ts": `import "node:test";\nimport { node } from "./node.js";\nvoid node;\n`,
  "apps/demo/package.json": JSON.stringify({ name: "@p2p/demo" }),
  "apps/demo/src/main.ts": `import "node:fs";\nimport { node } from "@p2p/base";\nvoid node;\n`,
};

let root = "";
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "imports-"));
  for (const [path, text] of Object.entries(sound)) write(path, text);
});
afterEach(() => rmSync(root, { recursive: true }));

function write(path: string, text: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}

test("a sound workspace has no complaint", () => {
  expect(checkImports(root)).toEqual([]);
});

test("a workspace without sources is not sound", () => {
  rmSync(join(root, "packages"), { recursive: true });
  rmSync(join(root, "apps"), { recursive: true });
  mkdirSync(join(root, "packages"));
  mkdirSync(join(root, "apps"));
  expect(() => checkImports(root)).toThrow("found no source file");
});

test.each([
  ["a package on its right", "packages/wire/src/a.ts", `import "@p2p/base";`, "wire does not stand on base"],
  [
    "a type of a package on its right",
    "packages/wire/src/a.ts",
    `import type {} from "@p2p/base";`,
    "does not stand on",
  ],
  ["a type in place", "packages/wire/src/a.ts", `export type A = import("@p2p/base").A;`, "does not stand on base"],
  ["a package on its right later", "packages/wire/src/a.ts", `void import("@p2p/base");`, "does not stand on base"],
  ["an app", "packages/base/src/a.ts", `import "@p2p/demo";`, "nothing imports an app"],
  ["a file that is not exported", "apps/demo/src/a.ts", `import "@p2p/base/dist/node.js";`, "does not export"],
  ["a sibling by its path", "apps/demo/src/a.ts", `import "../../../packages/wire/src/hash.js";`, "not by a path"],
  ["Node in portable code", "packages/base/src/a.ts", `import "node:net";`, "know Node"],
  ["a file for Node by its path", "packages/wire/src/a.ts", `import "./hash-node.js";`, "by its # name"],
  ["the entry from inside", "packages/wire/src/a.ts", `import "./index.js";`, "for users of the package"],
  ["the facade from below", "packages/base/src/errors.ts", `import type {} from "./node.js";`, "only index.ts"],
  ["what is for testing", "packages/wire/src/a.ts", `import "./testing/clock.js";`, "what is for testing"],
  ["a file that is not there", "packages/wire/src/a.ts", `import "./b.js";`, "resolves to no file"],
])("finds an import of %s", (_, path, text, complaint) => {
  write(path, `${text}\n`);
  expect(checkImports(root)).toEqual([expect.stringContaining(complaint)]);
});

test("tests of the simulator run networks, its package does not", () => {
  write("packages/mesh/package.json", JSON.stringify({ name: "@p2p/mesh", exports: { ".": "./dist/index.js" } }));
  write("packages/mesh/src/index.ts", "export {};\n");
  write("packages/simulator/package.json", JSON.stringify({ name: "@p2p/simulator" }));
  write("packages/simulator/src/a.test.ts", `import "@p2p/mesh";\n`);
  write("packages/simulator/src/testing/a.ts", `import "@p2p/mesh";\n`);
  expect(checkImports(root)).toEqual([]);
  write("packages/simulator/src/a.ts", `import "@p2p/mesh";\n`);
  expect(checkImports(root)).toEqual([expect.stringContaining("simulator does not stand on mesh")]);
});

test("finds a circle, of types too", () => {
  write("packages/wire/src/a.ts", `import type { B } from "./b.js";\nexport type A = B;\n`);
  write("packages/wire/src/b.ts", `import type { C } from "./c.js";\nexport type B = C;\n`);
  write("packages/wire/src/c.ts", `export type { A as C } from "./a.js";\n`);
  expect(checkImports(root)).toEqual([expect.stringContaining("circle of imports: ")]);
});

test.each([
  ["a file named for nothing", "packages/wire/src/utils.ts", "export const a = 1;", "no idea of its own"],
  ["a file of 500 lines", "packages/wire/src/a.ts", "\n".repeat(499), "has 500 lines"],
  ["a type named for its form", "packages/wire/src/a.ts", "export interface IWire {}", "names a type IWire"],
  ["a class named for its place", "packages/wire/src/a.ts", "export class PeerManager {}", "names a type PeerManager"],
])("finds %s", (_, path, text, complaint) => {
  write(path, `${text}\n`);
  expect(checkImports(root)).toEqual([expect.stringContaining(complaint)]);
});
