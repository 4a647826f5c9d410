// Messages that travel with lookups (spec/chord.md, section 6).
import { encodeBody } from "../../reference/body.js";
import { unpack } from "../../reference/unpack.js";
import { toHex, type Value } from "../../reference/value.js";
import type { NodeCase } from "../../runner/case.js";
import { check, checkEqual } from "../../runner/expect.js";
import { at } from "../../stage/chord-circle.js";
import { findStatus } from "../../stage/chord-messages.js";
import type { RingPeer } from "../../stage/chord-peer.js";
import { subtype } from "../../stage/messages.js";
import { nodeCase } from "../define.js";
import { answerTo, passedOn, wideRing } from "./wide-ring.js";

/** A whisper of a peer as a neighbour would have got it. */
function bodyOf(peer: RingPeer, data: Value, type = "direct", time = Date.now() * 1_000): Uint8Array {
  return encodeBody({ type: 2, sender: peer.id, time, items: [subtype.message, type, data] });
}

export const whisperCases: readonly NodeCase[] = [
  nodeCase(
    "chord/whisper/sent",
    "CHORD-049",
    "a message to a node without a link travels with a lookup of its id",
    async (stage) => {
      const { ring, half } = await wideRing(stage);
      const stranger = await ring.stranger(0.6);
      half.onFind = () => [findStatus.owner, 1, [stranger]];
      await ring.node.send(stranger.name, "hello", "greeting");
      const { body, position } = await passedOn(ring, half, stranger.id);
      checkEqual(toHex(position), stranger.hex, "the position");
      check(body !== undefined, "the lookup brings no body");
      const [type, sender, time, ...items] = unpack(body) as readonly Value[];
      checkEqual([type, sender instanceof Uint8Array && toHex(sender)], [2, ring.hex], "type and sender");
      check(typeof time === "number" && time > 0, "the body has no time");
      checkEqual(items, [subtype.message, "greeting", "hello"], "the items");
    },
  ),
  nodeCase(
    "chord/whisper/delivered",
    "CHORD-053",
    "a message that several lookups bring is delivered once",
    async (stage) => {
      const { ring, near, last } = await wideRing(stage);
      const stranger = await ring.stranger(0.6);
      const body = bodyOf(stranger, "hello");
      for (const peer of [near[0], last, near[0]]) {
        const found = await answerTo(ring, peer, peer.find(ring.id, 80, 0, 0, [], body));
        checkEqual([found.status, found.contacts], [findStatus.owner, [ring.hex]], "the answer");
      }
      const { from, data } = await ring.node.next("message");
      checkEqual([from, data], [stranger.name, "hello"], "the message");
      checkEqual(ring.node.seen("message").length, 1, "messages delivered");
      const found = await answerTo(ring, last, last.find(ring.id, 80, 0, 0, [], Uint8Array.of(1, 2, 3)));
      checkEqual(found.status, findStatus.busy, "the answer to bytes that are no body");
    },
  ),
  nodeCase(
    "chord/whisper/passed-on",
    "CHORD-054",
    "a message goes to the node that it is for, member or not",
    async (stage) => {
      const { ring, near } = await wideRing(stage);
      const [a] = near;
      const client = await ring.add(0.6);
      client.standing = 0;
      await client.dial(ring.node);
      const body = bodyOf(a, "hello");
      a.find(client.id, 80, 0, 0, [], body);
      const passed = await passedOn(ring, client, client.id);
      checkEqual(passed.body && toHex(passed.body), toHex(body), "the body that arrives");
      const nobody = at(ring.id, -1e-7);
      const found = await answerTo(ring, a, a.find(nobody, 80, 0, 0, [], body));
      checkEqual(found.status, findStatus.noWay, "the answer of the owner for a node that is not there");
    },
  ),
  nodeCase(
    "chord/whisper/lost",
    "CHORD-051 CHORD-054",
    "who cannot bring a message on says so, and looks for no other way without it",
    async (stage) => {
      const { ring, near } = await wideRing(stage);
      const [a] = near;
      const absent = at(ring.id, 0.6);
      for (const peer of ring.peers) {
        peer.onFind = ({ body }) => (body === undefined ? [findStatus.owner, 1, [peer]] : [findStatus.noWay, 1, []]);
      }
      const found = await answerTo(ring, a, a.find(absent, 80, 0, 0, [], bodyOf(a, "hello")));
      checkEqual(found.status, findStatus.noWay, "the answer");
    },
  ),
];
