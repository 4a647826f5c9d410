import { toHex } from "../../reference/value.js";
import type { NodeCase } from "../../runner/case.js";
import { checkEqual } from "../../runner/expect.js";
import { at } from "../../stage/chord-circle.js";
import { findBit, findStatus, isFindOf, isFound, readFound } from "../../stage/chord-messages.js";
import type { RingPeer } from "../../stage/chord-peer.js";
import { nowhere, StagedRing } from "../../stage/chord-ring.js";
import { first } from "../../stage/several.js";
import { nodeCase } from "../define.js";
import { answerTo, passedOn, wideRing } from "./wide-ring.js";

export const lookupCases: readonly NodeCase[] = [
  nodeCase(
    "chord/find/own",
    "CHORD-042",
    "a member answers as the owner from its predecessor on, up to itself",
    async (stage) => {
      const { ring, near, last } = await wideRing(stage);
      const [a, b] = near;
      for (const position of [ring.id, at(ring.id, -1e-7), at(last.id, 1e-7)]) {
        const found = await answerTo(ring, a, a.find(position, 80, 0, 2));
        checkEqual([found.status, found.hops], [findStatus.owner, 1], "status and hops");
        checkEqual(found.contacts, [ring.hex, a.hex, b.hex], "the owner, and two successors");
      }
      const beyond = at(last.id, -1e-7);
      a.find(beyond);
      await ring.until(
        () => (ring.peers.some(({ inbox }) => inbox.all.some(isFindOf(beyond))) ? true : undefined),
        "a lookup that is passed on",
        0,
      );
    },
  ),
  nodeCase(
    "chord/find/owner-by-word",
    "CHORD-042",
    "without its predecessor, a member that is taken for the owner is it",
    async (stage) => {
      const { ring, near, last } = await wideRing(stage);
      const position = at(last.id, -1e-7);
      last.die();
      await ring.pass(3_000);
      const found = await answerTo(ring, near[0], near[0].find(position, 80, findBit.forOwner));
      checkEqual([found.status, found.contacts], [findStatus.owner, [ring.hex]], "status and owner");
    },
  ),
  nodeCase(
    "chord/find/passed-on",
    "CHORD-043",
    "a lookup is passed on towards its position, with a hop less",
    async (stage) => {
      const { ring, near, half, threeQuarters } = await wideRing(stage);
      const [a, b] = near;
      const play = async (position: Uint8Array, bits: number, to: RingPeer, wantedBits: number): Promise<void> => {
        a.find(position, 9, bits, 3);
        const find = await passedOn(ring, to, position);
        checkEqual(
          [find.hopsLeft, find.bits, find.wanted],
          [8, wantedBits, 3],
          "hops left, bits and successors wanted",
        );
      };
      await play(at(ring.id, 1.5e-6), 0, b, findBit.forOwner);
      await play(at(ring.id, 0.6), 0, half, 0);
      await play(at(ring.id, 0.61), findBit.forOwner, threeQuarters, findBit.forOwner);
      await play(at(ring.id, 0.62), findBit.traced, half, findBit.traced);
    },
  ),
  nodeCase(
    "chord/find/small-ring",
    "CHORD-043",
    "who knows all members passes a lookup to the owner at once",
    async (stage) => {
      const ring = await StagedRing.of(
        stage,
        Array.from({ length: 12 }, (_, number) => (number + 1) / 13),
      );
      await ring.pass(10_000, 1_000);
      for (const peer of ring.peers) peer.onFind = () => undefined;
      const position = at(ring.peer(9).id, 0.01);
      ring.peer(0).find(position, 9);
      checkEqual((await passedOn(ring, ring.peer(10), position)).bits, findBit.forOwner, "the bits");
    },
  ),
  nodeCase(
    "chord/find/not-back",
    "CHORD-044",
    "a lookup goes neither back nor to whom it says to avoid",
    async (stage) => {
      const { ring, near, quarter, half } = await wideRing(stage);
      half.find(at(ring.id, 0.6));
      await passedOn(ring, quarter, at(ring.id, 0.6));
      near[0].find(at(ring.id, 0.61), 80, 0, 0, [half.id]);
      const { avoid } = await passedOn(ring, quarter, at(ring.id, 0.61));
      checkEqual(avoid.map(toHex), [half.hex], "the ids to avoid that are passed on");
      checkEqual(half.inbox.all.filter(isFindOf(at(ring.id, 0.61))).length, 0, "lookups to the one to avoid");
    },
  ),
  nodeCase("chord/find/no-hops", "CHORD-045", "with hop limit 0, the next node is named", async (stage) => {
    const { ring, near, half } = await wideRing(stage);
    const [a, b] = near;
    const far = await answerTo(ring, a, a.find(at(ring.id, 0.6), 0));
    checkEqual([far.status, far.contacts], [findStatus.next, [half.hex]], "the answer for a position far away");
    const close = await answerTo(ring, a, a.find(at(ring.id, 1.5e-6), 0));
    checkEqual([close.status, close.contacts], [findStatus.nextOwner, [b.hex]], "the answer for a near position");
    const own = await answerTo(ring, a, a.find(ring.id, 0));
    checkEqual([own.status, own.contacts], [findStatus.owner, [ring.hex]], "the answer for its own position");
  }),
  nodeCase("chord/find/no-way", "CHORD-046", "who is no member, or knows no way, answers 3", async (stage) => {
    const client = await StagedRing.open(stage, { bootstrap: [nowhere] });
    const peer = await client.add(0.5);
    peer.standing = 0;
    await peer.dial(client.node);
    checkEqual(
      (await answerTo(client, peer, peer.find(client.id))).status,
      findStatus.noWay,
      "the status of no member",
    );
    const ring = await StagedRing.of(stage, [0.5]);
    const [only] = first(ring.peers, 1);
    const found = await answerTo(ring, only, only.find(at(ring.id, 0.25)));
    checkEqual(found.status, findStatus.noWay, "the status where the only way is back");
  }),
  nodeCase("chord/find/busy", "CHORD-046", "who has as many lookups as it bears answers 4", async (stage) => {
    for (const limits of [{ maxPerPeer: 3 }, { maxRelayed: 3 }]) {
      const { ring, near } = await wideRing(stage, { limits });
      const [a] = near;
      const asked = [1, 2, 3, 4].map((number) => a.find(at(ring.id, 0.6 + number / 100)));
      checkEqual((await answerTo(ring, a, asked[3] ?? 0)).status, findStatus.busy, "the status of one too many");
      checkEqual(a.inbox.waiting(isFound).length, 0, "answers to the others");
    }
  }),
  nodeCase(
    "chord/find/back",
    "CHORD-051",
    "an answer goes back with a hop more, under the request id that came",
    async (stage) => {
      const { ring, near, half, threeQuarters } = await wideRing(stage);
      const [a] = near;
      half.onFind = () => [findStatus.owner, 4, [threeQuarters, half]];
      const found = await answerTo(ring, a, a.find(at(ring.id, 0.6)));
      checkEqual(
        [found.status, found.hops, found.contacts],
        [findStatus.owner, 5, [threeQuarters.hex, half.hex]],
        "the answer",
      );
    },
  ),
  nodeCase(
    "chord/find/elsewhere",
    "CHORD-051",
    "where a way ends another is tried, three in all, and then the answer is 3",
    async (stage) => {
      const { ring, near, half, quarter } = await wideRing(stage);
      const [a] = near;
      const position = at(ring.id, 0.6);
      const requestId = a.find(position);
      await passedOn(ring, half, position);
      half.die();
      await passedOn(ring, quarter, position);
      for (const peer of ring.peers) peer.onFind = () => [findStatus.busy, 1, []];
      const other = at(ring.id, 0.3);
      const next = a.find(other);
      checkEqual((await answerTo(ring, a, next)).status, findStatus.noWay, "the status when no way was left");
      const tries = ring.peers.reduce((sum, { inbox }) => sum + inbox.all.filter(isFindOf(other)).length, 0);
      checkEqual(tries, 3, "the ways that were tried");
      checkEqual(
        a.inbox.waiting((one) => isFound(one) && readFound(one).requestId === requestId).length,
        0,
        "an answer before there is one",
      );
    },
  ),
  nodeCase("chord/find/hop-limit", "CHORD-052", "a hop limit over 80 counts as 80", async (stage) => {
    const { ring, near, half } = await wideRing(stage);
    near[0].find(at(ring.id, 0.6), 4_000_000_000);
    checkEqual((await passedOn(ring, half, at(ring.id, 0.6))).hopsLeft, 79, "the hop limit that is passed on");
  }),
  nodeCase(
    "chord/lookup/gives-up",
    "CHORD-048",
    "a lookup that nobody answers ends after 30 s with an error",
    async (stage) => {
      const { ring } = await wideRing(stage);
      let isOver = false;
      const work = ring.node.refused({ do: "lookup", position: toHex(at(ring.id, 0.6)) }).finally(() => {
        isOver = true;
      });
      await ring.pass(28_000, 500);
      checkEqual(isOver, false, "the lookup is over after 28 s");
      const error = await ring.during(work, 4_000);
      checkEqual(error.code, "lookup-failed", "the error");
    },
  ),
];
