// The limits of the chapter of sealed things, as spec/registries/limits.json has them, are those of the code.
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { maxHiddenReaders } from "../sealed/message-format.js";
import { maxReaders } from "../sealed/reader-keys.js";
import { defaultSecureNodeLimits, resolveSecureNodeLimits } from "./limits.js";

test("[SEC-209] [SEC-217] [SEC-239] [SEC-241] [SEC-244] the registry and the code have the same limits", () => {
  const url = new URL("../../../../spec/registries/limits.json", import.meta.url);
  const { limits } = JSON.parse(readFileSync(url, "utf8")) as {
    readonly limits: readonly { readonly name: string; readonly default: number; readonly chapter: string }[];
  };
  const ours = limits.filter(({ chapter }) => chapter === "securenode-sealed.md");
  expect(Object.fromEntries(ours.map((limit) => [limit.name, limit.default]))).toEqual({
    maxReaders,
    maxHiddenReaders,
    ...defaultSecureNodeLimits,
  });
});

test("[SEC-244] limits are whole numbers, and their names are known", () => {
  expect(resolveSecureNodeLimits({ maxHops: 3 }).maxHops).toBe(3);
  expect(() => resolveSecureNodeLimits({ maxHops: 0 })).toThrow(RangeError);
  expect(() => resolveSecureNodeLimits({ maxHop: 1 } as object)).toThrow(TypeError);
});
