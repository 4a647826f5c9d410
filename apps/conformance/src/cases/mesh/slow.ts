// Neighbours that read slowly or not at all.

import { encodeBody } from "../../reference/body.js";
import { frame } from "../../reference/frame.js";
import { concat } from "../../reference/value.js";
import type { NodeCase } from "../../runner/case.js";
import { check, checkEqual } from "../../runner/expect.js";
import { closeCode, isBroadcast } from "../../stage/messages.js";
import type { RawPeer } from "../../stage/raw-peer.js";
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

export const slowCases: readonly NodeCase[] = [
  nodeCase(
    "mesh/slow/dropped",
    "MESH-071",
    "a neighbour that never reads is dropped with slow, the others are served",
    async (stage) => {
      const node = await openMesh(stage, { limits: { stallTimeoutMs: 1_000 } });
      const stuck = await meshPeer(stage, node);
      const sound = await meshPeer(stage, node);
      stuck.pause();
      const gone = node.next("disconnected", (report) => report.peer === stuck.name);
      // More than the buffers of the operating system and of the node can hold.
      for (let sent = 0; sent < 400; sent += 1) {
        await node.broadcast(block);
        await sound.next(isBroadcast, "a broadcast at the neighbour that reads");
        if (node.seen("disconnected").length > 0) break;
      }
      checkEqual((await gone).code, closeCode.slow, "code of the disconnection");
      await meshFence(sound, node);
    },
  ),
  nodeCase(
    "mesh/slow/does-not-hold-up",
    "MESH-073",
    "a neighbour that takes nothing holds a relay up for a moment only",
    async (stage) => {
      const node = await openMesh(stage);
      const source = await meshPeer(stage, node);
      const stuck = await meshPeer(stage, node);
      const sound = await meshPeer(stage, node);
      stuck.pause();
      const count = 300;
      sendMany(source, count);
      for (let got = 0; got < count; got += 1) await sound.next(isBroadcast, `broadcast ${got} of ${count}`);
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
      // More than the buffers of the operating system and of the node can hold.
      const count = 700;
      sendMany(source, count);
      const got = (): number => sound.inbox.all.filter(isBroadcast).length;
      for (let quiet = 0; quiet < 50; ) {
        const before = got();
        await node.call({ do: "peers" });
        quiet = before > 0 && got() === before ? quiet + 1 : 0;
        check(got() < count, "the relay read on");
      }
      stuck.resume();
      for (const peer of [stuck, sound])
        for (let number = 0; number < count; number += 1)
          await peer.next(isBroadcast, `broadcast ${number} of ${count}`);
      checkEqual(node.seen("disconnected").length, 0, "neighbours that were dropped");
    },
  ),
];
