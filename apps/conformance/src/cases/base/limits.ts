// Limits and admission: what exceeds them costs whoever exceeds them, and nobody else.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { frame } from "../../reference/frame.js";
import { pack } from "../../reference/msgpack.js";
import { specFolder } from "../../requirements/chapters.js";
import type { NodeCase } from "../../runner/case.js";
import { check, checkEqual } from "../../runner/expect.js";
import { needOwnHost } from "../../runner/own-network.js";
import { closeCode, handshakeMap, isClose, isMessage, subtype } from "../../stage/messages.js";
import type { RawPeer } from "../../stage/raw-peer.js";
import { nodeCase } from "../define.js";
import { fence } from "../fence.js";

interface Limit {
  readonly name: string;
  readonly default: number;
  readonly chapter: string;
}

function registeredLimits(): readonly Limit[] {
  const { limits } = JSON.parse(readFileSync(join(specFolder, "registries/limits.json"), "utf8")) as {
    readonly limits: readonly Limit[];
  };
  return limits.filter(({ chapter }) => chapter === "wire.md" || chapter === "base.md");
}

export const limitCases: readonly NodeCase[] = [
  nodeCase(
    "base/limits/settable",
    "BASE-130 WIRE-060",
    "every limit of the registry can be set, and no other",
    async (stage) => {
      for (const { name, default: value } of registeredLimits()) {
        const node = await stage.open({ limits: { [name]: value } });
        await node.call({ do: "close" });
      }
      const outcome = await stage.open({ limits: { noSuchLimit: 1 } }).then(
        () => "opened",
        () => "refused",
      );
      checkEqual(outcome, "refused", "a node with a limit that does not exist");
    },
  ),
  nodeCase(
    "base/limits/message-limit",
    "BASE-130 BASE-028",
    "a message limit that is set is told and kept",
    async (stage) => {
      const node = await stage.open({ limits: { maxFrameBytes: 2_000 } });
      const peer = await stage.connect(node);
      peer.sendHandshake({ network: stage.network });
      checkEqual(handshakeMap(await peer.nextHandshake()).max, 2_000, "limit in the handshake");
      peer.whisper(subtype.message, "news", "x".repeat(1_900));
      await fence(peer, node);
      peer.whisper(subtype.message, "news", "x".repeat(2_000));
      await peer.nextClose(closeCode.tooLarge);
    },
  ),
  nodeCase(
    "base/limits/peer-limit",
    "BASE-021 WIRE-009",
    "what is longer than the peer takes is an error and not sent",
    async (stage) => {
      const node = await stage.open();
      const peer = await stage.join(node, { max: 2_000 });
      await node.refused({ do: "send", to: peer.name, data: "x".repeat(2_000) });
      await node.send(peer.name, "x".repeat(1_800));
      const message = await peer.next(isMessage, "the shorter message");
      check(message.body.length <= 2_000, `a body of ${message.body.length} bytes came`);
    },
  ),
  nodeCase(
    "base/limits/peer-codecs",
    "WIRE-019",
    "a frame is compressed only by a codec that the peer lists",
    async (stage) => {
      const node = await stage.open({ compressAboveBytes: 100 });
      for (const [codecs, wanted] of [
        [[], [0]],
        [[2], [0, 2]],
        [[1], [0, 1]],
        [[7], [0]],
      ] as const) {
        const peer = await stage.join(node, { codecs });
        await node.send(peer.name, "x".repeat(1_000));
        const message = await peer.next(isMessage, "the message");
        check(
          (wanted as readonly number[]).includes(message.codec),
          `codec ${message.codec} for a peer that lists ${codecs.join()}`,
        );
        checkEqual(message.items[2], "x".repeat(1_000), "data");
      }
    },
  ),
  nodeCase(
    "base/limits/not-before-handshake",
    "BASE-019",
    "nothing is compressed before the peer's handshake",
    async (stage) => {
      const node = await stage.open({ compressAboveBytes: 1 });
      const peer = await stage.connect(node);
      const first = await peer.nextHandshake();
      checkEqual(first.codec, 0, "codec of the handshake");
      peer.send(3, 1);
      const close = await peer.nextClose(closeCode.protocol);
      checkEqual(close.codec, 0, "codec of the close");
    },
  ),
  nodeCase(
    "base/limits/inbound",
    "BASE-133 BASE-138 BASE-139",
    "an inbound connection over the limit is refused, the others stay",
    async (stage) => {
      const node = await stage.open({ limits: { maxInboundConnections: 3 } });
      const peers = [await stage.join(node), await stage.join(node), await stage.join(node)];
      const over = await stage.connect(node);
      await over.nextClose(closeCode.busy);
      for (const peer of peers) await fence(peer, node);
      peers[0]?.reset();
      await node.next("disconnected");
      await fence(await stage.join(node), node);
    },
  ),
  nodeCase(
    "base/limits/all-connections",
    "BASE-133",
    "a connection over the limit of all is refused",
    async (stage) => {
      const node = await stage.open({ limits: { maxConnections: 2, maxInboundConnections: 2 } });
      const peers = [await stage.join(node), await stage.join(node)];
      const over = await stage.connect(node);
      await over.nextClose(closeCode.busy);
      const listener = await stage.listen();
      await node.refused({ do: "dial", address: listener.address });
      for (const peer of peers) await fence(peer, node);
    },
  ),
  nodeCase(
    "base/limits/pending",
    "BASE-134 BASE-138",
    "silent connections over the limit are refused, whoever talks is served",
    async (stage) => {
      const node = await stage.open({ limits: { maxPendingHandshakes: 3 } });
      const sound = await stage.join(node);
      const silent: RawPeer[] = [];
      for (let count = 0; count < 3; count += 1) {
        const peer = await stage.connect(node);
        await peer.nextHandshake();
        silent.push(peer);
      }
      const over = await stage.connect(node);
      await over.nextClose(closeCode.busy);
      await fence(sound, node);
      silent[0]?.reset();
      await stage.eventually(async () => {
        const peer = await stage.connect(node);
        const first = await peer.next(() => true, "the first frame");
        check(!isClose(first), "a place that became free is not given");
        peer.destroy();
      });
    },
  ),
  nodeCase(
    "base/limits/loopback",
    "BASE-137",
    "loopback addresses are exempt from limits by address and of rate",
    async (stage) => {
      const node = await stage.open();
      const peers: RawPeer[] = [];
      for (let count = 0; count < 30; count += 1) peers.push(await stage.join(node));
      for (const peer of peers) await peer.checkAlive();
    },
  ),
  nodeCase(
    "base/limits/by-address",
    "BASE-131 BASE-135",
    "the ninth connection of an address is refused, whatever its peer says it is",
    async (stage) => {
      const host = needOwnHost();
      const node = await stage.open({ listen: [`tcp://${host}:0`] });
      const peers: RawPeer[] = [];
      for (let count = 0; count < 8; count += 1)
        peers.push(await stage.join(node, { addrs: [`tcp://198.51.100.${count + 1}:9`] }));
      const over = await stage.connect(node);
      await over.nextClose(closeCode.busy);
      for (const peer of peers) await peer.checkAlive();
    },
  ),
  nodeCase(
    "base/limits/rate",
    "BASE-136 BASE-131",
    "connections of an address that come too fast are refused",
    async (stage) => {
      const host = needOwnHost();
      const node = await stage.open({
        listen: [`tcp://${host}:0`],
        limits: { inboundBurst: 3, inboundPerSecond: 0.001 },
      });
      for (let count = 0; count < 3; count += 1) {
        const peer = await stage.join(node);
        peer.destroy();
      }
      const over = await stage.connect(node);
      await over.nextClose(closeCode.rate);
    },
  ),
  nodeCase(
    "base/limits/budget",
    "BASE-132 BASE-076",
    "what does not fit the memory budget costs a connection with budget, others are served",
    async (stage) => {
      const node = await stage.open({ limits: { memoryBudgetBytes: 1_500_000 } });
      const sound = await stage.join(node);
      const whole = frame(pack([2, sound.id, 1, subtype.message, "news", new Uint8Array(900_000)]));
      for (let count = 0; count < 3; count += 1) {
        const peer = await stage.join(node);
        peer.sendPiece(whole.subarray(0, 800_000));
      }
      await node.next("disconnected", (report) => report.code === closeCode.budget);
      await fence(sound, node);
    },
  ),
  nodeCase(
    "base/limits/one-peer-alone",
    "BASE-138 BASE-076",
    "a peer over its limits costs itself the connection, and nobody else",
    async (stage) => {
      const node = await stage.open();
      const sound = await stage.join(node);
      const listener = await stage.listen();
      const wrongs: ((peer: RawPeer) => void)[] = [
        (peer) => peer.sendBytes(Uint8Array.of(0xff, 0xff, 0xff, 0xff)),
        (peer) => peer.sendBytes(Uint8Array.of(0, 0, 0, 0)),
        (peer) => peer.sendHandshake({ network: "another" }),
        (peer) => peer.sendBytes(frame(pack([2, peer.id, 1, subtype.message, "news", "x"])).subarray(0, 30)),
      ];
      for (const wrong of wrongs) {
        const peer = await stage.join(node);
        wrong(peer);
        await peer.flushed();
        peer.reset();
        await node.next("disconnected", (report) => report.peer === peer.name);
        await fence(sound, node);
      }
      listener.close();
    },
  ),
];
