// The committed vectors of the chapter are the ones that are made; UPDATE_VECTORS=1 writes them.
import { readFileSync, writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import { makeOwnVectors } from "./testing/own-vectors-node.js";

const url = new URL("../../../spec/vectors/securenode/securenode.txt", import.meta.url);

test("[SEC-006] [SEC-010] [SEC-012] [SEC-013] [SEC-014] [SEC-015] [SEC-020] [SEC-033] [SEC-040] [SEC-071] [SEC-091] [SEC-092] the bytes are those of the spec", async () => {
  const text = `${JSON.stringify(await makeOwnVectors(), undefined, 2)}\n`;
  if (process.env.UPDATE_VECTORS === "1") writeFileSync(url, text);
  expect(readFileSync(url, "utf8") === text).toBe(true);
});
