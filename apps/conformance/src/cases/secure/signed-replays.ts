// Signed messages that come late, again, or out of their order (spec/securenode.md, section 9).
import { seedOf } from "../../reference/secure/identity.js";
import { toHex } from "../../reference/value.js";
import type { NodeCase } from "../../runner/case.js";
import { checkEqual } from "../../runner/expect.js";
import { nodeCase } from "../define.js";
import { broadcast, neighbour, newsOf, nextSequence, openSigned, signedFence } from "./signed-peers.js";

export const replayCases: readonly NodeCase[] = [
  nodeCase("secure/signed/times", "SEC-075", "half an hour either way is taken, and no more", async (stage) => {
    const node = await openSigned(stage);
    const peer = await neighbour(stage, node);
    const now = Date.now() * 1000;
    const minutes = [-29, 29, -31, 31, -10_000, 10_000];
    for (const offset of minutes) peer.sendBody(broadcast(stage, { time: now + offset * 60e6, data: offset }));
    await signedFence(stage, peer, node);
    checkEqual(newsOf(node), [-29, 29], "minutes that were taken");
  }),
  nodeCase("secure/signed/numbers", "SEC-076", "each number counts once, in any order within 8,192", async (stage) => {
    const node = await openSigned(stage);
    const peer = await neighbour(stage, node);
    const start = nextSequence(20_000);
    const send = (offset: number, data: string): void =>
      peer.sendBody(broadcast(stage, { sequence: start + offset, data }));
    send(9_000, "first");
    send(9_000, "again");
    send(8_999, "before");
    send(8_999, "before again");
    send(9_000 - 8_191, "last of the window");
    send(9_000 - 8_192, "beyond the window");
    send(9_001, "next");
    nextSequence(20_000);
    await signedFence(stage, peer, node);
    checkEqual(newsOf(node), ["first", "before", "last of the window", "next"], "broadcasts delivered");
  }),
  nodeCase(
    "secure/signed/restart",
    "SEC-078",
    "a node that was started anew takes nothing that it took before",
    async (stage) => {
      const options = { seed: toHex(seedOf(6)), replays: `${stage.network} replays` };
      const node = await openSigned(stage, options);
      const peer = await neighbour(stage, node);
      const bodies = ["one", "two"].map((data) => broadcast(stage, { data }));
      for (const body of bodies) peer.sendBody(body);
      await signedFence(stage, peer, node);
      await node.call({ do: "close" });
      const again = await openSigned(stage, options);
      const other = await neighbour(stage, again);
      for (const body of bodies) other.sendBody(body);
      other.sendBody(broadcast(stage, { data: "three" }));
      await signedFence(stage, other, again);
      checkEqual(newsOf(again), ["three"], "broadcasts delivered after the restart");
    },
  ),
  nodeCase("secure/signed/not-blamed", "SEC-082", "who brings what is left aside is not blamed", async (stage) => {
    const node = await openSigned(stage);
    const peer = await neighbour(stage, node);
    const sequence = nextSequence();
    for (let count = 0; count < 12; count++) {
      peer.sendBody(broadcast(stage, { time: count }));
      peer.sendBody(broadcast(stage, { seed: seedOf(4), sequence, data: `replay ${count}` }));
    }
    await signedFence(stage, peer, node);
    checkEqual(newsOf(node), ["replay 0"], "broadcasts delivered");
    await peer.checkAlive();
  }),
];
