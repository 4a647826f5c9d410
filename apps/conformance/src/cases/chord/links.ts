// Which links a member of a large ring keeps, and which it closes (spec/chord.md, section 3).
import { positionsOf } from "../../reference/positions.js";
import { toHex } from "../../reference/value.js";
import type { NodeCase } from "../../runner/case.js";
import { check, checkEqual } from "../../runner/expect.js";
import { keyOf } from "../../stage/chord-dictionary.js";
import { Holder } from "../../stage/chord-holder.js";
import { findStatus } from "../../stage/chord-messages.js";
import { StagedRing } from "../../stage/chord-ring.js";
import { first } from "../../stage/several.js";
import { nodeCase } from "../define.js";
import { answeringRing } from "./wide-ring.js";

/** Successors of the node, a millionth of the circle from one to the next. */
const successors = 20;

export const linkCases: readonly NodeCase[] = [
  nodeCase(
    "chord/links/successors",
    "CHORD-039",
    "of 20 successors in a large ring the first 8 to 12 are linked, and further ones only as fingers",
    async (stage) => {
      const ring = await StagedRing.open(stage);
      for (let place = 1; place <= successors; place++) await ring.add(place * 1e-6);
      for (const fraction of [0.25, 0.5, 0.75, 0.99]) await ring.add(fraction);
      ring.arrange();
      const [head, ...others] = ring.peers;
      if (head === undefined) throw new Error("there is no head");
      head.place(ring.contact, others.slice(0, successors - 1), false);
      for (const peer of [head, ring.last]) {
        await peer.dial(ring.node);
        peer.notify();
      }
      await ring.pass(20_000, 500);
      const linked = ring.peers.slice(0, successors).map(({ isLinked }) => isLinked);
      checkEqual(linked.slice(0, 8), new Array(8).fill(true), "links to the first 8");
      const further = linked.slice(12).filter((isLinked) => isLinked).length;
      // The finger at 2^368 is the 16th.
      check(further <= 1, `${further} links to successors beyond the 12th`);
      check(ring.last.isLinked, "there is no link to the predecessor");
    },
  ),
  nodeCase(
    "chord/links/idle",
    "CHORD-039",
    "a link that was dialled for another use is closed when that was 45 s ago, others are kept",
    async (stage) => {
      const { ring, near } = await answeringRing(stage);
      const holders: Holder[] = [];
      for (const fraction of [0.3, 0.4, 0.6]) holders.push(new Holder(await ring.stranger(fraction)));
      const strangers = first(
        holders.map(({ peer }) => peer),
        3,
      );
      for (const peer of strangers) ring.watch(peer);
      await ring.pass(20_000, 500);
      checkEqual(
        strangers.map(({ isLinked }) => isLinked),
        [false, false, false],
        "links to who is of no use",
      );
      const places = positionsOf(keyOf("k")).map(toHex);
      for (const peer of ring.peers) {
        const { onFind } = peer;
        peer.onFind = (find) =>
          places.includes(toHex(find.position)) ? [findStatus.owner, 1, strangers] : onFind(find);
      }
      await ring.during(ring.node.call({ do: "get", key: "k" }));
      const [asked] = strangers;
      check(asked.isLinked, "who was asked for a key is not linked");
      await ring.pass(35_000, 500);
      check(asked.isLinked, "the link was closed within 35 s");
      await ring.pass(40_000, 500);
      checkEqual(
        strangers.map(({ isLinked }) => isLinked),
        [false, false, false],
        "links 75 s later",
      );
      checkEqual(
        near.map(({ isLinked }) => isLinked),
        [true, true, true],
        "links to the successors",
      );
    },
  ),
];
