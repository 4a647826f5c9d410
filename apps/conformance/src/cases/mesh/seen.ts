// What a node takes for the same broadcast, and how long it remembers.
import { encodeBody } from "../../reference/body.js";
import { frame } from "../../reference/frame.js";
import { concat } from "../../reference/value.js";
import type { NodeCase } from "../../runner/case.js";
import { check, checkEqual } from "../../runner/expect.js";
import { isBroadcast } from "../../stage/messages.js";
import type { RawPeer } from "../../stage/raw-peer.js";
import { nodeCase } from "../define.js";
import { delivered, meshFence, meshPeer, openMesh, sendBroadcast } from "./links.js";

function broadcastAt(peer: RawPeer, time: number, data: string): Uint8Array {
  const body = encodeBody({ type: 0, sender: peer.id, time, items: [0, "news", data] });
  peer.sendBody(body);
  return body;
}

export const seenCases: readonly NodeCase[] = [
  nodeCase(
    "mesh/seen/by-content",
    "MESH-010",
    "messages that differ in content alone, or in time alone, are different",
    async (stage) => {
      const node = await openMesh(stage);
      const peer = await meshPeer(stage, node);
      const time = peer.time();
      broadcastAt(peer, time, "a");
      broadcastAt(peer, time, "b");
      broadcastAt(peer, time + 1, "a");
      broadcastAt(peer, time, "a");
      await meshFence(peer, node);
      checkEqual(delivered(node), ["a", "b", "a"], "deliveries");
    },
  ),
  nodeCase(
    "mesh/seen/by-sender",
    "MESH-010",
    "messages that differ in the sender alone are different",
    async (stage) => {
      const node = await openMesh(stage);
      const peer = await meshPeer(stage, node);
      const time = peer.time();
      for (const fill of [1, 2]) {
        peer.sendBody(encodeBody({ type: 0, sender: new Uint8Array(48).fill(fill), time, items: [0, "news", "a"] }));
      }
      await meshFence(peer, node);
      checkEqual(delivered(node), ["a", "a"], "deliveries");
    },
  ),
  nodeCase("mesh/seen/two-minutes", "MESH-011", "a message is known for 120 s", async (stage) => {
    const node = await openMesh(stage, { clock: "manual" });
    const peer = await meshPeer(stage, node);
    const body = sendBroadcast(peer, "hello");
    await meshFence(peer, node);
    // In steps, so that the connection stays alive.
    for (let seconds = 0; seconds < 119; seconds += 17) {
      await node.advance(17_000);
      await meshFence(peer, node);
    }
    peer.sendBody(body);
    await meshFence(peer, node);
    checkEqual(delivered(node), ["hello"], "deliveries");
  }),
  nodeCase("mesh/seen/room", "MESH-012", "a message is known after 65,535 others", async (stage) => {
    const node = await openMesh(stage);
    const peer = await meshPeer(stage, node);
    const body = sendBroadcast(peer, "hello");
    await meshFence(peer, node);
    const time = peer.time();
    for (let batch = 0; batch < 64; batch += 1) {
      // An unknown subtype is remembered like any other and not delivered, which keeps the reports few.
      const frames = Array.from({ length: 1023 }, (_, index) =>
        frame(encodeBody({ type: 0, sender: peer.id, time: time - batch * 1023 - index, items: [4711] })),
      );
      peer.sendBytes(concat(frames));
      await meshFence(peer, node);
    }
    peer.sendBody(body);
    await meshFence(peer, node);
    checkEqual(delivered(node), ["hello"], "deliveries");
  }),
  nodeCase("mesh/seen/any-time", "MESH-013", "the time in a message decides nothing about its age", async (stage) => {
    const node = await openMesh(stage);
    const peer = await meshPeer(stage, node);
    const now = Date.now() * 1000;
    const times = [0, 1, now - 3_600_000_000, now + 86_400_000_000, Number.MAX_SAFE_INTEGER];
    const bodies = times.map((time) => broadcastAt(peer, time, `at ${time}`));
    await meshFence(peer, node);
    for (const body of bodies) peer.sendBody(body);
    await meshFence(peer, node);
    checkEqual(
      delivered(node),
      times.map((time) => `at ${time}`),
      "deliveries",
    );
  }),
  nodeCase("mesh/seen/wall-clock", "MESH-013", "a wall clock that jumps makes nothing forgotten", async (stage) => {
    const node = await openMesh(stage, { clock: "manual" });
    const peer = await meshPeer(stage, node);
    const body = sendBroadcast(peer, "hello");
    await meshFence(peer, node);
    for (const ms of [Date.now() + 86_400_000, Date.now() - 86_400_000]) {
      await node.call({ do: "set-wall", ms });
      peer.sendBody(body);
      await meshFence(peer, node);
    }
    checkEqual(delivered(node), ["hello"], "deliveries");
  }),
  nodeCase(
    "mesh/seen/equal-twice",
    "MESH-014",
    "two equal broadcasts have growing times, also while the clock stands",
    async (stage) => {
      const node = await openMesh(stage, { clock: "manual" });
      const peer = await meshPeer(stage, node);
      for (let count = 0; count < 3; count += 1) await node.broadcast("same");
      await node.call({ do: "set-wall", ms: 1_000_000 });
      await node.broadcast("same");
      const times: number[] = [];
      for (let count = 0; count < 4; count += 1) times.push((await peer.next(isBroadcast, "a broadcast")).time);
      check(
        times.every((time, index) => index === 0 || time > (times[index - 1] ?? 0)),
        `times of the broadcasts do not grow: ${times.join(", ")}`,
      );
    },
  ),
];
