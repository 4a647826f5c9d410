// What a member does when its neighbours die or leave (spec/chord.md, sections 2 and 4).
import { toHex } from "../../reference/value.js";
import type { NodeCase } from "../../runner/case.js";
import { check, checkEqual } from "../../runner/expect.js";
import { isNotice, isProbe } from "../../stage/chord-messages.js";
import { hexes } from "../../stage/chord-peer.js";
import { StagedRing } from "../../stage/chord-ring.js";
import { subtype } from "../../stage/messages.js";
import { first } from "../../stage/several.js";
import { nodeCase } from "../define.js";

export const lossCases: readonly NodeCase[] = [
  nodeCase(
    "chord/dead/left-out",
    "CHORD-013",
    "who is dead is left out for 30 s, whatever others tell, until it lives",
    async (stage) => {
      const ring = await StagedRing.of(stage, [0.2, 0.4, 0.6]);
      const [a, b, c] = first(ring.peers, 3);
      await ring.pass(2_000);
      b.die();
      await ring.pass(25_000, 500);
      checkEqual((await ring.told(c)).successors, hexes(a, c), "the list while the head still tells of the dead");
      await b.listen();
      a.place(ring.contact, [b, c, ring.contact]);
      await b.dial(ring.node);
      await ring.pass(8_000, 500);
      checkEqual((await ring.told(c)).successors, hexes(a, b, c), "the list after a sign of life");
    },
  ),
  nodeCase(
    "chord/dead/asked-first",
    "CHORD-014",
    "who loses its connection is asked over a new one, and stays in the lists",
    async (stage) => {
      const ring = await StagedRing.of(stage, [0.3, 0.6]);
      const [a, b] = first(ring.peers, 2);
      await ring.pass(2_000);
      const count = a.dialled;
      const before = a.inbox.all.length;
      a.drop();
      await ring.until(() => (a.inbox.all.slice(before).some(isProbe) ? true : undefined), "an ask for a sign of life");
      check(a.dialled > count, "the node did not dial who lost its connection");
      await ring.pass(1_000);
      checkEqual((await ring.told(b)).successors, hexes(a, b), "the list");
    },
  ),
  nodeCase(
    "chord/dead/head",
    "CHORD-015",
    "the next of the list takes the place of a dead head at once",
    async (stage) => {
      const ring = await StagedRing.of(stage, [0.2, 0.4, 0.6]);
      const [a, b, c] = first(ring.peers, 3);
      await ring.pass(2_000);
      const before = b.inbox.all.length;
      a.die();
      await ring.until(() => (b.inbox.all.slice(before).some(isNotice) ? true : undefined), "a notice to the next", 0);
      checkEqual((await ring.told(c)).successors, hexes(b, c), "the list");
    },
  ),
  nodeCase(
    "chord/dead/predecessor",
    "CHORD-016",
    "a dead predecessor is forgotten, and the next that notifies takes its place",
    async (stage) => {
      const ring = await StagedRing.of(stage, [0.2, 0.4, 0.6]);
      const [, b, c] = first(ring.peers, 3);
      await ring.pass(2_000);
      checkEqual((await ring.told(b)).predecessor, c.hex, "the predecessor");
      c.die();
      await ring.until(
        async () => ((await ring.told(b)).predecessor === undefined ? true : undefined),
        "no predecessor",
        5_000,
      );
      b.notify();
      await ring.settle();
      checkEqual((await ring.told(b)).predecessor, b.hex, "the predecessor after the notice");
    },
  ),
  nodeCase("chord/leave/told", "CHORD-025", "who leaves tells its predecessor and its successors", async (stage) => {
    const ring = await StagedRing.of(stage, [0.2, 0.4, 0.6]);
    await ring.pass(2_000);
    await ring.during(ring.node.call({ do: "serve", serves: false }));
    for (const peer of ring.peers) {
      const leave = await ring.next(peer, ({ subtype: kind }) => kind === subtype.leave, "a word of leave", 0);
      const [predecessor] = leave.items[1] as readonly [Uint8Array];
      checkEqual(toHex(predecessor), ring.last.hex, "the predecessor that the leave names");
    }
  }),
  ...["leave", "standing"].map((how) =>
    nodeCase(
      `chord/leave/heard-${how}`,
      "CHORD-026",
      "who leaves is in no list any more, and its predecessor takes its place",
      async (stage) => {
        const ring = await StagedRing.of(stage, [0.2, 0.4, 0.6]);
        const [a, b, c] = first(ring.peers, 3);
        await ring.pass(2_000);
        if (how === "standing") for (const peer of [a, c]) peer.stand(0);
        else {
          a.say(subtype.leave, [ring.id, [...ring.node.addresses]]);
          c.say(subtype.leave, [b.id, [...b.addresses]]);
        }
        await ring.settle();
        const told = await ring.told(b);
        checkEqual(told.successors.includes(a.hex) || told.successors.includes(c.hex), false, "they are in the list");
        checkEqual(told.predecessor, how === "leave" ? b.hex : undefined, "the predecessor");
      },
    ),
  ),
];
