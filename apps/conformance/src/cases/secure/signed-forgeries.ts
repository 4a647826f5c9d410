// Signed messages that are none, or not what they seem: what a node refuses, and whom it blames (spec/securenode.md, section 9).
import { encodeBody } from "../../reference/body.js";
import { pack } from "../../reference/msgpack.js";
import { publicKeyOf } from "../../reference/secure/ed25519.js";
import { formsOf, seedOf } from "../../reference/secure/identity.js";
import { signedBody } from "../../reference/secure/signed-messages.js";
import type { NodeCase } from "../../runner/case.js";
import { checkEqual } from "../../runner/expect.js";
import { closeCode, subtype } from "../../stage/messages.js";
import { secureNetworkId } from "../../stage/secure/shake.js";
import { nodeCase } from "../define.js";
import { randomId, sendRouted } from "../mesh/links.js";
import { broadcast, changed, checkRefusedAll, neighbour, newsOf, nextSequence, openSigned } from "./signed-peers.js";

export const forgeryCases: readonly NodeCase[] = [
  nodeCase("secure/signed/forged", "SEC-072", "forged, altered and malformed messages go nowhere", async (stage) => {
    const ada = seedOf(2);
    const sound = broadcast(stage);
    await checkRefusedAll(stage, [
      broadcast(stage, { signer: ada }),
      broadcast(stage, { keyOf: ada }),
      broadcast(stage, { keyOf: ada, signer: ada }),
      broadcast(stage, { seed: ada, keyOf: seedOf(3), signer: seedOf(3) }),
      changed(sound, 60),
      changed(sound, -1),
      changed(sound, -64),
      broadcast(stage, { sender: formsOf(ada).id }),
    ]);
  }),
  nodeCase("secure/signed/other-network", "SEC-072", "what was signed for another network goes nowhere", (stage) =>
    checkRefusedAll(stage, [
      signedBody({
        seed: seedOf(1),
        networkId: new Uint8Array(32),
        items: [0, "news", "hello"],
        time: Date.now() * 1000,
        sequence: nextSequence(),
      }),
    ]),
  ),
  nodeCase("secure/signed/unsigned", "SEC-073", "what is not signed goes nowhere", async (stage) => {
    const sender = formsOf(seedOf(1)).id;
    const unsigned = encodeBody({ type: 0, sender, time: Date.now() * 1000, items: [0, "news", "hello"] });
    // An item behind the envelope: the last one is none.
    const behind = pack([
      0,
      sender,
      Date.now() * 1000,
      0,
      "news",
      "hello",
      ["p2p/env", publicKeyOf(seedOf(1)), 1, new Uint8Array(64)],
      1,
    ]);
    await checkRefusedAll(stage, [unsigned, behind]);
  }),
  nodeCase("secure/signed/number-of-forged", "SEC-074", "a forged message does not use up a number", async (stage) => {
    const node = await openSigned(stage);
    const peer = await neighbour(stage, node);
    const sequence = nextSequence();
    peer.sendBody(broadcast(stage, { sequence, signer: seedOf(2), data: "forged" }));
    peer.sendBody(broadcast(stage, { sequence: sequence + 5_000, signer: seedOf(2), data: "forged" }));
    peer.sendBody(broadcast(stage, { sequence }));
    await node.next("broadcast", (report) => report.data === "hello");
    checkEqual(newsOf(node), ["hello"], "broadcasts delivered");
  }),
  nodeCase(
    "secure/signed/misdirected",
    "SEC-081",
    "what is signed for one receiver is for nobody else",
    async (stage) => {
      await checkRefusedAll(stage, [broadcast(stage, { to: randomId() })]);
      const node = await openSigned(stage, { limits: { maxRejected: 1_000 } });
      const peer = await neighbour(stage, node);
      const networkId = secureNetworkId(stage.network, false);
      const send = (data: string, to?: Uint8Array): void => {
        const items = [subtype.message, "direct", data];
        const usual = { seed: seedOf(1), networkId, type: 2, items, time: Date.now() * 1000, sequence: nextSequence() };
        const inner = signedBody({ ...usual, ...(to === undefined ? {} : { to }) });
        sendRouted(peer, { destination: node.idBytes, inner, sender: formsOf(seedOf(1)).id });
      };
      send("for another", randomId());
      send("for all");
      send("for it", node.idBytes);
      await node.next("message", (report) => report.data === "for it");
      const data = node.seen("message").map((report) => report.data);
      checkEqual(data, ["for it"], "direct messages delivered");
    },
  ),
  nodeCase("secure/signed/blamed", "SEC-082", "who brings what is refused loses its link", async (stage) => {
    const node = await openSigned(stage);
    const peer = await neighbour(stage, node);
    for (let count = 0; count < 6; count++) peer.sendBody(broadcast(stage, { signer: seedOf(2) }));
    await peer.nextClose(closeCode.rejected);
  }),
];
