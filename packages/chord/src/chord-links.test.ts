// Which links a member of a larger ring keeps, and which it closes. [CHORD-039]
import { describe, expect, test, vi } from "vitest";
import { Rings } from "./testing/rings.js";

vi.setConfig({ testTimeout: 60_000 });

const linked = 12;

describe("[CHORD-039] in a ring that is not small", () => {
  test("a member has links to its first successors and few others, and closes those that it has no use for", async () => {
    const rings = new Rings();
    await rings.grow(100);
    await rings.world.runFor(120_000);
    const [first] = rings.live;
    if (first === undefined) throw new Error("nobody is there");
    const peers = (): Set<string> => new Set(first.node.connections.map(({ id }) => id));
    const atRest = peers();
    expect(first.successors.length).toBeGreaterThan(linked);
    // More are linked only while fewer than eight are.
    for (const id of first.successors.slice(0, 8)) expect(atRest).toContain(id);
    // Successors, those whose successor it is, and fingers both ways.
    expect(atRest.size).toBeLessThan(2 * linked + 20);
    for (let number = 0; number < 10; number += 1) await rings.world.run(first.get(`key ${number}`));
    const strangers = [...peers()].filter((id) => !atRest.has(id));
    expect(strangers.length).toBeGreaterThan(5);
    await rings.world.runFor(70_000);
    const left = peers();
    expect(strangers.filter((id) => left.has(id))).toEqual([]);
    expect(rings.errors).toEqual([]);
  });

  test("the upkeep of the ring is no use of a link: 75 s after the last operation all that it dialled are closed", async () => {
    const rings = new Rings({ seed: 2 });
    await rings.grow(100);
    await rings.world.runFor(120_000);
    const askers = rings.live.slice(0, 30);
    const before = new Set(askers.flatMap(({ node }) => node.connections));
    for (const [number, chord] of askers.entries()) await rings.world.run(chord.get(`key ${number}`));
    const dialled = askers.flatMap(({ node }) =>
      node.connections.filter((each) => each.direction === "outbound" && !before.has(each)),
    );
    expect(dialled.length).toBeGreaterThan(60);
    await rings.world.runFor(75_000);
    expect(dialled.filter(({ isOpen }) => isOpen).length).toBe(0);
    expect(rings.errors).toEqual([]);
  });

  test("a connection that the application made stays, whether the ring has a use for it or not", async () => {
    const rings = new Rings();
    await rings.grow(100);
    const [first, ...others] = rings.live;
    if (first === undefined) throw new Error("nobody is there");
    const isLinked = (id: string): boolean => first.node.connections.some((each) => each.id === id);
    const stranger = others.find(({ id }) => !isLinked(id));
    if (stranger === undefined) throw new Error("it has links to all");
    await rings.world.run(first.node.dial(stranger.addresses[0] ?? ""));
    await rings.world.runFor(120_000);
    expect(isLinked(stranger.id)).toBe(true);
  });
});
