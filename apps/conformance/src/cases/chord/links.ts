// Which links a member of a large ring keeps (spec/chord.md, section 3).
import type { NodeCase } from "../../runner/case.js";
import { check, checkEqual } from "../../runner/expect.js";
import { StagedRing } from "../../stage/chord-ring.js";
import { nodeCase } from "../define.js";

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
];
