// The lockfile and the settings name no host, so that an install works with whatever registry a machine uses.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { root } from "./workspace.mjs";

test.each(["pnpm-lock.yaml", "pnpm-workspace.yaml", ".npmrc"])("%s names no host", (file) => {
  const text = existsSync(join(root, file)) ? readFileSync(join(root, file), "utf8") : "";
  expect(text.split("\n").filter((line) => line.includes("://"))).toEqual([]);
});
