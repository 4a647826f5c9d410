// The attacks of the threat model against live nodes: each is refused with a typed error and an event, nothing of it is
// delivered, and honest traffic goes on.
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { AttackedNodes, framed, type Honest, honestly, type Meddling } from "./testing/man-in-between.js";
import { failure } from "./testing/secure-world.js";

const deskAddress = "memory://desk";

let world: AttackedNodes;
let desk: Honest;
let friend: Honest;

beforeEach(async () => {
  world = new AttackedNodes();
  desk = await world.open(1, { listen: [deskAddress] });
  desk.node.node.handle("echo", (message) => message.data);
  friend = await world.open(2);
  await world.run(friend.node.node.dial(`${deskAddress}#${desk.node.id}`));
});

afterEach(async () => {
  // Whatever was done to others: the friend is served.
  const answer = await world.run(friend.node.node.request(desk.node.id, "friend", { type: "echo" }));
  expect(answer.data).toBe("friend");
  expect(friend.told).toEqual([]);
  await world.close();
});

function turned(message: Uint8Array, at: number): Uint8Array {
  const copy = message.slice();
  const index = at < 0 ? copy.length + at : at;
  copy[index] = (copy[index] ?? 0) ^ 0x10;
  return copy;
}

/** The first words of a guest, after two messages of the handshake and its greeting. */
const said = 4;

const onlyAt =
  (number: number, change: (message: Uint8Array) => readonly Uint8Array[]): Meddling =>
  (message, at) =>
    at === number ? change(message) : [message];

/** A guest dials through the attacker, and says three things if it gets there. */
async function visit(toTarget: Meddling, toDialler: Meddling = honestly, number = 3): Promise<Honest> {
  const eve = `memory://eve-${number}`;
  await world.meddle(eve, deskAddress, toTarget, toDialler);
  const guest = await world.open(number);
  const dialled = guest.node.node.dial(`${eve}#${desk.node.id}`).then(
    () => "connected",
    () => "refused",
  );
  if ((await world.run(dialled)) === "connected") {
    for (const data of ["one", "two", "three"]) {
      await world.run(failure(guest.node.node.send(desk.node.id, data)));
      await world.clock.settle();
    }
  }
  await world.clock.advance(15_000);
  return guest;
}

test("with an attacker that passes all on the guest is heard: what follows is the attacks' doing", async () => {
  const guest = await visit(honestly);
  expect(desk.heard).toEqual(["one", "two", "three"]);
  expect([desk.told, guest.told]).toEqual([[], []]);
});

describe("[SEC-034] a handshake that is tampered with", () => {
  const whole = [0, 15, 31, 32, 60, 79, 80, 120, -17, -16, -1];
  test.each(whole)("by a bit of the second message at %i", async (at) => {
    const guest = await visit(
      honestly,
      onlyAt(1, (message) => [turned(message, at)]),
    );
    expect(guest.told.every((text) => text.startsWith("refused"))).toBe(true);
    expect(guest.told.length).toBe(1);
    expect(desk.told).toEqual(["refused handshake-cut"]);
    expect(desk.heard).toEqual([]);
  });

  test.each(whole)("by a bit of the third message at %i", async (at) => {
    const guest = await visit(onlyAt(2, (message) => [turned(message, at)]));
    expect(desk.told).toEqual(["refused handshake-forged"]);
    expect(desk.heard).toEqual([]);
    expect(guest.told.length).toBeLessThanOrEqual(1);
  });

  test("by a bit of the first message", async () => {
    const guest = await visit(onlyAt(1, (message) => [turned(message, 7)]));
    expect(guest.told).toEqual(["refused handshake-forged"]);
    expect(desk.told).toEqual(["refused handshake-cut"]);
  });

  const cuts: [string, Meddling, string][] = [
    ["cut short", onlyAt(2, (message) => [message.subarray(0, message.length - 1)]), "refused handshake-forged"],
    ["made longer", onlyAt(2, (message) => [Uint8Array.of(...message, 0)]), "refused handshake-forged"],
    ["oversized", onlyAt(2, () => [new Uint8Array(1_025)]), "refused bad-handshake"],
    ["said twice", onlyAt(1, (message) => [message, message]), "refused bad-handshake"],
    ["left out, so that a record comes", onlyAt(2, () => []), "refused handshake-forged"],
  ];
  test.each(cuts)("by a message that is %s", async (_what, meddling, code) => {
    await visit(meddling);
    expect(desk.told.length).toBe(1);
    expect(desk.told[0]).toBe(code);
    expect(desk.heard).toEqual([]);
  });
});

describe("[SEC-042] [SEC-043] [SEC-044] records that are tampered with", () => {
  const attacks: [string, Meddling, string][] = [
    ["a bit at the front", onlyAt(said, (record) => [turned(record, 0)]), "forged record-forged"],
    ["a bit at the end", onlyAt(said, (record) => [turned(record, -1)]), "forged record-forged"],
    ["cut short", onlyAt(said, (record) => [record.subarray(0, record.length - 1)]), "forged record-forged"],
    ["made longer", onlyAt(said, (record) => [Uint8Array.of(...record, 0)]), "forged record-forged"],
    ["repeated", onlyAt(said, (record) => [record, record]), "forged record-forged"],
    ["left out", onlyAt(said, () => []), "forged record-forged"],
    ["too short", onlyAt(said, () => [new Uint8Array(16)]), "forged bad-record"],
    ["as long as there are", onlyAt(said, () => [new Uint8Array(65_535)]), "forged record-forged"],
    ["invented", onlyAt(said, (record) => [new Uint8Array(40), record]), "forged record-forged"],
  ];
  test.each(attacks)("%s", async (_what, meddling, event) => {
    await visit(meddling);
    expect(desk.told).toEqual([event]);
    expect(desk.heard.length).toBeLessThanOrEqual(1);
  });

  test("in another order", async () => {
    let kept: Uint8Array | undefined;
    await visit((record, number) => {
      if (number === said) kept = record;
      if (number === said) return [];
      return number === said + 1 && kept !== undefined ? [record, kept] : [record];
    });
    expect(desk.told).toEqual(["forged record-forged"]);
    expect(desk.heard).toEqual([]);
  });

  test("sent back to who wrote them", async () => {
    const own: Uint8Array[] = [];
    const guest = await visit(
      (record, number) => {
        if (number === said) own.push(record);
        return [record];
      },
      (record, number) => (number === 3 ? [own[0] ?? record, record] : [record]),
    );
    await world.clock.advance(31_000);
    expect(guest.told).toEqual(["forged record-forged"]);
  });
});

describe("replays of what was overheard", () => {
  async function replay(messages: readonly Uint8Array[]): Promise<void> {
    const channel = await world.run(world.stranger(deskAddress));
    for (const message of messages) {
      channel.write([framed(message)]);
      await world.clock.settle();
    }
    await world.clock.advance(11_000);
  }

  test("[SEC-033] [SEC-034] a whole session is worth nothing in another, nor after a restart", async () => {
    await visit(honestly);
    expect(desk.heard).toEqual(["one", "two", "three"]);
    const [session] = world.recorded;
    await replay(session?.toTarget ?? []);
    expect(desk.told).toEqual(["refused handshake-forged"]);
    expect(desk.heard).toEqual(["one", "two", "three"]);
    const again = await world.open(1, { listen: ["memory://again"] });
    const channel = await world.run(world.stranger("memory://again"));
    for (const message of session?.toTarget ?? []) channel.write([framed(message)]);
    await world.clock.advance(11_000);
    expect([again.told, again.heard]).toEqual([["refused handshake-forged"], []]);
  });

  test("[SEC-042] records of an earlier session of the same two are none of this one", async () => {
    await visit(honestly);
    const old = world.recorded[0]?.toTarget.at(-1) ?? new Uint8Array(0);
    await visit(
      onlyAt(said, (record) => [old, record]),
      honestly,
      4,
    );
    expect(desk.told).toEqual(["forged record-forged"]);
    expect(desk.heard).toEqual(["one", "two", "three"]);
  });
});

describe("strangers", () => {
  test("[SEC-031] without the network key, or with another, get nothing", async () => {
    const networkKey = new Uint8Array(32).fill(4);
    const vault = await world.open(6, { listen: ["memory://vault"], networkKey });
    for (const key of [{}, { networkKey: new Uint8Array(32).fill(5) }]) {
      const stranger = await world.open(5, key);
      expect(await world.run(failure(stranger.node.node.dial("memory://vault")))).not.toBe("none");
      await world.run(stranger.node.close());
    }
    expect(vault.told).toEqual(["refused handshake-forged", "refused handshake-forged"]);
  });

  test("[SEC-038] with this node's own key are told as that", async () => {
    const twin = await world.open(1);
    expect(await world.run(failure(twin.node.node.dial(deskAddress)))).toBe("self-dial");
    expect(desk.told[0]).toMatch(/^refused (self-dial|connection-refused)$/);
  });

  test("[SEC-038] who sends a node's own words back", async () => {
    const channel = await world.run(world.transport.dial(deskAddress, { signal: new AbortController().signal }));
    channel.open({ onData: (chunk) => void channel.write([chunk]), onDrain: () => {}, onClose: () => {} });
    channel.write([framed(new Uint8Array(32).fill(9))]);
    await world.clock.advance(11_000);
    expect(desk.told.length).toBe(1);
    expect(desk.told[0]).toBe("refused handshake-forged");
  });

  test("[SEC-036] whose key is of low order", async () => {
    const channel = await world.run(world.stranger(deskAddress));
    channel.write([framed(new Uint8Array(32))]);
    await world.clock.advance(1_000);
    expect(desk.told).toEqual(["refused low-order-key"]);
  });

  test("[SEC-039] who talk in the clear", async () => {
    const channel = await world.run(world.stranger(deskAddress));
    channel.write([Uint8Array.of(0, 0, 0, 20), new Uint8Array(20)]);
    await world.clock.advance(1_000);
    expect(desk.told).toEqual(["refused not-secure"]);
  });

  test("[SEC-035] who are slow, or many", async () => {
    for (let number = 0; number < 80; number++) {
      const channel = await world.run(world.stranger(deskAddress));
      channel.write([number % 2 === 0 ? new Uint8Array(1) : framed(new Uint8Array(32).fill(9))]);
    }
    await world.clock.advance(11_000);
    expect(desk.told.length).toBeGreaterThan(0);
    expect(new Set(desk.told)).toEqual(new Set(["refused handshake-timeout"]));
  });
});

test.each(["guest", "desk", "both"] as const)(
  "[SEC-035] who closes at any moment of a handshake leaves nothing behind that fails (%s)",
  async (who) => {
    for (let turns = 0; turns < 12; turns++) {
      const address = `memory://brief-${who}-${turns}`;
      const brief = await world.open(20, { listen: [address] });
      const guest = await world.open(21);
      const dialled = failure(guest.node.node.dial(address));
      const sent = failure(guest.node.send(brief.node.id, "x"));
      for (let turn = 0; turn < turns; turn++) await Promise.resolve();
      const closing = [...(who === "desk" ? [] : [guest]), ...(who === "guest" ? [] : [brief])];
      await world.run(Promise.all(closing.map(({ node }) => node.close())));
      expect([
        "none",
        "closed",
        "dial-refused",
        "connection-refused",
        "security-failed",
        "handshake-timeout",
      ]).toContain(await world.run(dialled));
      expect(await world.run(sent)).not.toBe("none");
      await world.run(Promise.all([guest.node.close(), brief.node.close()]));
    }
  },
);
