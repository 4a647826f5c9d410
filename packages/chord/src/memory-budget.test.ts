// The one memory budget of a node holds for what a chord keeps: contacts, lookups, records. [BASE-132]
import { MemoryBudget, type NodeLimits } from "@p2p/base";
import { NodeIdCache } from "@p2p/wire";
import { describe, expect, test } from "vitest";
import { ContactBook } from "./contact-book.js";
import { type Member, Rings } from "./testing/rings.js";

function position(number: number): Uint8Array {
  const bytes = new Uint8Array(48);
  new DataView(bytes.buffer).setUint32(0, number);
  return bytes;
}

test("[BASE-132] contacts for which there is no room take the place of those noted long ago", () => {
  const budget = new MemoryBudget(10_000);
  const names = new NodeIdCache();
  const book = new ContactBook(names, ["sim"], budget.account());
  for (let number = 0; number < 200; number += 1) {
    const contact = book.note(position(number), [`sim://n${number}:1`], true);
    expect(contact.addresses).toEqual([`sim://n${number}:1`]);
    expect(budget.usedBytes).toBeLessThanOrEqual(10_000);
  }
  const isNoted = (number: number): boolean => book.get(names.toText(position(number))) !== undefined;
  expect([isNoted(0), isNoted(199)]).toEqual([false, true]);
  // One for which all others had to go, and there is still no room, is its asker's, and is not kept.
  const little = new MemoryBudget(500);
  const small = new ContactBook(names, ["sim"], little.account());
  const many = [1, 2, 3, 4].map((port) => `sim://${"n".repeat(50)}:${port}`);
  expect(small.note(position(999), many, true).addresses).toEqual(many);
  expect([small.get(names.toText(position(999))), little.usedBytes]).toEqual([undefined, 0]);
  book.note(position(1), [], true);
  book.close();
  expect(budget.usedBytes).toBe(0);
});

describe("[BASE-132] of a chord with a small budget", () => {
  async function tight(limits: Partial<NodeLimits>): Promise<[rings: Rings, member: Member]> {
    const rings = new Rings();
    await rings.grow(3);
    const member = await rings.add(rings.nodes.slice(0, 1), { limits });
    await rings.world.runFor(10_000);
    return [rings, member];
  }

  test("lookups beyond it are refused, whatever they bring, and those before it end", async () => {
    const [rings, { value: chord }] = await tight({ memoryBudgetBytes: 400_000 });
    // A node next to another one: nobody has a link to it.
    const other = rings.live[0]?.id ?? "";
    const far = other.replace(/.$/, (last) => (last === "2" ? "3" : "2")) as typeof chord.id;
    const sends = Array.from({ length: 20 }, () => chord.send(far, new Uint8Array(50_000)));
    const codes = await rings.world.run(
      Promise.all(sends.map((send) => send.then(String, (error) => [error.code, error.message].join(" ")))),
    );
    expect(chord.node.budget.usedBytes).toBeLessThanOrEqual(400_000);
    expect(codes.filter((code) => code.includes("too-many-open")).length).toBeGreaterThan(10);
    expect((await rings.world.run(chord.lookup(position(7)))).hops).toBe(1);
  });

  test("writes beyond it are refused by their holder, which goes on", async () => {
    const rings = new Rings({ chord: { limits: { memoryBudgetBytes: 300_000 } } });
    await rings.grow(1);
    const [chord] = rings.live;
    if (chord === undefined) throw new Error("nobody is there");
    const codes = new Set<string>();
    let taken = 0;
    for (let number = 0; number < 12; number += 1) {
      await rings.world.run(
        chord.set(`key ${number}`, new Uint8Array(50_000), { timeoutMs: 1_000 }).then(
          () => {
            taken += 1;
          },
          (error) => codes.add(error.code),
        ),
      );
    }
    expect([...codes]).toEqual(["refused"]);
    expect(taken).toBeGreaterThan(2);
    expect(taken).toBeLessThan(6);
    expect(chord.held.bytes).toBeLessThanOrEqual(300_000);
    await rings.world.run(chord.close());
    expect(chord.node.budget.usedBytes).toBe(0);
  });
});
