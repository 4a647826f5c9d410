// Verdicts of the application on broadcasts. The node under test judges by the data: "ignore", "reject", "wait".
import type { NodeCase } from "../../runner/case.js";
import { checkEqual } from "../../runner/expect.js";
import { closeCode } from "../../stage/messages.js";
import { several } from "../../stage/several.js";
import { nodeCase } from "../define.js";
import { settle } from "../fence.js";
import { delivered, isBroadcastOf, meshFence, meshPeer, openMesh, sendBroadcast } from "./links.js";

export const validatorCases: readonly NodeCase[] = [
  nodeCase(
    "mesh/validators/waits",
    "MESH-050",
    "nothing goes further before the verdict, and then it does",
    async (stage) => {
      const node = await openMesh(stage, { hasValidator: true });
      const [first, second] = await several(2, () => meshPeer(stage, node));
      sendBroadcast(first, "wait");
      await settle(first, second);
      await node.peers();
      checkEqual(second.inbox.waiting(isBroadcastOf("wait")).length, 0, "relays before the verdict");
      checkEqual(delivered(node), [], "deliveries before the verdict");
      await node.call({ do: "verdict", verdict: "accept" });
      await second.next(isBroadcastOf("wait"), "the relay after the verdict");
      await node.next("broadcast", (report) => report.data === "wait");
    },
  ),
  ...(["ignore", "reject"] as const).map((verdict) =>
    nodeCase(
      `mesh/validators/${verdict}`,
      "MESH-051",
      `a broadcast with the verdict ${verdict} goes no further`,
      async (stage) => {
        const node = await openMesh(stage, { hasValidator: true });
        const [first, second] = await several(2, () => meshPeer(stage, node));
        sendBroadcast(first, verdict);
        await meshFence(first, node);
        await settle(second);
        checkEqual(second.inbox.waiting(isBroadcastOf(verdict)).length, 0, "relays");
        checkEqual(delivered(node), [], "deliveries");
      },
    ),
  ),
  nodeCase(
    "mesh/validators/rejected-often",
    "MESH-052",
    "the sixth rejected broadcast closes the link, not the fifth",
    async (stage) => {
      const node = await openMesh(stage, { hasValidator: true });
      const peer = await meshPeer(stage, node);
      for (let count = 0; count < 5; count += 1) sendBroadcast(peer, "reject");
      await meshFence(peer, node);
      sendBroadcast(peer, "reject");
      await peer.nextClose(closeCode.rejected);
    },
  ),
  nodeCase("mesh/validators/ignored-often", "MESH-052", "ignored broadcasts do not close the link", async (stage) => {
    const node = await openMesh(stage, { hasValidator: true });
    const peer = await meshPeer(stage, node);
    for (let count = 0; count < 20; count += 1) sendBroadcast(peer, "ignore");
    await meshFence(peer, node);
  }),
];
