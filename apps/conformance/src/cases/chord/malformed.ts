// Messages of the ring that are not as they should be (spec/chord.md, section 7).
import type { Packable } from "../../reference/msgpack.js";
import type { NodeCase } from "../../runner/case.js";
import { checkEqual } from "../../runner/expect.js";
import { findStatus, isAnswer } from "../../stage/chord-messages.js";
import { StagedRing } from "../../stage/chord-ring.js";
import { closeCode, subtype } from "../../stage/messages.js";
import { first } from "../../stage/several.js";
import { nodeCase } from "../define.js";

const id = new Uint8Array(48).fill(9);
/** A body that is none: nobody takes it. */
const bodyless = Uint8Array.of(1);
const short = id.subarray(1);
const contact: Packable = [id, ["tcp://127.0.0.1:9"]];

const bad: readonly (readonly [what: string, items: readonly Packable[]])[] = [
  ["a standing without number", [subtype.standing]],
  ["standing 3", [subtype.standing, 3]],
  ["a question with a text as id", [subtype.question, "1"]],
  ["a question with an id of 2^32", [subtype.question, 2 ** 32, 0, "k"]],
  ["an answer without status", [subtype.answer, 1]],
  ["an answer with status -1", [subtype.answer, 1, -1]],
  ["an ask without bits", [subtype.neighbourhood, 1]],
  ["an ask with true for bits", [subtype.neighbourhood, 1, true, 0]],
  ["an ask without revision", [subtype.neighbourhood, 1, 0]],
  ["a find without position", [subtype.find, 1]],
  ["a find with a position of 47 bytes", [subtype.find, 1, short, 9, 0, 0]],
  ["a find with a hop limit of 1.5", [subtype.find, 1, id, 1.5, 0, 0]],
  ["a find with a text for bits", [subtype.find, 1, id, 9, "", 0]],
  ["a find without successors wanted", [subtype.find, 1, id, 9, 0]],
  ["a find with nine to avoid", [subtype.find, 1, id, 9, 0, 0, new Array<Packable>(9).fill(id)]],
  ["a find with a short id to avoid", [subtype.find, 1, id, 9, 0, 0, [short]]],
  ["a find with a text as body", [subtype.find, 1, id, 9, 0, 0, [], "body"]],
  ["a found without contacts", [subtype.found, 1, 0, 1]],
  ["a found with 34 contacts", [subtype.found, 1, 0, 1, new Array<Packable>(34).fill(contact)]],
  ["a found with a contact of one item", [subtype.found, 1, 0, 1, [[id]]]],
  ["a found with a number as address", [subtype.found, 1, 0, 1, [[id, [7]]]]],
  ["a found with a way of 82", [subtype.found, 1, 0, 1, [], new Array<Packable>(82).fill(id)]],
  ["a hint with a number", [subtype.hint, 7]],
  ["a hint with a short id", [subtype.hint, [short, []]]],
  ["a leave with a text", [subtype.leave, "bye"]],
];

export const malformedRingCases: readonly NodeCase[] = [
  nodeCase(
    "chord/malformed",
    "CHORD-050",
    "each of these messages closes its link, and changes nothing",
    async (stage) => {
      const ring = await StagedRing.of(stage, [0.3, 0.6]);
      const [a] = first(ring.peers, 1);
      await ring.pass(10_000);
      const before = await ring.told(a);
      for (const [what, items] of bad) {
        const peer = await stage.join(ring.node, { features: ["chord/1", "requests/1"] });
        peer.send(2, ...items);
        await peer.nextClose(closeCode.protocol).catch((error: Error) => {
          throw new Error(`${what}: ${error.message}`);
        });
      }
      const peer = await stage.join(ring.node, { features: ["chord/1", "requests/1"] });
      peer.sendAs(id, 2, subtype.standing, 2);
      await peer.nextClose(closeCode.protocol);
      await ring.settle();
      checkEqual(await ring.told(a), before, "the neighbourhood");
    },
  ),
  nodeCase("chord/unasked", "CHORD-055", "answers that nobody asked for are ignored", async (stage) => {
    const ring = await StagedRing.of(stage, [0.3, 0.6]);
    const [a, b] = first(ring.peers, 2);
    await ring.pass(10_000);
    const before = await ring.told(a);
    const other = await ring.stranger(0.9);
    for (const requestId of [0, 1, 2, 77, 4_294_967_295]) {
      b.say(subtype.answer, requestId, 0, 12_345, 3, [other.id, [...other.addresses]], []);
      b.say(subtype.found, requestId, findStatus.owner, 1, [[other.id, [...other.addresses]]]);
    }
    await ring.pass(1_000);
    await b.link.checkAlive();
    checkEqual(await ring.told(a), before, "the neighbourhood");
    checkEqual(other.dialled, 0, "dials of the node that was named");
  }),
  nodeCase("chord/extra-items", "CHORD-056", "items beyond those known are ignored", async (stage) => {
    const ring = await StagedRing.of(stage, [0.3, 0.6]);
    const [a, b] = first(ring.peers, 2);
    a.say(subtype.standing, 2, "extra");
    a.say(subtype.hint, [b.id, [...b.addresses], "extra"], "extra");
    a.say(subtype.neighbourhood, 700, 0, 0, "extra", 1);
    await a.inbox.next((one) => isAnswer(one) && one.items[1] === 700, "the answer to an ask");
    a.say(subtype.find, 701, ring.id, 80, 0, 0, [], bodyless, "extra");
    a.say(subtype.leave, [b.id, [...b.addresses], 1], "extra");
    await ring.settle();
    await a.link.checkAlive();
    checkEqual((await ring.told(b)).successors, [b.hex], "the list after the leave");
  }),
];
