// Broadcasts of one turn in meshes: signed together, and each on its own from then on; in order, within bounds, and none forgotten.

import { Sync } from "@p2p/sync";
import { decodeBody, flags } from "@p2p/wire";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { noise } from "../channel/noise.js";
import { type Attacker, frameOf, type Member, SignedWorld } from "../testing/signed-world.js";
import { identityOf } from "../testing/worlds.js";
import { envelopeOf } from "./envelope.js";

let world: SignedWorld;

beforeEach(() => {
  world = new SignedWorld();
});

afterEach(() => world.close());

const numbers = (count: number, first = 0): number[] => Array.from({ length: count }, (_, index) => first + index);

/** Bodies of broadcasts that came to a neighbour. */
function broadcastsTo(mallory: Attacker): Uint8Array[] {
  return mallory.heard.filter((raw) => decodeBody(raw).type === flags.mainTypes.broadcast);
}

/** How many hashes the path of each has. */
function pathsOf(bodies: readonly Uint8Array[]): number[] {
  return bodies.map((raw) => {
    const envelope = envelopeOf(decodeBody(raw));
    if (typeof envelope === "string") throw new TypeError("a broadcast without an envelope");
    return envelope.proof.hashes.length;
  });
}

function signaturesOf(bodies: readonly Uint8Array[]): number {
  return new Set(bodies.map((raw) => raw.subarray(-64).join())).size;
}

/** Lets the time of the world pass until all that a mesh would say is said, as fast as its neighbours take it. */
async function say(member: Member, all: readonly string[]): Promise<void> {
  for (const data of all) {
    if (member.mesh.broadcast(data)) continue;
    let isDrained = false;
    const drained = member.mesh.drained().then(() => {
      isDrained = true;
    });
    while (!isDrained) await world.clock.advance(50);
    await drained;
  }
  await world.clock.settle();
}

describe("[SEC-088] broadcasts of one turn", () => {
  test("[SEC-085] are signed together, pass a relay as they are, and arrive in order", async () => {
    const [ada, bob, carl] = (await world.line(3)) as [Member, Member, Member];
    const mallory = await world.attack(bob);
    for (const number of numbers(200)) ada.mesh.broadcast(number);
    await world.clock.settle();
    expect([bob.inbox, carl.inbox]).toEqual([numbers(200), numbers(200)]);
    expect(signaturesOf(broadcastsTo(mallory))).toBe(4);
    expect(Math.max(...pathsOf(broadcastsTo(mallory)))).toBe(6);
    expect([bob.blamed, carl.blamed]).toEqual([[], []]);
  });

  test("one in a turn has no path, and is as long as if there were no batches", async () => {
    const [ada, bob] = (await world.line(2)) as [Member, Member];
    const mallory = await world.attack(bob);
    for (const number of numbers(3)) {
      ada.mesh.broadcast(number);
      await world.clock.settle();
    }
    expect(pathsOf(broadcastsTo(mallory))).toEqual([0, 0, 0]);
    expect(signaturesOf(broadcastsTo(mallory))).toBe(3);
  });

  test("[SEC-085] [SEC-076] are taken in any order, some of them lost, and once", async () => {
    const [ada, bob] = (await world.line(2)) as [Member, Member];
    const mallory = await world.attack(bob);
    for (const number of numbers(64)) ada.mesh.broadcast(number);
    await world.clock.settle();
    // Nobody tells Dora but the other attacker.
    const dora = await world.add(4);
    const other = await world.attack(dora, 67);
    const kept = broadcastsTo(mallory)
      .filter((_, index) => index % 3 === 0)
      .reverse();
    for (const raw of [...kept, ...kept]) other.connection.sendFrame(frameOf(raw));
    await world.clock.settle();
    expect(dora.inbox).toEqual(
      numbers(64)
        .filter((number) => number % 3 === 0)
        .reverse(),
    );
    expect([dora.blamed, other.ended]).toEqual([[], []]);
  });

  test("come before what is sent to a neighbour after them", async () => {
    const [ada, bob] = (await world.line(2)) as [Member, Member];
    ada.mesh.broadcast("one");
    void ada.mesh.send(bob.mesh.id, "two");
    ada.mesh.broadcast("three");
    void ada.mesh.node.sendAll("four");
    await world.clock.settle();
    expect(bob.inbox).toEqual(["one", "to me: two", "three", "to me: four"]);
  });

  test("share a signature also when each waits for room that there is", async () => {
    const [ada, bob] = (await world.line(2)) as [Member, Member];
    const mallory = await world.attack(bob);
    const saying = (async () => {
      for (const number of numbers(10)) {
        ada.mesh.broadcast(number);
        await ada.mesh.drained();
      }
    })();
    await world.run(saying);
    await world.clock.settle();
    expect(bob.inbox).toEqual(numbers(10));
    expect(signaturesOf(broadcastsTo(mallory))).toBe(1);
  });

  test("are sent when the node closes in the same turn", async () => {
    const [ada, bob, carl] = (await world.line(3)) as [Member, Member, Member];
    for (const number of numbers(70)) ada.mesh.broadcast(number);
    await world.run(ada.mesh.close());
    await world.clock.settle();
    expect([bob.inbox, carl.inbox]).toEqual([numbers(70), numbers(70)]);
  });

  test("go to a neighbour whose link is closed after them, in the same turn", async () => {
    const [ada, bob] = (await world.line(2)) as [Member, Member];
    ada.mesh.broadcast("goodbye");
    for (const connection of ada.mesh.node.connections) void connection.close();
    await world.clock.settle();
    expect(bob.inbox).toEqual(["goodbye"]);
  });

  test("go to whom each is for: one is left out of one, not of the others", async () => {
    const [ada, bob] = (await world.line(2)) as [Member, Member];
    const mallory = await world.attack(ada);
    ada.mesh.broadcast("for all");
    ada.mesh.broadcast("not for her", { exclude: [mallory.identity.id] });
    ada.mesh.broadcast("for all again");
    await world.clock.settle();
    expect(bob.inbox).toEqual(["for all", "not for her", "for all again"]);
    expect(broadcastsTo(mallory).map((raw) => decodeBody(raw).items[2])).toEqual(["for all", "for all again"]);
  });

  test("are compressed each by itself", async () => {
    const [ada, bob, carl] = (await world.line(3, { mesh: { compressAboveBytes: 100 } })) as [Member, Member, Member];
    const texts = numbers(20).map((number) => `${number} `.repeat(500));
    for (const data of texts) ada.mesh.broadcast(data);
    await world.clock.settle();
    expect([bob.inbox, carl.inbox]).toEqual([texts, texts]);
  });
});

describe("[SEC-088] bounds", () => {
  test("what fits the message limit alone goes alone, and the others together", async () => {
    const limits = { maxFrameBytes: 2_048 };
    const ada = await world.add(1, { mesh: { limits } });
    const bob = await world.add(2);
    await world.link(ada, bob);
    const mallory = await world.attack(bob);
    let longest = 2_048;
    while (longest > 0) {
      try {
        ada.mesh.broadcast("x".repeat(longest));
        break;
      } catch {
        longest--;
      }
    }
    await world.clock.settle();
    for (const length of [10, 10, longest, 10, longest - 100, longest - 300, 10])
      ada.mesh.broadcast("x".repeat(length));
    await world.clock.settle();
    const heard = broadcastsTo(mallory);
    expect(Math.max(...heard.map((raw) => raw.length))).toBe(2_048);
    expect(bob.inbox.length).toBe(8);
    // Alone: the longest, what stood between two that are, and what is too long with a path.
    expect(pathsOf(heard)).toEqual([0, 1, 1, 0, 0, 0, 1, 1]);
  });

  test("what fits the limit of a neighbour alone goes alone", async () => {
    const ada = await world.add(1);
    const bob = await world.add(2, { mesh: { limits: { maxFrameBytes: 1_024 } } });
    await world.link(ada, bob);
    for (const length of [10, 750, 10, 750]) ada.mesh.broadcast("x".repeat(length));
    await world.clock.settle();
    expect(bob.inbox.map((data) => String(data).length)).toEqual([10, 750, 10, 750]);
  });

  test("a slow neighbour is waited for, and a fast sender with a small buffer loses nothing and nobody", async () => {
    const limits = { sendBufferBytes: 16_384, maxFrameBytes: 4_096 };
    const [ada, bob] = (await world.line(2, { mesh: { limits } })) as [Member, Member];
    const all = numbers(400).map((number) => `${number} ${"x".repeat(300)}`);
    const turn = setHolding(bob);
    await say(ada, all);
    turn();
    for (let round = 0; round < 100 && bob.inbox.length < all.length; round++) await world.clock.advance(50);
    expect(bob.inbox).toEqual(all);
    expect([ada.goodbyes, bob.goodbyes]).toEqual([[], []]);
  });

  test("a sender that does not heed it is told so, before anybody is dropped", async () => {
    const limits = { sendBufferBytes: 16_384, maxFrameBytes: 4_096 };
    const [ada, bob] = (await world.line(2, { mesh: { limits } })) as [Member, Member];
    for (const connection of bob.mesh.node.connections) connection.hold();
    const data = "x".repeat(300);
    let isTold = false;
    for (let round = 0; round < 200 && !isTold; round++) {
      try {
        for (let count = 0; count < 30; count++) ada.mesh.broadcast(data);
      } catch (error) {
        expect(error).toMatchObject({ code: "overflow" });
        isTold = true;
      }
      await world.clock.settle();
    }
    expect([isTold, ada.goodbyes]).toEqual([true, []]);
  });

  test("with a key that was forgotten nothing is sent, and it is told", async () => {
    const [ada, bob] = (await world.line(2)) as [Member, Member];
    const errors: Error[] = [];
    ada.mesh.on("error", (error) => errors.push(error));
    ada.mesh.broadcast("one");
    ada.identity.destroy();
    await world.clock.settle();
    expect([bob.inbox, errors.length]).toEqual([[], 1]);
    expect(errors[0]?.message).toBe("the identity was destroyed");
  });
});

test("[SEC-088] writes of a table share signatures too", async () => {
  const identity = identityOf(1);
  const sign = vi.spyOn(identity, "sign");
  const open = async (security: ReturnType<typeof noise>, address: string, bootstrap: string[]): Promise<Sync> => {
    const common = { network: "tables", listen: [address], bootstrap, clock: world.clock };
    const sync = new Sync({ ...common, transports: world.transports, security });
    await world.run(sync.open());
    return sync;
  };
  const writer = await open(noise({ identity, messages: "require" }), "memory://writer", []);
  const reader = await open(noise({ identity: identityOf(2), messages: "require" }), "memory://reader", [
    "memory://writer",
  ]);
  for (let round = 0; round < 20 && reader.mesh.peers.length === 0; round++) await world.clock.advance(500);
  const before = sign.mock.calls.filter(([purpose]) => purpose === "envelope").length;
  const writes = numbers(100).map((number) => writer.set(`key ${number}`, number));
  for (let round = 0; round < 20 && reader.size < 100; round++) await world.clock.advance(100);
  await world.run(Promise.all(writes));
  expect(reader.size).toBe(100);
  const made = sign.mock.calls.filter(([purpose]) => purpose === "envelope").length - before;
  expect(made).toBeGreaterThan(0);
  expect(made).toBeLessThanOrEqual(4);
  await Promise.all([writer, reader].map((sync) => world.run(sync.close())));
});

/** The member reads nothing, and then a little at a time. @returns what lets it read on */
function setHolding(member: Member): () => void {
  let isHeld = false;
  const turn = (): void => {
    isHeld = !isHeld;
    for (const connection of member.mesh.node.connections) {
      if (isHeld) connection.hold();
      else connection.release();
    }
  };
  const timer = { handle: world.clock.setTimeout(() => tick(), 100) };
  const tick = (): void => {
    turn();
    timer.handle = world.clock.setTimeout(() => tick(), 100);
  };
  return () => {
    world.clock.clearTimeout(timer.handle);
    if (isHeld) turn();
  };
}
