// Letters between neighbours: sealed, verified, taken once and in time.
import type { WireValue } from "@p2p/wire";
import { expect, test } from "vitest";
import { verifySigned } from "../identity/identity.js";
import { seal } from "../sealed/sealed-message.js";
import { at, closeAll, line, type Member, newWorld } from "../testing/secure-world.js";
import { encodeLetter, letterContext, letterType } from "./letters.js";

test("[SEC-230] [SEC-235] arrive sealed for whose key was asked for, and say who wrote them", async () => {
  const world = newWorld();
  const members = await line(world, 2);
  const [ada, bob] = [at(members, 0), at(members, 1)];
  const seen: unknown[] = [];
  bob.node.node.on("message", ({ data }) => seen.push(data));
  await world.run(ada.node.send(bob.node.id, { text: "hello" }, { type: "greeting" }));
  await world.runUntil(() => bob.letters.length === 1);
  const letter = at(bob.letters, 0);
  expect(letter).toMatchObject({
    type: "greeting",
    data: { text: "hello" },
    from: ada.node.id,
    readers: [bob.node.id],
    proof: undefined,
  });
  expect(Buffer.from(at(seen, 0) as Uint8Array).includes("hello")).toBe(false);
  expect(bob.told).toEqual(["accepted peer", "accepted letter"]);
  await closeAll(world, members);
});

test("[SEC-230] [SEC-234] go to many at once, and signed ones prove their writer", async () => {
  const world = newWorld();
  const members = await line(world, 3);
  const middle = at(members, 1);
  const ends = [at(members, 0), at(members, 2)];
  await world.run(
    middle.node.send(
      ends.map(({ node }) => node.id),
      7,
      { isSigned: true },
    ),
  );
  await world.runUntil(() => ends.every(({ letters }) => letters.length === 1));
  for (const { letters } of ends) {
    const { proof, readers } = at(letters, 0);
    expect(readers.length).toBe(2);
    expect(proof && verifySigned(middle.node.identity.publicKey, "letter", proof.bytes, proof.signature)).toBe(true);
  }
  await closeAll(world, members);
});

test("[SEC-231] [SEC-232] [SEC-236] come once and from their senders; what is altered or for another is told and not taken", async () => {
  const world = newWorld();
  const members = await line(world, 3);
  const [ada, bob, cy] = [at(members, 0), at(members, 1), at(members, 2)];
  const kept: Uint8Array[] = [];
  bob.node.node.on("message", ({ data }) => kept.push(data as Uint8Array));
  await world.run(ada.node.send(bob.node.id, "one"));
  await world.runUntil(() => bob.letters.length === 1);
  const letter = at(kept, 0);
  const altered = letter.slice();
  altered[altered.length - 1] = (altered[altered.length - 1] ?? 0) ^ 1;
  const context = letterContext("club");
  const [identity, to] = [ada.node.identity, [bob.node.identity.publicKey]];
  const hidden = seal("x", { to, from: identity, context, hideReaders: true });
  const noLetter = seal("x", { to, from: identity, context });
  const otherNetwork = seal("x", { to, from: identity, context: letterContext("other") });
  const send = (from: Member, data: WireValue, receiver = bob): Promise<void> =>
    world.run(from.node.node.send(receiver.node.id, data, { type: letterType }));
  for (const data of [letter, altered, "no bytes", new Uint8Array(5), hidden, noLetter, otherNetwork])
    await send(ada, data);
  await world.runUntil(() => bob.told.length >= 10);
  await send(cy, letter);
  await send(cy, seal("x", { to, context }));
  await world.runUntil(() => bob.told.length >= 12);
  expect(bob.told.slice(3)).toEqual([
    "refused letter message-replayed",
    "forged letter sealed-forged",
    "refused letter bad-sealed",
    "refused letter bad-sealed",
    "refused letter bad-sealed",
    "refused letter bad-sealed",
    "forged letter sealed-forged",
    "forged letter wrong-sender",
    "forged letter wrong-sender",
  ]);
  await send(bob, seal("x", { to, from: bob.node.identity, context }), cy);
  await world.runUntil(() => cy.told.length >= 2);
  expect(cy.told.slice(1)).toEqual(["refused letter not-a-reader"]);
  expect([bob.letters.length, cy.letters.length]).toEqual([1, 0]);
  await closeAll(world, members);
});

test("[SEC-233] of half an hour ago or hence, or of a wrong clock, are not taken", async () => {
  const world = newWorld();
  const members = await line(world, 2, { freshnessMs: 60_000 });
  const [ada, bob] = [at(members, 0), at(members, 1)];
  const identity = ada.node.identity;
  const now = bob.node.node.seams.clock.now();
  const written = (timeMs: number, number: number): Uint8Array => {
    const value = encodeLetter({ type: "x", data: 1, number, time: Math.floor(timeMs) * 1_000 }, letterContext("club"));
    return seal(value, { to: [bob.node.identity.publicKey], from: identity, context: letterContext("club") });
  };
  for (const [index, timeMs] of [now - 61_000, now + 61_000, now + 50_000].entries()) {
    await world.run(ada.node.node.send(bob.node.id, written(timeMs, index), { type: letterType }));
  }
  await world.runUntil(() => bob.letters.length === 1);
  expect(bob.told.slice(1)).toEqual([
    "refused letter message-stale",
    "refused letter message-stale",
    "accepted letter",
  ]);
  await closeAll(world, members);
});

test("[SEC-238] who floods a node with forged letters loses its link and is not heard for a minute; others are", async () => {
  const world = newWorld();
  const members = await line(world, 3);
  const [ada, bob, eve] = [at(members, 0), at(members, 1), at(members, 2)];
  const context = letterContext("club");
  const forged = seal("x", { to: [bob.node.identity.publicKey], from: eve.node.identity, context });
  forged[forged.length - 1] = (forged[forged.length - 1] ?? 0) ^ 1;
  const flood = Array.from({ length: 500 }, () => eve.node.node.send(bob.node.id, forged, { type: letterType }));
  await world.run(Promise.allSettled(flood));
  await world.runFor(1_000);
  expect(bob.told.filter((text) => text === "forged letter sealed-forged").length).toBe(6);
  expect(bob.told.filter((text) => text === "refused peer peer-refused").length).toBe(1);
  expect(bob.node.node.connectionTo(eve.node.id)).toBeUndefined();
  await world.run(ada.node.send(bob.node.id, "honest"));
  await world.run(eve.node.node.dial(bob.address));
  await world.run(eve.node.send(bob.node.id, "too soon"));
  await world.runFor(61_000);
  await world.run(eve.node.send(bob.node.id, "after a minute"));
  await world.runUntil(() => bob.letters.length === 2);
  expect(bob.letters.map(({ data }) => data)).toEqual(["honest", "after a minute"]);
  await closeAll(world, members);
});

test("[SEC-238] where senders are not proven nobody is muted: anybody could have said it", async () => {
  const world = newWorld();
  const members = await line(world, 2, { messages: "off" });
  const [ada, bob] = [at(members, 0), at(members, 1)];
  for (let count = 0; count < 20; count++) {
    const strange = seal("x", { to: [bob.node.identity.publicKey], context: letterContext("club") });
    await world.run(ada.node.node.send(bob.node.id, strange, { type: letterType }));
  }
  await world.run(ada.node.send(bob.node.id, "honest"));
  await world.runUntil(() => bob.letters.length === 1);
  expect(bob.told.filter((text) => text.startsWith("forged")).length).toBe(20);
  await closeAll(world, members);
});

test("[SEC-239] letters of one sender are opened within a rate, and those beyond are told; others are read", async () => {
  const world = newWorld();
  const members = await line(world, 3, { secureLimits: { letterBurst: 5, lettersPerSecond: 1 } });
  const [ada, bob, eve] = [at(members, 0), at(members, 1), at(members, 2)];
  for (let count = 0; count < 8; count++) await world.run(eve.node.send(bob.node.id, count));
  await world.runUntil(() => bob.told.filter((text) => text.includes("letter")).length === 8);
  expect(bob.letters.map(({ data }) => data)).toEqual([0, 1, 2, 3, 4]);
  expect(bob.told.filter((text) => text === "refused letter too-many-letters").length).toBe(3);
  await world.run(ada.node.send(bob.node.id, "of another"));
  await world.runUntil(() => bob.letters.length === 6);
  await world.runFor(2_000);
  for (let count = 8; count < 12; count++) await world.run(eve.node.send(bob.node.id, count));
  await world.runFor(500);
  expect(bob.letters.slice(5).map(({ data }) => data)).toEqual(["of another", 8, 9]);
  await closeAll(world, members);
});
