// Letters through a hostile relay: repeated within a run and across restarts, altered, redirected. With signatures required and
// a store, nothing is told twice; without a store, the chapter says what can be.
import { decodeBody, flags, type NodeId } from "@p2p/wire";
import { MemoryLevel } from "memory-level";
import { afterEach, beforeEach, expect, test } from "vitest";
import { SecureNode } from "../securenode.js";
import { type Attacker, frameOf, type Member, type MemberOptions, SignedWorld } from "../testing/signed-world.js";
import { identityOf } from "../testing/worlds.js";

let world: SignedWorld;

beforeEach(() => {
  world = new SignedWorld();
});

afterEach(() => world.close());

interface Reader extends Member {
  readonly node: SecureNode;
  readonly letters: unknown[];
  readonly told: string[];
}

/** A member with a secure node on its mesh. */
async function reader(number: number, options: MemberOptions = {}): Promise<Reader> {
  const made: SecureNode[] = [];
  const prepare: NonNullable<MemberOptions["prepare"]> = (mesh) => {
    made.push(new SecureNode({ node: mesh.node, identity: identityOf(number), network: "signed" }));
  };
  const member = await world.add(number, { ...options, prepare });
  const [node] = made;
  if (node === undefined) throw new Error("no secure node");
  const [letters, told]: [unknown[], string[]] = [[], []];
  node.on("letter", ({ data }) => letters.push(data));
  node.on("refused", (what, { code }) => told.push(`${what} ${code}`));
  node.on("forged", (what, { code }) => told.push(`${what} ${code}`));
  return { ...member, address: options.mesh?.listen?.[0] ?? member.address, node, letters, told };
}

function newStore(): MemoryLevel<Uint8Array, Uint8Array> {
  return new MemoryLevel<Uint8Array, Uint8Array>({ keyEncoding: "view", valueEncoding: "view" });
}

/** The letter that Ada has sent to this node over the attacker, her only neighbour. */
async function overheard(ada: Reader, to: NodeId, mallory: Attacker, data: string): Promise<Uint8Array> {
  ada.node.learnKey(identityOf(2).publicKey);
  const before = mallory.heard.length;
  // The attacker sends no receipts: nobody waits for one.
  void ada.node.send(to, data).catch(() => undefined);
  await world.clock.settle();
  const raw = mallory.heard
    .slice(before)
    .find((body) => decodeBody(body).items[0] === flags.subtypes.routed && body.length > 400);
  if (raw === undefined) throw new Error("the attacker heard nothing");
  return raw;
}

/** Brings it to a node, over a link of the attacker's own. */
async function bring(mallory: Attacker, to: Member, raw: Uint8Array): Promise<void> {
  const connection = mallory.node.connectionTo(to.mesh.id) ?? (await world.run(mallory.node.dial(to.address)));
  await world.clock.settle();
  connection.sendFrame(frameOf(raw));
  await world.clock.settle();
}

test("[SEC-232] [SEC-076] a relay that repeats a letter is not heard twice, also when message ids are forgotten", async () => {
  const [ada, bob] = [await reader(1), await reader(2)];
  const mallory = await world.attack(ada);
  const raw = await overheard(ada, bob.mesh.id, mallory, "once");
  await bring(mallory, bob, raw);
  expect(bob.letters).toEqual(["once"]);
  await world.clock.advance(200_000);
  await bring(mallory, bob, raw);
  expect(bob.letters).toEqual(["once"]);
  expect(bob.judged).toEqual(["accepted", "message-replayed"]);
});

test.each([["closed"], ["killed"]] as const)(
  "[SEC-078] [SEC-232] a letter from before a restart is not told again, with signatures required and a store (%s)",
  async (how) => {
    const replayStore = newStore();
    const ada = await reader(1);
    const bob = await reader(2, { replayStore });
    const mallory = await world.attack(ada);
    const raw = await overheard(ada, bob.mesh.id, mallory, "before");
    await bring(mallory, bob, raw);
    expect(bob.letters).toEqual(["before"]);
    // Killed: what was heard is on disk within a second, and nothing is written at the end.
    if (how === "closed") await world.run(bob.mesh.close());
    await world.clock.advance(200_000);
    await world.run(mallory.node.connectionTo(bob.mesh.id)?.close() ?? Promise.resolve());
    const again = await reader(2, { replayStore, mesh: { listen: ["memory://again"] } });
    await bring(mallory, again, raw);
    expect(again.letters).toEqual([]);
    expect(again.judged).toEqual(["message-replayed"]);
    expect(mallory.ended.filter(({ name }) => name !== "normal")).toEqual([]);
    await bring(mallory, again, await overheard(ada, bob.mesh.id, mallory, "after"));
    expect(again.letters).toEqual(["after"]);
  },
);

test("[SEC-079] who wrote letters before a restart is read after it, by who stores what it heard", async () => {
  const replayStore = newStore();
  const first = await reader(1);
  const bob = await reader(2, { replayStore });
  const mallory = await world.attack(first);
  await bring(mallory, bob, await overheard(first, bob.mesh.id, mallory, "first run"));
  await world.run(first.mesh.close());
  await world.clock.advance(5_000);
  const second = await reader(1);
  const other = await world.attack(second, 67);
  await bring(other, bob, await overheard(second, bob.mesh.id, other, "second run"));
  expect(bob.letters).toEqual(["first run", "second run"]);
  expect(bob.told).toEqual([]);
});

test("[SEC-233] without a store a letter can be told again after a restart for as long as it is fresh, and no longer", async () => {
  const ada = await reader(1);
  const options = { freshnessMs: 60_000 };
  const bob = await reader(2, options);
  const mallory = await world.attack(ada);
  const raw = await overheard(ada, bob.mesh.id, mallory, "again");
  await bring(mallory, bob, raw);
  await world.run(bob.mesh.close());
  const again = await reader(2, options);
  await bring(mallory, again, raw);
  expect([bob.letters, again.letters]).toEqual([["again"], ["again"]]);
  await world.run(again.mesh.close());
  await world.clock.advance(61_000);
  const late = await reader(2, options);
  await bring(mallory, late, raw);
  expect([late.letters, late.judged]).toEqual([[], ["message-stale"]]);
});

test("[SEC-072] [SEC-231] a letter of which a relay turns any byte is not told, and the relay is to blame", async () => {
  const [ada, bob] = [
    await reader(1),
    await reader(2, { mesh: { meshLimits: { activeMax: 100, maxRejected: 10_000 } } }),
  ];
  const mallory = await world.attack(ada);
  const raw = await overheard(ada, bob.mesh.id, mallory, "whole");
  const start = raw.length - decodedInner(raw).length;
  for (let index = start; index < raw.length; index += 7) {
    const turned = raw.slice();
    turned[index] = (turned[index] ?? 0) ^ 1;
    await bring(mallory, bob, turned);
  }
  expect(bob.letters).toEqual([]);
  expect(new Set(bob.judged).size).toBeGreaterThan(0);
  expect(bob.judged).not.toContain("accepted");
  expect(new Set(bob.blamed)).toEqual(new Set([mallory.identity.id]));
  await bring(mallory, bob, raw);
  expect(bob.letters).toEqual(["whole"]);
});

function decodedInner(raw: Uint8Array): Uint8Array {
  const inner = decodeBody(raw).items[4];
  if (!(inner instanceof Uint8Array)) throw new Error("no inner body");
  return inner;
}
