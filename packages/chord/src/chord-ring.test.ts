// Rings of real nodes in virtual time: they grow, look up, leave, break and heal.
import { type NodeId, nodeIdFromBytes } from "@p2p/wire";
import { describe, expect, test, vi } from "vitest";
import type { Chord } from "./chord.js";
import { positionsOf } from "./positions.js";
import { comparePositions } from "./ring/arc.js";
import { brokenRing, disorderedLists, ringsOf, unlikeIdeal } from "./testing/ring-invariants.js";
import { Rings } from "./testing/rings.js";

// Worlds of many nodes take their time on a busy machine.
vi.setConfig({ testTimeout: 120_000 });

/** How the members differ from what they should be when nothing happens any more. */
function problems(rings: Rings): string[] {
  const { members } = rings;
  return [...disorderedLists(members), ...brokenRing(members), ...unlikeIdeal(members, () => 8)];
}

/** The first member at or after a position. */
function ownerOf(rings: Rings, position: Uint8Array): NodeId | undefined {
  const members = rings.live.filter(({ role }) => role === "member");
  const sorted = members.sort((a, b) => comparePositions(a.node.idBytes, b.node.idBytes));
  return (sorted.find((each) => comparePositions(each.node.idBytes, position) >= 0) ?? sorted[0])?.id;
}

function drawn(rings: Rings): Uint8Array {
  return Uint8Array.from({ length: 48 }, () => rings.world.random.integer(256));
}

/** Looks up random positions from random nodes. @returns how many found their owner */
async function lookups(rings: Rings, count: number): Promise<number> {
  let right = 0;
  for (let index = 0; index < count; index += 1) {
    const position = drawn(rings);
    const found = await rings.world.run(rings.world.random.pick(rings.live).lookup(position));
    if (found.id === ownerOf(rings, position)) right += 1;
  }
  return right;
}

describe("[CHORD-017] small rings work from the first node on", () => {
  test.each([1, 2, 3, 5, 9, 20])("%i nodes", async (count) => {
    const rings = new Rings();
    await rings.grow(count);
    await rings.world.runFor(20_000);
    expect(rings.members.length).toBe(count);
    expect(problems(rings)).toEqual([]);
    for (const chord of rings.live) expect(chord.networkSize).toEqual({ members: count, error: 0 });
    expect(await lookups(rings, 20)).toBe(20);
    expect(rings.errors).toEqual([]);
  });
});

test("[CHORD-019] many join at one place at once", async () => {
  const rings = new Rings({ conditions: { latency: { minMs: 5, maxMs: 100 } } });
  const first = await rings.add([]);
  await Promise.all(Array.from({ length: 16 }, () => rings.add([first])));
  await rings.world.runFor(30_000);
  expect(rings.members.length).toBe(17);
  expect(problems(rings)).toEqual([]);
});

describe("[CHORD-018] who founds the ring", () => {
  test("nodes that list one another and themselves found one ring", async () => {
    const rings = new Rings();
    const bootstrap = ["sim://n0:1", "sim://n1:1", "sim://n2:1"];
    await Promise.all(bootstrap.map(() => rings.add([], { bootstrap })));
    await rings.world.runFor(10_000);
    expect(rings.members.length).toBe(3);
    expect(problems(rings)).toEqual([]);
  });

  test("a node whose only address to join by is its own founds the ring at once", async () => {
    const rings = new Rings();
    const node = await rings.add([], { bootstrap: ["sim://n0:1"] });
    await rings.world.run(node.value.ready());
    expect(node.value.role).toBe("member");
  });

  test("nodes that list others alone found none", async () => {
    const rings = new Rings();
    await rings.add([], { bootstrap: ["sim://n1:1"] });
    await rings.add([], { bootstrap: ["sim://n0:1"] });
    await rings.world.runFor(60_000);
    expect(rings.live.map(({ role }) => role)).toEqual(["seeking", "seeking"]);
  });
});

describe("[CHORD-025] a member that leaves tells so", () => {
  test("its neighbours close the gap without a timeout", async () => {
    const rings = new Rings();
    await rings.grow(12);
    await rings.world.runFor(20_000);
    const [leaver] = rings.nodes;
    await rings.world.run(leaver?.value.close() ?? Promise.reject());
    leaver?.crash();
    await rings.world.runFor(1_000);
    expect(rings.members.length).toBe(11);
    expect(brokenRing(rings.members)).toEqual([]);
    expect(await lookups(rings, 20)).toBe(20);
    await rings.world.runFor(20_000);
    expect(problems(rings)).toEqual([]);
  });
});

describe("[CHORD-026] a client stands in nobody's list", () => {
  test("it looks up, becomes a member, and a client again", async () => {
    const rings = new Rings();
    await rings.grow(10);
    const node = await rings.add(undefined, { serve: false });
    const client = node.value;
    await rings.world.run(client.ready());
    await rings.world.runFor(20_000);
    expect(client.role).toBe("client");
    expect(client.networkSize).toEqual({ members: 10, error: 0 });
    expect(rings.live.some(({ successors, predecessor }) => [...successors, predecessor].includes(client.id))).toBe(
      false,
    );
    expect(await rings.world.run(client.lookup(client.node.idBytes))).toMatchObject({
      id: ownerOf(rings, client.node.idBytes),
    });
    await rings.world.run(client.serve(true));
    await rings.world.runFor(40_000);
    expect(rings.members.length).toBe(11);
    expect(problems(rings)).toEqual([]);
    await rings.world.run(client.serve(false));
    await rings.world.runFor(40_000);
    expect(rings.members.length).toBe(10);
    expect(problems(rings)).toEqual([]);
    expect(await rings.world.run(client.lookup(client.node.idBytes))).toMatchObject({
      id: ownerOf(rings, client.node.idBytes),
    });
  });
});

describe("[CHORD-034] a ring that was split is one again", () => {
  test("after a partition", async () => {
    const rings = new Rings();
    await rings.grow(24);
    await rings.world.runFor(20_000);
    const names = rings.nodes.map(({ name }) => name);
    const heal = rings.world.network.partition(names.slice(0, 12), names.slice(12));
    // Long enough that each side gives the other up.
    await rings.world.runFor(180_000);
    expect(ringsOf(rings.members).length).toBe(2);
    heal();
    // 2 log2 n rounds.
    await rings.world.runFor(2 * Math.log2(24) * 5_000);
    expect(brokenRing(rings.members)).toEqual([]);
    await rings.world.runFor(30_000);
    expect(problems(rings)).toEqual([]);
    expect(await lookups(rings, 40)).toBe(40);
  });

  test("two rings of which one node knows the other's address", async () => {
    const rings = new Rings();
    await rings.grow(8);
    const founder = await rings.add([]);
    for (let index = 0; index < 7; index += 1) {
      await rings.add([founder]);
      await rings.world.runFor(100);
    }
    await rings.world.runFor(10_000);
    expect(ringsOf(rings.members).length).toBe(2);
    const [bridge] = rings.nodes;
    await rings.world.run(bridge?.value.node.dial(founder.address) ?? Promise.reject());
    await rings.world.runFor(2 * Math.log2(16) * 5_000);
    expect(brokenRing(rings.members)).toEqual([]);
    await rings.world.runFor(30_000);
    expect(problems(rings)).toEqual([]);
  });
});

test("[CHORD-014] a lost connection is no death: no live neighbour is given up", async () => {
  const rings = new Rings();
  await rings.grow(8);
  await rings.world.runFor(40_000);
  expect(problems(rings)).toEqual([]);
  rings.world.invariant("the ring is as it should be", () => problems(rings).length === 0);
  const [first, ...others] = rings.nodes;
  for (const other of others) first?.loseConnections(other.name);
  await rings.world.runFor(200_000);
  expect(first?.value.node.connections.length).toBe(7);
});

describe("[CHORD-015] members die", () => {
  test("a quarter at once, without power: lookups find the live owners after three rounds", async () => {
    const rings = new Rings();
    await rings.grow(32);
    await rings.world.runFor(20_000);
    for (const node of rings.world.random.shuffle([...rings.nodes]).slice(0, 8)) node.crash({ isPowerLost: true });
    await rings.world.runFor(15_000);
    expect(await lookups(rings, 40)).toBe(40);
    await rings.world.runFor(120_000);
    expect(problems(rings)).toEqual([]);
  });

  test("[CHORD-047] [CHORD-029] lookups begun while nobody knows of the deaths yet go round the dead", async () => {
    const rings = new Rings();
    await rings.grow(72);
    await rings.world.runFor(60_000);
    for (const node of rings.world.random.shuffle([...rings.nodes]).slice(0, 18)) node.crash({ isPowerLost: true });
    const asked = Array.from({ length: 40 }, () => {
      const position = drawn(rings);
      const found = rings.world.random.pick(rings.live).lookup(position);
      return found.then(({ id }) => id === ownerOf(rings, position));
    });
    const right = await rings.world.run(Promise.all(asked), { withinMs: 30_000 });
    // A member whose predecessor died may take what is brought to it, though another joined the gap by then.
    expect(right.filter((isRight) => isRight).length).toBeGreaterThanOrEqual(38);
  });

  test("the last of two is alone, and takes the next one", async () => {
    const rings = new Rings();
    await rings.grow(2);
    await rings.world.runFor(5_000);
    const [first, second] = rings.nodes;
    first?.crash();
    await rings.world.runFor(10_000);
    expect(second?.value.networkSize.members).toBe(1);
    await rings.add(second === undefined ? [] : [second]);
    await rings.world.runFor(10_000);
    expect(rings.members.length).toBe(2);
    expect(problems(rings)).toEqual([]);
  });
});

describe("[CHORD-049] a message to a node by its id", () => {
  test("comes to a member and to a client that are no neighbours, and its answer comes back", async () => {
    const rings = new Rings();
    await rings.grow(72);
    const node = await rings.add(undefined, { serve: false });
    const other = await rings.add(rings.nodes.slice(40, 41), { serve: false });
    await rings.world.runFor(60_000);
    const client = node.value;
    for (const chord of rings.live) chord.handle("who", () => chord.id);
    const strangers = rings.live.filter(({ id }) => client.node.connectionTo(id) === undefined && id !== client.id);
    expect(strangers.length).toBeGreaterThan(0);
    for (const { id } of strangers.slice(0, 5)) {
      expect((await rings.world.run(client.request(id, null, { type: "who" }))).data).toBe(id);
    }
    const answer = await rings.world.run(client.request(other.value.id, null, { type: "who" }));
    expect(answer.data).toBe(other.value.id);
  });

  test("fails at once when it does not fit", async () => {
    const rings = new Rings();
    await rings.grow(3);
    const nobody = nodeIdFromBytes(new Uint8Array(48).fill(7));
    const sent = rings.live[0]
      ?.send(nobody, new Uint8Array(1_048_000))
      .catch((error: Error & { code?: string }) => error.code);
    expect(await rings.world.run(sent ?? Promise.reject())).toBe("message-too-large");
  });

  test("fails when the node is nowhere", async () => {
    const rings = new Rings({ chord: { chordLimits: { lookupMs: 3_000 } } });
    await rings.grow(3);
    const [asker] = rings.live;
    const nobody = nodeIdFromBytes(new Uint8Array(48).fill(7));
    const sent = asker?.send(nobody, 1).catch((error: Error & { code?: string }) => error.code);
    expect(await rings.world.run(sent ?? Promise.reject())).toBe("unreachable");
  });
});

test("[CHORD-042] a trace tells the nodes on the way, the owner last", async () => {
  const rings = new Rings();
  await rings.grow(80);
  await rings.world.runFor(60_000);
  let longest = 0;
  for (let index = 0; index < 40; index += 1) {
    const position = drawn(rings);
    const chord: Chord = rings.world.random.pick(rings.live);
    const { owner, hops, tookMs } = await rings.world.run(chord.trace(position));
    expect(owner).toBe(ownerOf(rings, position));
    if (hops.length > 0) expect(hops.at(-1)).toBe(owner);
    expect(hops.length === 0 || tookMs > 0).toBe(true);
    longest = Math.max(longest, hops.length);
  }
  expect(longest).toBeGreaterThan(1);
  const [chord] = rings.live;
  const [position] = positionsOf("apples");
  const byKey = await rings.world.run(chord?.trace(position) ?? Promise.reject());
  expect(byKey.owner).toBe(ownerOf(rings, position));
});

test("[CHORD-048] a lookup is given up by its signal, and fails when nobody is there", async () => {
  const rings = new Rings();
  const node = await rings.add([], { bootstrap: ["sim://nowhere:1"] });
  const failed = node.value.lookup(new Uint8Array(48)).catch((error: Error & { code?: string }) => error.code);
  expect(await rings.world.run(failed)).toBe("no-members");
  const reason = new Error("enough");
  const given = node.value.lookup(new Uint8Array(48), { signal: AbortSignal.abort(reason) });
  await expect(given).rejects.toBe(reason);
});
