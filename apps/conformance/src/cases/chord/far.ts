// What a member knows beyond its neighbours, and how it keeps knowing it (spec/chord.md, section 5).
import { isSameBytes } from "../../reference/value.js";
import type { NodeCase } from "../../runner/case.js";
import { check, checkEqual } from "../../runner/expect.js";
import { numberOf, ownersOf, positionOf } from "../../stage/chord-circle.js";
import { askBit, findStatus, hasBit, isAsk, isFind, isFindOf, isNotice } from "../../stage/chord-messages.js";
import { RingPeer } from "../../stage/chord-peer.js";
import { StagedRing } from "../../stage/chord-ring.js";
import type { Message } from "../../stage/message.js";
import { nodeCase } from "../define.js";
import { answeringRing } from "./wide-ring.js";

const isWalk = (message: Message): boolean => isAsk(message) && hasBit(message, askBit.all);

/** The exponent of the finger that a lookup is for. */
function fingerOf(ring: StagedRing, { items }: Message): number | undefined {
  for (let exponent = 383; exponent >= 300; exponent--) {
    const position = positionOf(numberOf(ring.id) + (1n << BigInt(exponent)));
    if (isSameBytes(items[2] as Uint8Array, position)) return exponent;
  }
  return undefined;
}

/** The fingers that the node has looked up so far, in their order. */
function fingersOf(ring: StagedRing): number[] {
  const finds = ring.peers.flatMap(({ inbox }) => inbox.all.filter(isFind));
  return finds.sort((a, b) => a.time - b.time).flatMap((message) => fingerOf(ring, message) ?? []);
}

export const farCases: readonly NodeCase[] = [
  nodeCase(
    "chord/fingers/round",
    "CHORD-030",
    "a new member looks up all fingers within seconds, and then one about once in twice `fingerMs`",
    async (stage) => {
      const { ring } = await answeringRing(stage, { limits: { fingerMs: 5_000 } });
      await ring.pass(15_000, 500);
      const [beyondLast, half] = [367, 383];
      const known = new Set(fingersOf(ring));
      for (let exponent = beyondLast; exponent <= half; exponent++)
        check(known.has(exponent), `finger ${exponent} was not looked up within 17 s`);
      await ring.pass(20_000, 500);
      const before = fingersOf(ring).length;
      await ring.pass(60_000, 500);
      const later = fingersOf(ring).slice(before);
      check(later.length >= 3 && later.length <= 13, `${later.length} fingers were looked up in twelve times fingerMs`);
      checkEqual(new Set(later).size, later.length, "different fingers of those in a row");
    },
  ),
  nodeCase("chord/fingers/lost", "CHORD-030", "a finger that was lost is looked up at once", async (stage) => {
    const { ring, half } = await answeringRing(stage);
    await ring.pass(25_000, 500);
    const before = fingersOf(ring).length;
    const others = ring.peers.filter((peer) => peer !== half);
    for (const peer of others)
      peer.onFind = ({ position }) => [findStatus.owner, 1, ownersOf(others, position).slice(0, 1)];
    half.die();
    await ring.until(() => (fingersOf(ring).slice(before).includes(383) ? true : undefined), "a lookup", 2_000, 100);
  }),
  nodeCase(
    "chord/small/walk",
    "CHORD-037",
    "who is in a small ring walks round it about once in `fingerMs`, and sooner after a change",
    async (stage) => {
      const fingerMs = 5_000;
      const ring = await StagedRing.open(stage, { limits: { fingerMs } });
      for (let number = 1; number <= 12; number++) await ring.add(number / 13);
      ring.arrange();
      for (const peer of ring.peers) peer.place(peer.predecessor, peer.successors.slice(0, 4), false);
      await ring.link();
      await ring.pass(25_000, 500);
      const asked = ring.peers.flatMap((peer, place) => (peer.inbox.all.some(isWalk) ? [place] : []));
      checkEqual(asked, [0, 4, 8], "the places of those that are asked who follows");
      checkEqual((await ring.facts()).size, 13, "the number of members");
      const fourth = ring.peer(4);
      const count = (): number => fourth.inbox.all.filter(isWalk).length;
      const before = count();
      await ring.pass(6 * fingerMs, 500);
      const calm = count() - before;
      check(calm >= 3 && calm <= 13, `${calm} walks in six times fingerMs`);
      const seen = count();
      const nearer = await ring.add(0.97);
      nearer.place(ring.peer(11), [ring.contact, ...ring.peers.slice(0, 3)], false);
      await nearer.dial(ring.node);
      nearer.notify();
      await ring.until(() => (count() > seen ? true : undefined), "a walk after a change", 2_000);
    },
  ),
  nodeCase(
    "chord/bootstrap/again",
    "CHORD-035",
    "about every 300 s a member looks in at its addresses to join by: is the same ring there?",
    async (stage) => {
      const gate = new RingPeer(stage, new Uint8Array(48).fill(3));
      gate.standing = 0;
      await gate.listen();
      const ring = await StagedRing.open(stage, { bootstrap: gate.addresses });
      ring.watch(gate);
      for (const fraction of [0.3, 0.6]) await ring.add(fraction);
      ring.arrange({ withNode: false });
      await ring.peer(0).dial(ring.node);
      await ring.until(async () => ((await ring.facts()).role === "member" ? true : undefined), "a member");
      await ring.pass(60_000, 500);
      const foreign = await ring.stranger(0.1);
      foreign.place(gate, [gate, ring.contact]);
      ring.watch(foreign);
      gate.drop();
      gate.standing = 2;
      gate.onFind = () => [findStatus.owner, 1, [foreign]];
      const seen = gate.dialled;
      await ring.pass(80_000, 500);
      checkEqual(gate.dialled, seen, "looks in within 80 s");
      await ring.next(gate, isFindOf(ring.id), "a lookup of the own position", 400_000, 500);
      await ring.next(foreign, isNotice, "a notice to the owner in the other ring", 5_000);
    },
  ),
];
