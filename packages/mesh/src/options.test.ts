import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { defaultMeshLimits, resolveMeshLimits } from "./options.js";

interface Registry {
  readonly limits: readonly { readonly name: string; readonly default: number; readonly chapter: string }[];
}

const spec = new URL("../../../spec/", import.meta.url);

test("the defaults are those of the registry of limits", () => {
  const { limits } = JSON.parse(readFileSync(new URL("registries/limits.json", spec), "utf8")) as Registry;
  const ours = limits.filter((limit) => limit.chapter === "mesh.md").map((limit) => [limit.name, limit.default]);
  expect(Object.fromEntries(ours)).toEqual(defaultMeshLimits);
});

test("[MESH-012] [MESH-020] limits that exclude each other, or the protocol excludes, are refused", () => {
  expect(resolveMeshLimits({ activeMin: 0, activeTarget: 1, activeMax: 1 })).toMatchObject({ passiveSize: 30 });
  expect(() => resolveMeshLimits({ activeTarget: 13 })).toThrow(RangeError);
  expect(() => resolveMeshLimits({ activeMin: -1 })).toThrow(RangeError);
  expect(() => resolveMeshLimits({ seenCapacity: 65_535 })).toThrow(RangeError);
  expect(() => resolveMeshLimits({ passiveSize: Number.POSITIVE_INFINITY })).toThrow(RangeError);
  expect(() => resolveMeshLimits({ nothing: 1 } as never)).toThrow(TypeError);
});
