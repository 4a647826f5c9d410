// Messages to one node that is not a neighbour: routed, acknowledged, delivered once.

import { toBase58 } from "../../reference/base58.js";
import { messageId } from "../../reference/ids.js";
import type { NodeCase } from "../../runner/case.js";
import { check, checkBytes, checkEqual, show } from "../../runner/expect.js";
import { subtype } from "../../stage/messages.js";
import type { RawPeer } from "../../stage/raw-peer.js";
import { several } from "../../stage/several.js";
import { nodeCase } from "../define.js";
import { settle } from "../fence.js";
import {
  directData,
  innerMessage,
  isReceipt,
  isRouted,
  meshFence,
  meshPeer,
  openMesh,
  randomId,
  sendReceipt,
  sendRouted,
} from "./links.js";

async function countRouted(peer: RawPeer): Promise<number> {
  await settle(peer);
  return peer.inbox.waiting(isRouted).length;
}

export const directCases: readonly NodeCase[] = [
  nodeCase(
    "mesh/direct/sent",
    "MESH-060",
    "a message to a stranger goes out as routed, of the node's own name",
    async (stage) => {
      const node = await openMesh(stage);
      const peer = await meshPeer(stage, node);
      const stranger = randomId();
      const sent = node.send(toBase58(stranger), "hello", "direct");
      const message = await peer.next(isRouted, "the routed message");
      checkBytes(message.sender, node.idBytes, "sender");
      const [, destination, attempt, hopsLeft, inner] = message.items;
      checkEqual([destination, attempt], [stranger, 0], "destination and attempt");
      check(typeof hopsLeft === "number" && hopsLeft > 0 && hopsLeft <= 64, `hops left: ${show(hopsLeft)}`);
      check(inner instanceof Uint8Array, "the inner body is not a byte string");
      sendReceipt(peer, stranger, node.idBytes, inner);
      await sent;
    },
  ),
  nodeCase(
    "mesh/direct/delivered",
    "MESH-066 MESH-064",
    "the destination delivers once and answers each attempt with a receipt",
    async (stage) => {
      const node = await openMesh(stage);
      const [first, second] = await several(2, () => meshPeer(stage, node));
      const origin = randomId();
      const inner = innerMessage(origin, "hello");
      for (const [attempt, peer] of [
        [0, first],
        [1, second],
        [2, first],
      ] as const) {
        sendRouted(peer, { destination: node.idBytes, attempt, inner, sender: origin });
        const receipt = await peer.next(isReceipt, `the receipt of attempt ${attempt}`);
        checkBytes(receipt.sender, node.idBytes, "sender of the receipt");
        checkEqual(
          [receipt.items[1], receipt.items[3]],
          [origin, messageId(inner)],
          "origin and inner id of the receipt",
        );
      }
      await meshFence(first, node);
      checkEqual(directData(node), ["hello"], "deliveries");
      checkEqual(node.seen("message").find((report) => report.type === "direct")?.from, toBase58(origin), "sender");
      await settle(second);
      checkEqual(second.inbox.waiting(isReceipt).length, 0, "receipts over another link");
    },
  ),
  nodeCase(
    "mesh/direct/repeated",
    "MESH-068",
    "the same attempt a second time is neither answered nor passed on",
    async (stage) => {
      const node = await openMesh(stage);
      const [first, second] = await several(2, () => meshPeer(stage, node));
      const origin = randomId();
      const own = innerMessage(origin, "hello");
      const others = { destination: randomId(), inner: innerMessage(origin, "for another"), sender: origin };
      for (let count = 0; count < 2; count += 1) {
        sendRouted(first, { destination: node.idBytes, inner: own, sender: origin });
        sendRouted(first, others);
      }
      await meshFence(first, node);
      checkEqual(first.inbox.waiting(isReceipt).length, 1, "receipts");
      checkEqual(await countRouted(second), 1, "messages passed on");
    },
  ),
  nodeCase(
    "mesh/direct/to-neighbour",
    "MESH-063 MESH-061",
    "a routed message goes to the destination alone when it is a neighbour",
    async (stage) => {
      const node = await openMesh(stage);
      const [first, second, target] = await several(3, () => meshPeer(stage, node));
      const origin = randomId();
      const inner = innerMessage(origin, "hello");
      for (const attempt of [0, 1]) {
        sendRouted(first, { destination: target.id, attempt, hopsLeft: 9, inner, sender: origin });
        const message = await target.next(isRouted, "the routed message");
        checkEqual(
          [message.sender, ...message.items],
          [origin, subtype.routed, target.id, attempt, 8, inner],
          "the message",
        );
      }
      checkEqual(await countRouted(second), 0, "messages passed to another");
    },
  ),
  nodeCase(
    "mesh/direct/by-route",
    "MESH-063 MESH-062",
    "attempt 0 follows the known route, later ones go everywhere",
    async (stage) => {
      const node = await openMesh(stage);
      const [first, second, third] = await several(3, () => meshPeer(stage, node));
      const far = randomId();
      second.sendAs(far, 0, 0, "news", "I am behind this link");
      await meshFence(second, node);
      const origin = randomId();
      const fields = { destination: far, inner: innerMessage(origin, "hello"), sender: origin };
      sendRouted(first, fields);
      await second.next(isRouted, "the message along the route");
      await meshFence(first, node);
      checkEqual([await countRouted(first), await countRouted(third)], [0, 0], "messages elsewhere on attempt 0");
      sendRouted(first, { ...fields, attempt: 1 });
      await second.next(isRouted, "attempt 1 on the route");
      await third.next(isRouted, "attempt 1 elsewhere");
      await meshFence(first, node);
      checkEqual(await countRouted(first), 0, "messages sent back");
    },
  ),
  nodeCase(
    "mesh/direct/flooded",
    "MESH-063",
    "without a route a message goes to all but where it came from",
    async (stage) => {
      const node = await openMesh(stage);
      const [first, second, third] = await several(3, () => meshPeer(stage, node));
      const origin = randomId();
      sendRouted(first, { destination: randomId(), inner: innerMessage(origin, "hello"), sender: origin });
      await second.next(isRouted, "the message");
      await third.next(isRouted, "the message");
      await meshFence(first, node);
      checkEqual(await countRouted(first), 0, "messages sent back");
    },
  ),
  nodeCase(
    "mesh/direct/hops",
    "MESH-061",
    "the hop limit falls by one, is 64 at most, and ends the way",
    async (stage) => {
      const node = await openMesh(stage);
      const [first, second] = await several(2, () => meshPeer(stage, node));
      const origin = randomId();
      for (const [hopsLeft, passed] of [
        [64, 63],
        [65, 63],
        [4_294_967_295, 63],
        [1, 0],
      ] as const) {
        sendRouted(first, { destination: randomId(), hopsLeft, inner: innerMessage(origin, hopsLeft), sender: origin });
        checkEqual((await second.next(isRouted, "the message")).items[3], passed, `hops left of ${hopsLeft}`);
      }
      sendRouted(first, { destination: randomId(), hopsLeft: 0, inner: innerMessage(origin, "last"), sender: origin });
      await meshFence(first, node);
      checkEqual(await countRouted(second), 0, "messages without hops left that were passed on");
    },
  ),
  nodeCase(
    "mesh/direct/receipts",
    "MESH-069",
    "a receipt goes to its origin, along the route to it, or nowhere",
    async (stage) => {
      const node = await openMesh(stage);
      const [first, second, third] = await several(3, () => meshPeer(stage, node));
      const inner = innerMessage(randomId(), "hello");
      const far = randomId();
      sendReceipt(first, randomId(), second.id, inner);
      const near = await second.next(isReceipt, "the receipt for a neighbour");
      checkEqual(near.items[1], second.id, "origin of the receipt");
      third.sendAs(far, 0, 0, "news", "I am behind this link");
      await meshFence(third, node);
      sendReceipt(first, randomId(), far, inner);
      await third.next(isReceipt, "the receipt along the route");
      sendReceipt(first, randomId(), randomId(), inner);
      await meshFence(first, node);
      await settle(second, third);
      const more = [first, second, third].map((peer) => peer.inbox.waiting(isReceipt).length);
      checkEqual(more, [0, 0, 0], "receipts elsewhere");
    },
  ),
  nodeCase(
    "mesh/direct/no-receipt",
    "MESH-067 MESH-065",
    "without a receipt the message is sent again, then the application is told",
    async (stage) => {
      const node = await openMesh(stage, { clock: "manual" });
      const peer = await meshPeer(stage, node);
      const refused = node.refused({ do: "send", to: toBase58(randomId()), data: "hello", type: "direct" });
      const attempts: unknown[] = [];
      for (let attempt = 0; attempt < 3; attempt += 1) {
        const message = await peer.next(isRouted, `attempt ${attempt}`);
        attempts.push(message.items[2]);
        await node.advance(5_000);
      }
      checkEqual(attempts, [0, 1, 2], "attempts");
      await node.advance(60_000);
      check((await refused).code !== "", "the application got no error");
    },
  ),
  nodeCase(
    "mesh/direct/extra-items",
    "MESH-047",
    "items beyond the known ones of routed and receipt are ignored",
    async (stage) => {
      const node = await openMesh(stage);
      const peer = await meshPeer(stage, node);
      const origin = randomId();
      const inner = innerMessage(origin, "hello");
      peer.sendAs(origin, 2, subtype.routed, node.idBytes, 0, 8, inner, "extra");
      await peer.next(isReceipt, "the receipt");
      peer.sendAs(origin, 2, subtype.receipt, randomId(), 8, messageId(inner), "extra");
      await meshFence(peer, node);
      checkEqual(directData(node), ["hello"], "deliveries");
    },
  ),
];
