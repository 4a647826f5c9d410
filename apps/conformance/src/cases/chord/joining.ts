// Joining, founding, and how rings that were split become one (spec/chord.md, sections 1, 3 and 5).

import type { RingFacts } from "../../driver/protocol.js";
import { toHex } from "../../reference/value.js";
import type { NodeCase } from "../../runner/case.js";
import { check, checkEqual } from "../../runner/expect.js";
import { needOwnHost } from "../../runner/own-network.js";
import { at, numberOf, positionOf } from "../../stage/chord-circle.js";
import { findStatus, idOf, isAsk, isFindOf, isHint, isNotice, isStanding } from "../../stage/chord-messages.js";
import type { RingPeer } from "../../stage/chord-peer.js";
import { nowhere, StagedRing } from "../../stage/chord-ring.js";
import { subtype } from "../../stage/messages.js";
import { first } from "../../stage/several.js";
import type { Stage } from "../../stage/stage.js";
import type { TestNode } from "../../stage/test-node.js";
import { nodeCase } from "../define.js";

/** The standing that the node told last. */
function standing(peer: RingPeer): unknown {
  return peer.inbox.all.findLast(isStanding)?.items[1];
}

/** An id that is less as a number, and where possible greater as a text. */
function lesserId(id: Uint8Array): Uint8Array {
  const greatestOf65 = 58n ** 65n - 1n;
  return positionOf(greatestOf65 < numberOf(id) ? greatestOf65 : 0n);
}

/** A free port, for a node that is to know its address before it is open. */
async function freeAddress(stage: Stage): Promise<string> {
  const listener = await stage.listen();
  listener.close();
  return listener.address;
}

const factsOf = async (node: TestNode): Promise<RingFacts> => (await node.call({ do: "ring" })) as RingFacts;

/** Opens nodes that join by the first, on a clock that passes by itself, and waits until each knows all others in order. */
async function realRing(stage: Stage, count: number): Promise<readonly TestNode[]> {
  const limits = { stabiliseMs: 200, hurryMs: 20, fingerMs: 200, mergeMs: 200 };
  const first = await stage.open({ kind: "chord", limits });
  const others = await Promise.all(
    Array.from({ length: count - 1 }, () => stage.open({ kind: "chord", bootstrap: first.addresses, limits })),
  );
  return [first, ...others];
}

/** Each knows the others, in the order of the circle from itself on. */
async function checkOne(stage: Stage, nodes: readonly TestNode[]): Promise<void> {
  const order = [...nodes].sort((a, b) => (toHex(a.idBytes) < toHex(b.idBytes) ? -1 : 1)).map(({ id }) => id);
  await stage.eventually(async () => {
    for (const node of nodes) {
      const place = order.indexOf(node.id);
      const others = [...order.slice(place + 1), ...order.slice(0, place)];
      const { predecessor, successors } = await factsOf(node);
      checkEqual([predecessor, successors], [others.at(-1) ?? null, others], `the neighbours of member ${place}`);
    }
  });
}

export const joiningCases: readonly NodeCase[] = [
  nodeCase(
    "chord/join/one-place",
    "CHORD-019 CHORD-010",
    "members that join at the same time are all in one ring",
    async (stage) => {
      await checkOne(stage, await realRing(stage, 6));
    },
  ),
  nodeCase(
    "chord/join/after-deaths",
    "CHORD-010",
    "the ring stays one and in order when two of six die",
    async (stage) => {
      const nodes = await realRing(stage, 6);
      await checkOne(stage, nodes);
      const [, second, , fourth] = nodes as [TestNode, TestNode, TestNode, TestNode];
      await Promise.all([second, fourth].map((node) => node.call({ do: "crash" })));
      await checkOne(
        stage,
        nodes.filter((node) => node !== second && node !== fourth),
      );
    },
  ),
  nodeCase(
    "chord/join/list",
    "CHORD-017",
    "nobody is a member without a list of its predecessor that is long enough",
    async (stage) => {
      const ring = await StagedRing.open(stage, { bootstrap: [nowhere] });
      const [a, b, c] = [await ring.add(0.2), await ring.add(0.4), await ring.add(0.6)];
      ring.arrange({ withNode: false });
      c.place(b, [a, b], false);
      await a.dial(ring.node);
      await ring.next(c, isAsk, "an ask for the neighbourhood of the predecessor to be");
      await ring.pass(10_000, 500);
      checkEqual(standing(a), 0, "the standing with a list of two that is not whole");
      c.place(b, [a, b]);
      await ring.until(() => (standing(a) === 2 ? true : undefined), "a member", 10_000);
      checkEqual(
        (await ring.told(b)).successors,
        [a, b, c].map(({ hex }) => hex),
        "the list",
      );
      checkEqual((await ring.told(b)).predecessor, c.hex, "the predecessor");
    },
  ),
  nodeCase("chord/found/never", "CHORD-018", "who has another's address to join by founds no ring", async (stage) => {
    const ring = await StagedRing.open(stage, { bootstrap: [nowhere] });
    const peer = await ring.add(0.5);
    peer.standing = 0;
    await peer.dial(ring.node);
    await ring.pass(60_000, 1_000);
    checkEqual((await ring.facts()).role, "seeking", "the role");
    checkEqual(standing(peer), 0, "the standing");
  }),
  nodeCase(
    "chord/found/lesser-id",
    "CHORD-018",
    "of those that may found the ring, the one with the least id does",
    async (stage) => {
      const own = await freeAddress(stage);
      const ring = await StagedRing.open(stage, { listen: [own], bootstrap: [own, nowhere] });
      const lesser = await ring.stranger(lesserId(ring.id));
      ring.watch(lesser);
      lesser.standing = 1;
      await lesser.dial(ring.node);
      await ring.pass(10_000, 500);
      checkEqual(standing(lesser), 1, "the standing beside one with a lesser id");
      lesser.die();
      const greater = await ring.stranger(new Uint8Array(48).fill(255));
      ring.watch(greater);
      greater.standing = 1;
      await greater.dial(ring.node);
      await ring.until(() => (standing(greater) === 2 ? true : undefined), "the founder", 10_000);
    },
  ),
  nodeCase(
    "chord/found/alone",
    "CHORD-018",
    "who has no address to join by, or its own alone, founds the ring",
    async (stage) => {
      checkEqual((await (await StagedRing.open(stage)).facts()).role, "member", "the role without an address");
      const own = await freeAddress(stage);
      const ring = await StagedRing.open(stage, { listen: [own], bootstrap: [own] });
      await ring.until(async () => ((await ring.facts()).role === "member" ? true : undefined), "a member", 1_000);
    },
  ),
  nodeCase(
    "chord/contacts/local",
    "CHORD-004",
    "a local address is not dialled on a stranger's word",
    async (stage) => {
      const host = needOwnHost();
      const ring = await StagedRing.open(stage, { listen: [`tcp://${host}:0`] });
      const [local, near] = [await ring.add(0.3), await ring.add(0.6)];
      ring.arrange();
      const stranger = await ring.add(0.1);
      stranger.place(ring.contact, [local, near, ring.contact]);
      await stranger.dial(ring.node);
      stranger.notify();
      await ring.pass(10_000, 500);
      check(stranger.inbox.all.some(isNotice), "the stranger was not asked for its neighbourhood");
      checkEqual(local.dialled + near.dialled, 0, "dials of local addresses");
    },
  ),
  nodeCase("chord/small/links", "CHORD-036", "in a small ring, each node has links to all members", async (stage) => {
    const ring = await StagedRing.open(stage);
    for (let number = 1; number <= 12; number++) await ring.add(number / 13);
    ring.arrange();
    for (const peer of ring.peers) peer.place(peer.predecessor, peer.successors.slice(0, 4), false);
    await ring.peer(0).dial(ring.node);
    ring.peer(0).notify();
    await ring.until(() => (ring.peers.every(({ isLinked }) => isLinked) ? true : undefined), "links to all", 30_000);
  }),
  nodeCase(
    "chord/merge/lost",
    "CHORD-034",
    "a member that was lost is asked for the node's own position about every 10 s",
    async (stage) => {
      const ring = await StagedRing.of(stage, [0.3, 0.6]);
      const [a, b] = first(ring.peers, 2);
      await ring.pass(2_000);
      a.die();
      await ring.pass(3_000);
      await a.listen();
      // Its address is another now: it is dialled where it was known to be, so it comes back by itself, as of another ring.
      const foreign = await ring.stranger(0.1);
      foreign.place(a, [a, ring.contact]);
      ring.watch(foreign);
      a.onFind = () => [findStatus.owner, 1, [foreign]];
      await a.dial(ring.node);
      await ring.next(a, isFindOf(ring.id), "a lookup of the own position", 15_000);
      await ring.next(foreign, isNotice, "a notice to the owner in the other ring", 5_000);
      const hint = await ring.next(b, (one) => isHint(one) && one.items[1] !== undefined, "a hint to the head", 5_000);
      checkEqual(idOf(hint.items[1]), foreign.hex, "whom the hint names");
    },
  ),
  nodeCase(
    "chord/merge/calm",
    "CHORD-034",
    "about every 30 s the own position is looked up through any member",
    async (stage) => {
      const ring = await StagedRing.of(stage, [0.3, 0.6]);
      await ring.pass(30_000, 500);
      const count = (): number =>
        ring.peers.reduce((sum, { inbox }) => sum + inbox.all.filter(isFindOf(ring.id)).length, 0);
      const before = count();
      await ring.pass(46_000, 500);
      check(count() > before, "the own position was not looked up in 46 s");
    },
  ),
  nodeCase("chord/hint/nearer", "CHORD-038", "a hint with a nearer member makes the node ask that", async (stage) => {
    const ring = await StagedRing.of(stage, [0.3, 0.6]);
    const [a, b] = first(ring.peers, 2);
    const nearer = await ring.add(0.1);
    nearer.place(ring.contact, [a, b, ring.contact]);
    b.say(subtype.hint, [nearer.id, [...nearer.addresses]]);
    await ring.next(nearer, isNotice, "a notice to the nearer one", 0);
  }),
  nodeCase(
    "chord/hint/other-ring",
    "CHORD-038",
    "a hint with another member makes the node look itself up through it",
    async (stage) => {
      const ring = await StagedRing.of(stage, [0.3, 0.6]);
      const other = await ring.add(0.45);
      other.onFind = () => [findStatus.owner, 1, [ring.contact]];
      ring.peer(1).say(subtype.hint, [other.id, [...other.addresses]]);
      const isOwn = isFindOf(at(ring.id, 0));
      await ring.next(other, isOwn, "a lookup of the own position through the one that was named", 0);
    },
  ),
];
