import { seededRandom } from "@p2p/base/testing";
import { nodeIdFromBytes } from "@p2p/wire";
import { describe, expect, test } from "vitest";
import { comparePositions } from "./arc.js";
import type { Contact } from "./contact.js";
import { listLength, sizeByDensity } from "./density.js";

function ring(count: number, seed: number): Contact[] {
  const random = seededRandom(seed);
  return Array.from({ length: count }, () => random.bytes(48))
    .sort(comparePositions)
    .map((position) => ({ id: nodeIdFromBytes(position), position, addresses: [] }));
}

describe("[CHORD-040] the size is told from the density", () => {
  test("without bias, and with the error that it states", () => {
    const estimates: number[] = [];
    let stated = 0;
    for (let seed = 0; seed < 40; seed += 1) {
      const members = ring(500, seed);
      for (const at of [0, 125, 250, 375]) {
        const [self, ...successors] = members.slice(at, at + 21) as [Contact, ...Contact[]];
        const { members: size, error } = sizeByDensity(self, successors);
        estimates.push(size / 500);
        stated = error;
      }
    }
    const mean = estimates.reduce((sum, each) => sum + each, 0) / estimates.length;
    const deviation = Math.sqrt(estimates.reduce((sum, each) => sum + (each - mean) ** 2, 0) / estimates.length);
    expect(mean).toBeGreaterThan(0.95);
    expect(mean).toBeLessThan(1.05);
    expect(deviation / stated).toBeGreaterThan(0.7);
    expect(deviation / stated).toBeLessThan(1.3);
  });

  test("alone there is one", () => {
    const [self] = ring(1, 1) as [Contact];
    expect(sizeByDensity(self, []).members).toBe(1);
  });
});

test("[CHORD-012] a list has 2 log2 n members, 8 to 32", () => {
  expect([1, 2, 16, 17, 1_000, 10_000, 65_536, 10_000_000].map(listLength)).toEqual([8, 8, 8, 9, 20, 27, 32, 32]);
});
