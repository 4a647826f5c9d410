// Rings of real nodes in virtual time: they grow, look up, leave, break and heal.
import { describe, expect, test } from "vitest";
import { brokenRing, disorderedLists, unlikeIdeal } from "./testing/ring-invariants.js";
import { Rings } from "./testing/rings.js";

/** Whether all is as it should be when nothing happens any more. */
function problems(rings: Rings): string[] {
  const { members } = rings;
  return [...disorderedLists(members), ...brokenRing(members), ...unlikeIdeal(members, () => 8)];
}

describe("[CHORD-017] small rings work from the first node on", () => {
  test.each([1, 2, 3, 5, 9, 20])("%i nodes", async (count) => {
    const rings = new Rings();
    await rings.grow(count);
    await rings.world.runFor(20_000);
    expect(rings.members.length).toBe(count);
    expect(problems(rings)).toEqual([]);
    for (const chord of rings.live) expect(chord.networkSize).toEqual({ members: count, error: 0 });
    const [asker] = rings.live;
    for (const target of rings.live) {
      const found = await rings.world.run(asker?.lookup(target.node.idBytes) ?? Promise.reject());
      expect(found.id).toBe(target.id);
    }
    expect(rings.errors).toEqual([]);
  });
});
