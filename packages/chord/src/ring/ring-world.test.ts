// A larger ring in virtual time, by the pure logic alone.
import type { Random } from "@p2p/base";
import { seededRandom } from "@p2p/base/testing";
import { expect, test, vi } from "vitest";
import { defaultChordLimits } from "../options.js";
import { brokenRing, unlikeIdeal } from "../testing/ring-invariants.js";
import { RingWorld } from "../testing/ring-world.js";
import type { Contact } from "./contact.js";

vi.setConfig({ testTimeout: 120_000 });

const count = 300;

/** A ring whose members joined one by one, each by one that was there, and have their fingers. */
function grown(): { readonly world: RingWorld; readonly all: readonly Contact[]; readonly random: Random } {
  const world = new RingWorld({ seed: 1, times: defaultChordLimits, latency: { minMs: 20, maxMs: 80 } });
  const random = seededRandom(2);
  const all: Contact[] = [];
  for (let index = 0; index < count; index += 1) {
    all.push(world.join(index === 0 ? undefined : all[Math.floor(random.float() * index)]));
    world.run(20);
  }
  world.run(120_000);
  expect(world.members.length).toBe(count);
  expect(brokenRing(world.members)).toEqual([]);
  return { world, all, random };
}

test("[CHORD-034] [CHORD-038] one of 300 that winds twice is in order within 2 log2 n rounds", () => {
  const { world } = grown();
  world.windTwice();
  expect(brokenRing(world.members)).toMatchObject([expect.stringContaining("winds more than once")]);
  world.run(2 * Math.log2(count) * defaultChordLimits.stabiliseMs);
  expect(brokenRing(world.members)).toEqual([]);
  expect(unlikeIdeal(world.members, () => 8)).toEqual([]);
});

test("[CHORD-010] [CHORD-042] half of 300 die: paths are short before, and lookups find the live owners after", () => {
  const { world, all, random } = grown();
  const lookUp = (asked: number): { right: number; hops: number } => {
    const { sorted } = world;
    let right = 0;
    let hops = 0;
    for (let index = 0; index < asked; index += 1) {
      const position = random.bytes(48);
      const from = sorted[Math.floor(random.float() * sorted.length)] as Contact;
      world.lookUp(from, position, (result) => {
        hops += result.hops;
        if (result.owner === world.ownerOf(sorted, position)) right += 1;
      });
    }
    world.run(10_000);
    return { right, hops: hops / asked };
  };
  const before = lookUp(500);
  expect(before.right).toBe(500);
  expect(before.hops).toBeLessThanOrEqual(Math.log2(count) / 2 + 1);
  world.crash(all.filter((_each, index) => index % 2 === 1).map(({ id }) => id));
  world.run(15_000);
  expect(lookUp(500).right).toBe(500);
  expect(brokenRing(world.members)).toEqual([]);
});
