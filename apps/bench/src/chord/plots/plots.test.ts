import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { deaths } from "./deaths.js";
import { loads } from "./load.js";
import { pathLengths } from "./paths.js";
import { plotAll } from "./plots.js";

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "p2p-plots-"));
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

test("the figures are drawn from small rings into a folder that need not be there", async () => {
  const files = await plotAll({
    folder: join(folder, "new"),
    seed: 3,
    sizes: { paths: 64, deaths: 40, load: 20, churn: 8, lookups: 50, churnMs: 5_000 },
    progress: () => undefined,
  });
  expect(files.map((file) => basename(file))).toEqual([
    "path-length.svg",
    "path-distribution.svg",
    "failed-lookups.svg",
    "load-per-node.svg",
    "churn-gets.svg",
    "churn-latency.svg",
  ]);
  for (const file of files) expect(readFileSync(file, "utf8")).toMatch(/^<svg [\s\S]+seed 3[\s\S]+<\/svg>\n$/);
}, 60_000);

test("paths stay below the paper's law as a ring grows", () => {
  for (const { members, hops } of pathLengths({ smallest: 16, largest: 256, lookups: 300, seed: 3 })) {
    expect(hops).toHaveLength(300);
    expect(hops.reduce((sum, each) => sum + each, 0) / 300).toBeLessThan(Math.log2(members) / 2 + 1);
  }
});

test("with five positions values stand as unevenly as members do, no more: all are held, and the mean is 1", () => {
  for (const { values, first, all } of loads({ members: 50, sizes: [500, 2_000], seed: 3 })) {
    expect(first).toHaveLength(50);
    const sum = (list: readonly number[]) => list.reduce((total, each) => total + each, 0);
    expect([sum(first), sum(all)].map((each) => Math.round(each))).toEqual([50, 50]);
    expect(all.at(-1)).toBeGreaterThan(1.5);
    expect(values).toBeGreaterThan(0);
  }
});

test("of values with one holder about as many are lost as members die, and with copies none of few deaths", () => {
  const found = deaths({ members: 200, fractions: [0, 0.3], lookups: 200, values: 1_000, seed: 3 });
  expect(found[0]).toEqual({ died: 0, failedAtOnce: 0, failedLater: 0, lostAlone: 0, lostWithCopies: 0 });
  expect(found[1]?.lostAlone).toBeGreaterThan(0.2);
  expect(found[1]?.lostAlone).toBeLessThan(0.4);
  expect([found[1]?.lostWithCopies, found[1]?.failedLater]).toEqual([0, 0]);
});
