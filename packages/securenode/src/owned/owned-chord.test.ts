// Keys of identities in a ring over real sockets: what the owner wrote is read and proven, and who forges is shown the door.
import { BaseError, type Connection, Node, ownedKey } from "@p2p/base";
import { Chord, type ChordOptions } from "@p2p/chord";
import { encodeValue, flags, nodeIdToBytes, type WireValue } from "@p2p/wire";
import { afterEach, expect, test } from "vitest";
import { identityOf, layerOf } from "../testing/worlds.js";
import { verifyOwned } from "./verify-owned.js";

const network = "owned";
const open: { close(): Promise<void> }[] = [];

afterEach(async () => {
  await Promise.all(open.splice(0).map((each) => each.close()));
});

async function member(
  number: number,
  bootstrap: readonly string[],
  options: Partial<ChordOptions> = {},
): Promise<Chord> {
  const chord = new Chord({ network, listen: ["tcp://127.0.0.1:0"], bootstrap, security: layerOf(number), ...options });
  open.push(chord);
  await chord.open();
  await chord.ready();
  return chord;
}

async function ring(count: number): Promise<readonly [Chord, Chord, ...Chord[]]> {
  const first = await member(1, []);
  const second = await member(2, first.addresses);
  const others: Chord[] = [];
  for (let number = 3; number <= count; number += 1) others.push(await member(number, first.addresses));
  return [first, second, ...others];
}

test("[SEC-091] [SEC-094] what the owner of a key wrote is read by all, and verified by who is in no network", async () => {
  const [ada, bob, eve] = await ring(4);
  const key = ada.owned("profile");
  expect(key).toBe(ownedKey(ada.id, "profile"));
  await ada.set(key, { name: "Ada" });
  await ada.applyDelta(key, { born: 1815 });
  for (const each of [bob, eve]) expect(await each?.get(key)).toEqual({ name: "Ada", born: 1815 });
  await expect(bob.set(key, "Bob")).rejects.toMatchObject({ code: "not-owner", peer: ada.id });
  const shown = await bob.proof(key);
  expect(shown && verifyOwned(shown, { network })).toBe(ada.id);
  expect(shown && verifyOwned({ ...shown, value: "Bob" }, { network })).toBeUndefined();
  await ada.delete(key);
  expect(await bob.has(key)).toBe(false);
  const removed = await bob.proof(key);
  expect(removed?.value).toBeUndefined();
  expect(removed && verifyOwned(removed, { network })).toBe(ada.id);
  for (const { features } of ada.node.connections) expect(features).toContain("owned/1");
});

test("[SEC-093] [SEC-094] who stores in another's name loses the link, who asks without `owned/1` does not get one", async () => {
  const [ada, bob] = await ring(3);
  const key = ada.owned("profile");
  await ada.set(key, "Ada");
  const forged: unknown[] = [];
  bob.on("forged", (by, of) => forged.push([by, of]));
  const rude = async (
    features: readonly string[],
  ): Promise<{ node: Node; connection: Connection; closed: Promise<string> }> => {
    const node = new Node({ network, security: layerOf(66), features });
    open.push(node);
    let tell: (reason: string) => void = () => undefined;
    const closed = new Promise<string>((resolve) => {
      tell = resolve;
    });
    node.attach({
      features: [],
      subtypes: Object.values(flags.subtypes).filter((subtype) => subtype >= flags.subtypes.standing),
      onConnected: () => undefined,
      onDisconnected: (_connection, { name }) => tell(name),
      onBody: () => undefined,
    });
    await node.open();
    return { node, connection: await node.dial(bob.addresses[0] ?? ""), closed };
  };
  await expect(rude(["chord/1"])).rejects.toBeInstanceOf(BaseError);
  const { node, connection, closed } = await rude(["chord/1", "owned/1"]);
  const sequence = 2 ** 52;
  const write: WireValue = [sequence, nodeIdToBytes(ada.id), encodeValue("Bob"), null, new Uint8Array(96)];
  connection.sendWhisper([flags.subtypes.question, 1, 1, new TextEncoder().encode(key), write]);
  expect(await closed).toBe("protocol");
  expect(forged).toEqual([[node.id, key]]);
  expect(await bob.get(key)).toBe("Ada");
});

test("a ring that proves no ids has no owned keys", async () => {
  const plain = new Chord({ network, listen: ["tcp://127.0.0.1:0"] });
  open.push(plain);
  await plain.open();
  expect(() => plain.owned("profile")).toThrow(expect.objectContaining({ code: "no-identity" }));
  const key = ownedKey(identityOf(1).id, "profile");
  await plain.set(key, "anybody");
  expect(await plain.get(key)).toBe("anybody");
  expect(await plain.proof(key)).toBeUndefined();
});
