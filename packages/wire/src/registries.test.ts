// The tables of the code, of spec/registries/*.json and of spec/registries.md say the same.
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { compressions07 } from "./legacy/compressions.js";
import { defaultLimits } from "./limits.js";
import { closeCodes, codecs, flags, highestCodec } from "./registries.js";

interface Entry {
  readonly name: string;
  readonly number: number;
}

const spec = new URL("../../../spec/", import.meta.url);
const chapter = readFileSync(new URL("registries.md", spec), "utf8");

function data<T>(file: string, key: string): T[] {
  const entries = (JSON.parse(readFileSync(new URL(`registries/${file}.json`, spec), "utf8")) as Record<string, T[]>)[
    key
  ];
  if (!entries || entries.length === 0) throw new Error(`${file}.json has no ${key}`);
  return entries;
}

test.each([
  ["flags", "mainTypes", flags.mainTypes],
  ["flags", "subtypes", flags.subtypes],
  ["codecs", "codecs", codecs],
  ["codecs", "compressions07", compressions07],
  ["close-codes", "closeCodes", closeCodes],
] as const)("[WIRE-087] [WIRE-105] registries/%s.json: %s", (file, key, table) => {
  const entries = data<Entry>(file, key);
  expect(Object.fromEntries(entries.map(({ name, number }) => [name, number]))).toEqual(table);
  expect(new Set(entries.map(({ number }) => number)).size).toBe(entries.length);
  if (key === "compressions07") return;
  for (const { name, number } of entries) {
    const shown = key === "subtypes" ? `0x${number.toString(16).padStart(2, "0")}` : String(number);
    expect(chapter).toContain(`| ${shown} | \`${name}\` |`);
  }
});

test("[WIRE-004] the largest codec is known to the decoder", () => {
  expect(highestCodec).toBe(Math.max(...Object.values(codecs)));
});

test("[WIRE-060] the limits of this package", () => {
  const limits = data<{ name: string; default: number; chapter: string }>("limits", "limits");
  const own = limits.filter((limit) => limit.chapter === "wire.md");
  expect(Object.fromEntries(own.map((limit) => [limit.name, limit.default]))).toEqual(defaultLimits);
  for (const limit of limits)
    expect(chapter).toContain(`| \`${limit.name}\` | ${limit.default.toLocaleString("en")} |`);
});

test("features", () => {
  for (const { name } of data<{ name: string }>("features", "features")) expect(chapter).toContain(`| \`${name}\` |`);
});
