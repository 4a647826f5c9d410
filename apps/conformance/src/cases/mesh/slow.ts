// Neighbours that read slowly or not at all.

import { encodeBody } from "../../reference/body.js";
import { frame } from "../../reference/frame.js";
import { concat } from "../../reference/value.js";
import type { NodeCase } from "../../runner/case.js";
import { check, checkEqual } from "../../runner/expect.js";
import { closeCode, isBroadcast } from "../../stage/messages.js";
import { nodeCase } from "../define.js";
import { meshFence, meshPeer, openMesh } from "./links.js";

const block = "x".repeat(60_000);

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
      const time = source.time();
      for (let batch = 0; batch < count / 10; batch += 1) {
        source.sendBytes(
          concat(
            Array.from({ length: 10 }, (_, index) =>
              frame(
                encodeBody({ type: 0, sender: source.id, time: time + batch * 10 + index, items: [0, "bulk", block] }),
              ),
            ),
          ),
        );
      }
      for (let got = 0; got < count; got += 1) await sound.next(isBroadcast, `broadcast ${got} of ${count}`);
      check(!sound.hasEnded, "the neighbour that reads was dropped");
    },
  ),
];
