// Broadcasts: sent to all, relayed once as they came, delivered once.
import { encodeBody } from "../../reference/body.js";
import { codecZlib, compress, frame } from "../../reference/frame.js";
import { pack } from "../../reference/msgpack.js";
import { Raw } from "../../reference/value.js";
import type { NodeCase } from "../../runner/case.js";
import { check, checkBytes, checkEqual, show } from "../../runner/expect.js";
import { closeCode, handshakeMap, isBroadcast, subtype } from "../../stage/messages.js";
import { several } from "../../stage/several.js";
import { nodeCase } from "../define.js";
import { settle } from "../fence.js";
import { delivered, isBroadcastOf, meshFence, meshPeer, openMesh, randomId, sendBroadcast } from "./links.js";

export const broadcastCases: readonly NodeCase[] = [
  nodeCase("mesh/broadcasts/feature", "MESH-001", "the node names mesh/1", async (stage) => {
    const node = await openMesh(stage);
    const peer = await stage.connect(node);
    peer.sendHandshake({ network: stage.network, features: ["mesh/1"] });
    const { features } = handshakeMap(await peer.nextHandshake());
    check(Array.isArray(features) && features.includes("mesh/1"), `features of the node: ${show(features)}`);
  }),
  nodeCase(
    "mesh/broadcasts/feature-missing",
    "MESH-001",
    "a peer without mesh/1 is told so and left",
    async (stage) => {
      const node = await openMesh(stage);
      const peer = await stage.connect(node);
      peer.sendHandshake({ network: stage.network, features: ["requests/1"] });
      const close = await peer.nextClose(closeCode.featureMissing);
      check(String(close.items[2]).includes("mesh/1"), `reason of the close: ${show(close.items[2])}`);
    },
  ),
  nodeCase("mesh/broadcasts/origin", "MESH-002", "the origin sends to all its neighbours", async (stage) => {
    const node = await openMesh(stage);
    const peers = await several(3, () => meshPeer(stage, node));
    await node.broadcast("hello", "news");
    for (const peer of peers) {
      const message = await peer.next(isBroadcast, "the broadcast");
      checkEqual([message.sender, ...message.items], [node.idBytes, 0, "news", "hello"], "the broadcast");
    }
  }),
  nodeCase(
    "mesh/broadcasts/excluded",
    "MESH-002",
    "a neighbour that the application excludes is not sent to",
    async (stage) => {
      const node = await openMesh(stage);
      const [first, second] = await several(2, () => meshPeer(stage, node));
      await node.call({ do: "broadcast", data: "hello", exclude: [first.name] });
      await second.next(isBroadcast, "the broadcast");
      await settle(first);
      checkEqual(first.inbox.waiting(isBroadcast).length, 0, "broadcasts to the excluded");
    },
  ),
  nodeCase(
    "mesh/broadcasts/relayed",
    "MESH-003 MESH-005",
    "a relay sends on to all but where it came from",
    async (stage) => {
      const node = await openMesh(stage);
      const [first, ...others] = await several(3, () => meshPeer(stage, node));
      const body = sendBroadcast(first, "hello");
      for (const peer of others) checkBytes((await peer.next(isBroadcast, "the relayed broadcast")).body, body, "body");
      await meshFence(first, node);
      checkEqual(first.inbox.waiting(isBroadcast).length, 0, "broadcasts sent back");
    },
  ),
  nodeCase(
    "mesh/broadcasts/relayed-once",
    "MESH-005 MESH-006",
    "what came before is neither relayed nor delivered again",
    async (stage) => {
      const node = await openMesh(stage);
      const [first, second, third] = await several(3, () => meshPeer(stage, node));
      const body = sendBroadcast(first, "hello");
      await meshFence(first, node);
      first.sendBody(body);
      second.sendBody(body);
      third.sendBody(body);
      await meshFence(first, node);
      await meshFence(second, node);
      await meshFence(third, node);
      checkEqual(delivered(node), ["hello"], "deliveries");
      for (const [peer, count] of [
        [first, 0],
        [second, 1],
        [third, 1],
      ] as const) {
        checkEqual(peer.inbox.waiting(isBroadcastOf("hello")).length, count, "times that a neighbour got it");
      }
    },
  ),
  nodeCase(
    "mesh/broadcasts/own",
    "MESH-007",
    "a broadcast whose sender is the node itself is dropped",
    async (stage) => {
      const node = await openMesh(stage);
      const [first, second] = await several(2, () => meshPeer(stage, node));
      first.sendAs(node.idBytes, 0, 0, "news", "not mine");
      await meshFence(first, node);
      await settle(second);
      checkEqual(delivered(node), [], "deliveries");
      checkEqual(second.inbox.waiting(isBroadcastOf("not mine")).length, 0, "relays");
    },
  ),
  nodeCase(
    "mesh/broadcasts/raw",
    "MESH-008 WIRE-056",
    "a relay sends the very bytes on, however they were encoded",
    async (stage) => {
      const node = await openMesh(stage);
      const [first, second] = await several(2, () => meshPeer(stage, node));
      // Long forms everywhere: array16, uint64 type, bin16 sender, uint64 time, uint16 subtype, str8, float32.
      const time = BigInt(first.time()).toString(16).padStart(16, "0");
      const head = new Raw(`dc0006cf0000000000000000c50030`).bytes;
      const tail = new Raw(`cf${time}cd0000d9046e657773ca3fc00000`).bytes;
      const body = new Uint8Array([...head, ...first.id, ...tail]);
      first.sendBody(body);
      checkBytes((await second.next(isBroadcast, "the relayed broadcast")).body, body, "body");
      await meshFence(first, node);
      checkEqual(delivered(node), [1.5], "deliveries");
    },
  ),
  nodeCase(
    "mesh/broadcasts/compressed",
    "MESH-009 MESH-010 WIRE-056",
    "a compressed frame is inflated for a neighbour without its codec",
    async (stage) => {
      const node = await openMesh(stage);
      const first = await meshPeer(stage, node, { codecs: [codecZlib] });
      const plain = await meshPeer(stage, node, { codecs: [] });
      const other = await meshPeer(stage, node, { codecs: [codecZlib] });
      const body = encodeBody({ type: 0, sender: first.id, time: first.time(), items: [0, "news", "x".repeat(2000)] });
      first.sendBytes(frame(compress(body, codecZlib), codecZlib));
      const message = await plain.next(isBroadcast, "the relayed broadcast");
      checkEqual(message.codec, 0, "codec of the frame");
      checkBytes(message.body, body, "body");
      checkBytes(
        (await other.next(isBroadcast, "the relayed broadcast")).body,
        body,
        "body at a neighbour with the codec",
      );
      // The same message uncompressed is the same message.
      other.sendBody(body);
      await meshFence(other, node);
      checkEqual(delivered(node).length, 1, "deliveries");
    },
  ),
  nodeCase(
    "mesh/broadcasts/unknown-subtype",
    "MESH-016",
    "an unknown subtype is relayed once and not delivered",
    async (stage) => {
      const node = await openMesh(stage);
      const [first, second] = await several(2, () => meshPeer(stage, node));
      const body = first.send(0, 4711, "of the future");
      checkBytes((await second.next(isBroadcast, "the relayed broadcast")).body, body, "body");
      first.sendBody(body);
      await meshFence(first, node);
      await settle(second);
      const again = second.inbox.waiting((message) => isBroadcast(message) && message.subtype === 4711);
      checkEqual(again.length, 0, "further relays");
      checkEqual(delivered(node), [], "deliveries");
    },
  ),
  nodeCase("mesh/broadcasts/extra-items", "MESH-047", "items beyond the known ones are ignored", async (stage) => {
    const node = await openMesh(stage);
    const [first, second] = await several(2, () => meshPeer(stage, node));
    first.send(0, 0, "news", "hello", "extra", [1]);
    first.whisper(subtype.neighbour, 2, false, "extra");
    first.whisper(subtype.peers, [[randomId(), ["tcp://127.0.0.1:9"], "extra"]], "extra");
    await second.next(isBroadcast, "the relayed broadcast");
    await meshFence(first, node);
    checkEqual(delivered(node), ["hello"], "deliveries");
  }),
  nodeCase(
    "mesh/broadcasts/too-long",
    "MESH-018",
    "a broadcast over the message limit is an error and not sent",
    async (stage) => {
      const node = await openMesh(stage, { limits: { maxFrameBytes: 4096 } });
      const peer = await meshPeer(stage, node);
      await node.refused({ do: "broadcast", data: { text: [{ hex: "61", repeat: 5000 }] } });
      await node.broadcast("short");
      const message = await peer.next(isBroadcast, "the short broadcast");
      checkEqual(message.items[2], "short", "first broadcast that came");
    },
  ),
  ...malformed(),
];

function malformed(): NodeCase[] {
  const bad: readonly [string, readonly unknown[]][] = [
    ["no type", [0]],
    ["no data", [0, "news"]],
    ["a number as type", [0, 1, "data"]],
    ["nil as type", [0, null, "data"]],
    ["bytes as type", [0, new Raw(pack(Uint8Array.of(1))), "data"]],
  ];
  return bad.map(([what, items]) =>
    nodeCase(
      `mesh/broadcasts/with-${what.replaceAll(" ", "-")}`,
      "MESH-004",
      `a broadcast with ${what} closes the link`,
      async (stage) => {
        const node = await openMesh(stage);
        const [first, second] = await several(2, () => meshPeer(stage, node));
        // Of any type on purpose: this is what the case is about.
        first.send(0, ...(items as Parameters<typeof first.send>[1][]));
        await first.nextClose(closeCode.protocol);
        await meshFence(second, node);
        checkEqual(second.inbox.waiting(isBroadcast).length, 0, "relays");
        checkEqual(delivered(node), [], "deliveries");
      },
    ),
  );
}
