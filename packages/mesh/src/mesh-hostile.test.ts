// Peers that do not keep the protocol: a bare node of base plays them.
import { type CloseReason, type Connection, Node } from "@p2p/base";
import { flags, nodeIdToBytes, type WireValue } from "@p2p/wire";
import { afterEach, describe, expect, test } from "vitest";
import { meshFeature } from "./participant.js";
import { type Member, type MemberOptions, Meshes } from "./testing/meshes.js";
import type { Verdict } from "./validators.js";

let world = new Meshes();
let attackers: Node[] = [];

afterEach(async () => {
  for (const attacker of attackers) void attacker.close();
  await world.close();
  attackers = [];
  expect(world.members.flatMap((member) => member.errors)).toEqual([]);
  world = new Meshes();
});

interface Attack {
  readonly node: Node;
  readonly connection: Connection;
  readonly ended: CloseReason[];
  broadcast(items: readonly WireValue[]): void;
}

/** A member, an honest neighbour of it, and an attacker. */
async function stage(options: MemberOptions = {}): Promise<[victim: Member, honest: Member, attack: Attack]> {
  const victim = await world.add({ advertise: [], ...options });
  const honest = await world.add({ advertise: [] });
  await world.link(1, 0);
  return [victim, honest, await attacker(victim)];
}

async function attacker(victim: Member): Promise<Attack> {
  const { transports, clock } = victim.mesh.node.seams;
  const node = new Node({ network: "test", features: [meshFeature], transports: [...transports.values()], clock });
  attackers.push(node);
  await node.open();
  const ended: CloseReason[] = [];
  node.on("outboundDisconnected", (_connection, reason) => ended.push(reason));
  const dialled = node.dial(victim.address);
  await world.clock.settle();
  const connection = await dialled;
  const { writer, times } = node.seams;
  return {
    node,
    connection,
    ended,
    broadcast: (items) => {
      connection.sendFrame(writer.write(flags.mainTypes.broadcast, node.idBytes, times.next(), items));
    },
  };
}

/** The victim still serves its honest neighbour. */
async function expectServed(victim: Member, honest: Member): Promise<void> {
  victim.mesh.broadcast("still here");
  await world.clock.settle();
  expect(honest.inbox.at(-1)?.data).toBe("still here");
}

const { subtypes } = flags;
const id = new Uint8Array(48).fill(9);

describe("[MESH-045] [MESH-004] a message that is wrong in one item closes its link with `protocol`, and no other", () => {
  const bad: [string, WireValue[]][] = [
    ["peers without list", [subtypes.peers]],
    ["peers with text", [subtypes.peers, "all"]],
    ["peers with an entry of one", [subtypes.peers, [[id]]]],
    ["peers with an id of 47 bytes", [subtypes.peers, [[id.subarray(1), []]]]],
    ["peers with an address that is a number", [subtypes.peers, [[id, [80]]]]],
    ["peers with 1,001 addresses", [subtypes.peers, [[id, new Array(1_001).fill("tcp://10.0.0.1:1")]]]],
    ["neighbour without items", [subtypes.neighbour]],
    ["neighbour with -1 links", [subtypes.neighbour, -1, false]],
    ["neighbour with text", [subtypes.neighbour, 1, "no"]],
    ["routed without inner body", [subtypes.routed, id, 0, 9]],
    ["routed with a short destination", [subtypes.routed, id.subarray(1), 0, 9, id]],
    ["routed with attempt 16", [subtypes.routed, id, 16, 9, id]],
    ["routed with hops of 1.5", [subtypes.routed, id, 0, 1.5, id]],
    ["routed with text inside", [subtypes.routed, id, 0, 9, "text"]],
    ["receipt with a short message id", [subtypes.receipt, id, 9, id.subarray(0, 31)]],
    ["receipt with hops of nil", [subtypes.receipt, id, null, id.subarray(0, 32)]],
  ];
  test.each(bad)("%s", async (_name, items) => {
    const [victim, honest, attack] = await stage();
    attack.connection.sendWhisper(items);
    await world.clock.settle();
    expect(attack.ended.map((reason) => reason.name)).toEqual(["protocol"]);
    await expectServed(victim, honest);
  });

  test.each([[[0]], [[0, "type"]], [[0, 7, 7]], [[0, null, 7]]] as WireValue[][][])("broadcast %j", async (items) => {
    const [victim, honest, attack] = await stage();
    attack.broadcast(items);
    await world.clock.settle();
    expect(attack.ended.map((reason) => reason.name)).toEqual(["protocol"]);
    expect(honest.inbox).toEqual([]);
    await expectServed(victim, honest);
  });

  test("[MESH-048] peers in the name of another node", async () => {
    const [victim, honest, attack] = await stage();
    const { writer, times } = attack.node.seams;
    attack.connection.sendFrame(writer.write(flags.mainTypes.whisper, id, times.next(), [subtypes.peers, []]));
    await world.clock.settle();
    expect(attack.ended.map((reason) => reason.name)).toEqual(["protocol"]);
    await expectServed(victim, honest);
  });
});

describe("too much of it", () => {
  test("[MESH-033] peers messages, [MESH-046] neighbour messages: `rate`", async () => {
    for (const items of [
      [subtypes.peers, []],
      [subtypes.neighbour, 1, true],
    ] as WireValue[][]) {
      const [victim, honest, attack] = await stage();
      for (let number = 0; number < 300; number += 1) attack.connection.sendWhisper(items);
      await world.clock.settle();
      expect(attack.ended.map((reason) => reason.name)).toEqual(["rate"]);
      await expectServed(victim, honest);
      await world.close();
      world = new Meshes(2);
    }
  });

  test("[MESH-052] rejected broadcasts: `rejected` at the sixth, at once or late; the relay of good ones is not blamed", async () => {
    for (const judge of [(verdict: Verdict) => verdict, (verdict: Verdict) => Promise.resolve(verdict)]) {
      const [victim, honest, attack] = await stage({
        validators: { "*": (message) => judge(message.data === "bad" ? "reject" : "accept") },
      });
      for (let number = 0; number < 5; number += 1) attack.broadcast([0, "message", "bad"]);
      attack.broadcast([0, "message", "good"]);
      await world.clock.settle();
      expect(attack.ended).toEqual([]);
      attack.broadcast([0, "message", "bad"]);
      await world.clock.settle();
      expect(attack.ended.map((reason) => reason.name)).toEqual(["rejected"]);
      expect(honest.inbox.map((message) => message.data)).toEqual(["good"]);
      expect(victim.mesh.counters.refused).toBe(6);
      await expectServed(victim, honest);
      await world.close();
      world = new Meshes(2);
    }
  });

  test("[MESH-026] [MESH-037] an eclipse: sixty sybils dial and gossip, the honest links stay", async () => {
    const honest: Member[] = [];
    for (let number = 0; number < 8; number += 1) {
      honest.push(await world.add(number === 0 ? {} : { bootstrap: [world.at(0).address] }));
    }
    await world.clock.advance(5_000);
    const victim = world.at(7);
    expect(victim.mesh.peers).toHaveLength(7);
    for (let number = 0; number < 60; number += 1) {
      const sybil = await attacker(victim);
      const lies = Array.from({ length: 50 }, (_, n): WireValue => {
        const fake = new Uint8Array(48).fill(number + 1).fill(n, 0, 4);
        return [fake, [`memory://sybil${number}-${n}`]];
      });
      sybil.connection.sendWhisper([subtypes.neighbour, number % 2, false]);
      sybil.connection.sendWhisper([subtypes.peers, lies]);
      await world.clock.advance(200);
    }
    const known = new Set(honest.map((member) => member.mesh.id));
    expect(victim.mesh.peers.filter((peer) => known.has(peer)).length).toBeGreaterThanOrEqual(4);
    world.at(2).mesh.broadcast("heard");
    await world.clock.settle();
    expect(victim.inbox.map((message) => message.data)).toEqual(["heard"]);
  }, 30_000);
});

describe("[MESH-070] routed bodies that are none of an application are dropped, without a receipt", () => {
  test("garbage, other senders, messages of the session and of the mesh", async () => {
    const [victim, honest, attack] = await stage();
    const { writer, times, idBytes } = { ...attack.node.seams, idBytes: attack.node.idBytes };
    const to = nodeIdToBytes(victim.mesh.id);
    const body = (sender: Uint8Array, type: number, items: WireValue[]) =>
      writer.write(type, sender, times.next(), items).subarray(4);
    const inner = [
      new Uint8Array([0xc1]),
      body(id, 2, [subtypes.whisper, "message", "forged"]),
      body(idBytes, 0, [0, "message", "a broadcast"]),
      body(idBytes, 2, [subtypes.handshake, {}]),
      body(idBytes, 2, [0x30, 0, "a close"]),
      body(idBytes, 2, [subtypes.routed, to, 0, 1, new Uint8Array(9)]),
      body(idBytes, 2, [subtypes.whisper, "message"]),
      body(idBytes, 2, [subtypes.whisper, "", 1]),
    ];
    for (const each of inner) attack.connection.sendWhisper([subtypes.routed, to, 0, 9, each]);
    await world.clock.settle();
    expect(victim.inbox).toEqual([]);
    expect(victim.mesh.counters.routedDropped).toBe(inner.length);
    attack.connection.sendWhisper([subtypes.routed, to, 0, 9, body(idBytes, 2, [subtypes.whisper, "message", "good"])]);
    await world.clock.settle();
    expect(victim.inbox.map((message) => message.data)).toEqual(["good"]);
    expect(attack.ended).toEqual([]);
    await expectServed(victim, honest);
  });
});
