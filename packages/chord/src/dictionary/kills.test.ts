// Reads right after the death of a node that a majority of a key's positions stood at.
import { expect, test } from "vitest";
import { positionsOf } from "../positions.js";
import { isOnArc } from "../ring/arc.js";
import { type FakeNode, FakeRing } from "../testing/fake-ring.js";

/** A key of which one member has three positions, and neither it nor the one after it the two others. */
interface Crowded {
  readonly key: string;
  readonly owner: FakeNode;
  readonly heir: FakeNode;
  /** It has one of these. */
  readonly writer: FakeNode;
}

function findCrowded(ring: FakeRing): Crowded {
  for (let number = 0; number < 10_000; number += 1) {
    const key = `key ${number}`;
    const owners = positionsOf(key).map((position) => {
      const owner = ring.live.find((node) => {
        const range = ring.memberOf(node)?.range;
        return range !== undefined && isOnArc(range.after, position, range.upTo);
      });
      if (owner === undefined) throw new Error("nobody owns a position");
      return owner;
    });
    const owner = owners.find((each) => owners.filter((other) => other === each).length === 3);
    const heir = ring.live.find((node) => owner && ring.memberOf(owner)?.successors[0] === ring.idOf(node));
    const others = new Set(owners.filter((each) => each !== owner));
    const [writer] = others;
    if (owner === undefined || heir === undefined || writer === undefined) continue;
    if (others.size === 2 && !others.has(heir)) return { key, owner, heir, writer };
  }
  throw new Error("no key has three positions at one member");
}

/** A ring in which the value of a key that one member has three positions of was copied to who comes after that one. */
async function crowdedRing(): Promise<
  Crowded & { readonly ring: FakeRing; readonly set: (value: string) => Promise<unknown> }
> {
  const ring = new FakeRing({ latencyMs: [5, 5] });
  await ring.grow(8);
  const crowded = findCrowded(ring);
  const set = (value: string) => ring.world.run(crowded.writer.value.set(crowded.key, value));
  await set("old");
  await ring.world.runFor(1_000);
  return { ...crowded, ring, set };
}

test("[CHORD-206] [CHORD-264] [CHORD-266] who takes three positions over from the dead does not read what it alone has", async () => {
  const { ring, key, owner, heir, set } = await crowdedRing();
  await set("new");
  // Before its copies are sent.
  ring.crash(owner);
  expect(await ring.world.run(heir.value.get(key))).toBe("new");
  for (const { value } of ring.live) expect(await ring.world.run(value.get(key))).toBe("new");
});

test("[CHORD-265] 12 s after that it has read the key again, and is believed alone", async () => {
  const { ring, key, owner, heir } = await crowdedRing();
  const { world } = ring;
  const alone = () => {
    ring.isCut = (from, to) => (from === ring.idOf(heir)) !== (to === ring.idOf(heir));
    return world.run(heir.value.get(key, { timeoutMs: 2_000 }));
  };
  ring.crash(owner);
  await expect(alone()).rejects.toMatchObject({ code: "no-majority" });
  ring.isCut = () => false;
  await world.runFor(13_000);
  expect(await world.run(heir.value.get(key))).toBe("old");
  await world.runFor(1_000);
  expect(await alone()).toBe("old");
});

test("[CHORD-265] a member that reads a key again makes no other do so", async () => {
  const { ring, key, owner, heir, writer } = await crowdedRing();
  const { world } = ring;
  ring.crash(owner);
  await world.run(heir.value.get(key));
  // Another position has an owner in doubt, whom no reader asks: only the heir does, 12 s after the first death.
  await world.runFor(5_000);
  ring.crash(writer);
  const gets = () => ring.asked.get(0) ?? 0;
  const before = gets();
  await world.runFor(9_000);
  expect(gets()).toBeGreaterThan(before);
  const after = gets();
  await world.runFor(15_000);
  expect(gets()).toBe(after);
});
