// Neighbours that read slowly or not at all.

import { encodeBody } from "../../reference/body.js";
import { frame } from "../../reference/frame.js";
import { concat } from "../../reference/value.js";
import type { NodeCase } from "../../runner/case.js";
import { check, checkEqual } from "../../runner/expect.js";
import { closeCode, isBroadcast } from "../../stage/messages.js";
import type { RawPeer } from "../../stage/raw-peer.js";
import type { TestNode } from "../../stage/test-node.js";
import { nodeCase } from "../define.js";
import { meshFence, meshPeer, openMesh } from "./links.js";

const block = "x".repeat(60_000);

/** Broadcasts of a peer, ten in one piece. */
function sendMany(source: RawPeer, count: number): void {
  const time = source.time();
  const bulk = (number: number): Uint8Array =>
    frame(encodeBody({ type: 0, sender: source.id, time: time + number, items: [0, "bulk", block] }));
  for (let sent = 0; sent < count; sent += 10)
    source.sendBytes(concat(Array.from({ length: 10 }, (_, index) => bulk(sent + index))));
}

/** More than the buffers of the operating system and of the node can hold. */
const manyBlocks = 300;

function countAt(peer: RawPeer): number {
  return peer.inbox.all.filter(isBroadcast).length;
}

/**
 * Waits until some broadcasts came to a peer, and no more come. No time passes at the node meanwhile: the case says who is slow,
 * not the machine.
 */
async function settled(node: TestNode, peer: RawPeer): Promise<void> {
  for (let calls = 0; calls < 50; calls += 1) {
    const before = countAt(peer);
    await node.call({ do: "peers" });
    if (before === 0 || countAt(peer) > before) calls = 0;
  }
}

export const slowCases: readonly NodeCase[] = [
  nodeCase(
    "mesh/slow/dropped",
    "MESH-071",
    "a neighbour that never reads is dropped with slow, the others are served",
    async (stage) => {
      const node = await openMesh(stage, { clock: "manual", limits: { stallTimeoutMs: 5_000 } });
      const source = await meshPeer(stage, node);
      const stuck = await meshPeer(stage, node);
      const sound = await meshPeer(stage, node);
      stuck.pause();
      sendMany(source, manyBlocks);
      for (let seconds = 0; seconds < 15 && node.seen("disconnected").length === 0; seconds += 1) {
        await settled(node, sound);
        await node.advance(1_000);
      }
      const gone = await node.next("disconnected");
      checkEqual(gone.peer, stuck.name, "who was dropped");
      checkEqual(gone.code, closeCode.slow, "code of the disconnection");
      for (let number = 0; number < manyBlocks; number += 1)
        await sound.next(isBroadcast, `broadcast ${number} of ${manyBlocks}`);
      await meshFence(sound, node);
    },
  ),
  nodeCase(
    "mesh/slow/does-not-hold-up",
    "MESH-073",
    "a neighbour that takes nothing holds a relay up for a moment only",
    async (stage) => {
      // Nobody is dropped for a stall within the time that the case takes.
      const node = await openMesh(stage, { clock: "manual", limits: { stallTimeoutMs: 60_000 } });
      const source = await meshPeer(stage, node);
      const stuck = await meshPeer(stage, node);
      const sound = await meshPeer(stage, node);
      stuck.pause();
      sendMany(source, manyBlocks);
      await settled(node, sound);
      check(countAt(sound) < manyBlocks, "the neighbour that takes nothing was not waited for at all");
      // Half a second, and what the neighbour's system takes in its name after that began, at 1 MiB a second.
      for (let rounds = 0; rounds < 20 && countAt(sound) < manyBlocks; rounds += 1) {
        await node.advance(500);
        await settled(node, sound);
      }
      checkEqual(countAt(sound), manyBlocks, "broadcasts at the neighbour that reads");
      check(!sound.hasEnded, "the neighbour that reads was dropped");
    },
  ),
  nodeCase(
    "mesh/slow/waited-for",
    "MESH-072",
    "while a neighbour takes nothing, a relay reads no more broadcasts, and brings all when it does",
    async (stage) => {
      // No time passes at the node: it waits for as long as the case likes.
      const node = await openMesh(stage, { clock: "manual" });
      const source = await meshPeer(stage, node);
      const stuck = await meshPeer(stage, node);
      const sound = await meshPeer(stage, node);
      stuck.pause();
      sendMany(source, manyBlocks);
      await settled(node, sound);
      check(countAt(sound) < manyBlocks, "the relay read on");
      stuck.resume();
      for (const peer of [stuck, sound])
        for (let number = 0; number < manyBlocks; number += 1)
          await peer.next(isBroadcast, `broadcast ${number} of ${manyBlocks}`);
      checkEqual(node.seen("disconnected").length, 0, "neighbours that were dropped");
    },
  ),
];
