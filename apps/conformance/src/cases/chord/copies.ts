// How members see to it that what they hold is where it belongs (spec/chord-dictionary.md, section 7).
import { positionsOf } from "../../reference/positions.js";
import type { NodeCase } from "../../runner/case.js";
import { check, checkEqual } from "../../runner/expect.js";
import { ownersOf } from "../../stage/chord-circle.js";
import { ask, isAskFor, keyOf, plain } from "../../stage/chord-dictionary.js";
import { Holder } from "../../stage/chord-holder.js";
import type { RingPeer } from "../../stage/chord-peer.js";
import { StagedRing } from "../../stage/chord-ring.js";
import { first } from "../../stage/several.js";
import { nodeCase } from "../define.js";
import { askingOf } from "./asking.js";
import { between, findKey, findKeys } from "./keys.js";

const comparisons = ({ inbox }: RingPeer): number => inbox.all.filter(isAskFor(ask.compare)).length;

/** The owners of a key's positions beside the node. */
function ownersBeside(ring: StagedRing, key: Uint8Array): RingPeer[] {
  const owners = positionsOf(key).map((position) => ownersOf([ring, ...ring.peers], position)[0]?.id);
  return ring.peers.filter(({ id }) => owners.includes(id));
}

export const copyCases: readonly NodeCase[] = [
  nodeCase(
    "dictionary/copies",
    "CHORD-212",
    "what a member took is copied to its successor within 1 s, if it owns one of the positions",
    async (stage) => {
      const ring = await StagedRing.of(stage, [0.3, 0.6]);
      const [head, last] = first(
        ring.peers.map((peer) => new Holder(peer)),
        2,
      );
      const { put, nowUs } = await askingOf(ring);
      await ring.pass(5_000, 500);
      const [isOwn, isOthers] = [between(ring, 0.601, 0.999), between(ring, 0.001, 0.599)];
      const own = findKey((positions) => positions.filter(isOwn).length === 1);
      const others = findKey((positions) => positions.every(isOthers));
      await put(plain(nowUs, "own"), own);
      await put(plain(nowUs, "theirs"), others);
      await ring.pass(1_000, 100);
      const has = [own, others].map((key) => head.write(keyOf(key)) !== undefined);
      checkEqual(has, [true, false], "what the successor has: a key of the node, and one of others");
      checkEqual(last.write(keyOf(own)), undefined, "what the member before the node has");
    },
  ),
  nodeCase(
    "dictionary/compare/rounds",
    "CHORD-213",
    "the range is compared with the successor about once in `compareMs`, and within 1 s after that is another",
    async (stage) => {
      const ring = await StagedRing.of(stage, [0.3, 0.6], { limits: { compareMs: 6_000 } });
      for (const peer of ring.peers) new Holder(peer);
      const [head, last] = first(ring.peers, 2);
      await ring.pass(20_000, 500);
      const before = comparisons(head);
      await ring.pass(60_000, 500);
      const count = comparisons(head) - before;
      check(count >= 6 && count <= 21, `${count} comparisons in ten times compareMs`);
      const nearer = await ring.add(0.1);
      new Holder(nearer);
      nearer.place(ring.contact, [head, last, ring.contact]);
      head.place(nearer, [last, ring.contact]);
      const isHead = async (): Promise<boolean> => (await ring.facts()).successors[0] === nearer.name;
      await ring.until(async () => ((await isHead()) ? true : undefined), "another successor", 15_000, 100);
      await ring.until(() => (comparisons(nearer) > 0 ? true : undefined), "a comparison with it", 1_000, 100);
    },
  ),
  nodeCase(
    "dictionary/audits",
    "CHORD-214",
    "the owners of all positions are asked for each record about once in `auditMs`, and in haste after a change",
    async (stage) => {
      const ring = await StagedRing.of(stage, [0.3, 0.6], { limits: { auditMs: 30_000 } });
      const holders = ring.peers.map((peer) => new Holder(peer));
      const { put, nowUs } = await askingOf(ring);
      const [isOwn, isOthers] = [between(ring, 0.601, 0.999), between(ring, 0.001, 0.599)];
      // About a key with all positions its own, the node need ask nobody.
      const texts = findKeys(10, (positions) => positions.some(isOwn) && positions.some(isOthers));
      for (const [number, text] of texts.entries()) await put(plain(nowUs + number, number), text);
      const keys = texts.map(keyOf);
      await ring.pass(75_000, 500);
      const asksOf = (key: Uint8Array, peers: readonly RingPeer[]): number[] =>
        peers.map(({ inbox }) => inbox.all.filter(isAskFor(ask.have, key)).length);
      for (const key of keys) {
        const owners = ownersBeside(ring, key);
        check(
          asksOf(key, owners).every((count) => count >= 1),
          "an owner was not asked for a record in 2.5 times auditMs",
        );
        const lack = holders.filter(({ peer }) => owners.includes(peer)).filter((holder) => !holder.write(key));
        checkEqual(lack.length, 0, "owners without the record");
      }
      const sum = (key: Uint8Array): number => asksOf(key, ring.peers).reduce((all, count) => all + count, 0);
      const before = keys.map(sum);
      const nearer = await ring.add(0.1);
      new Holder(nearer);
      ring.arrange();
      await ring.until(async () => ((await ring.facts()).successors[0] === nearer.name ? true : undefined), "a change");
      const asked = (): number[] => keys.map((key, index) => sum(key) - (before[index] ?? 0));
      const isHasty = (): true | undefined => (asked().every((count) => count >= 1) ? true : undefined);
      // Without haste no more than eight of the ten have their turn in this time.
      await ring.until(isHasty, "questions to owners about each record after a change", 22_000);
    },
  ),
];
