// Signed messages in a mesh: what a node tells and signs, and what it takes (spec/securenode.md, section 9).
import { toBase58 } from "../../reference/base58.js";
import { idOfKey, seedOf } from "../../reference/secure/identity.js";
import { type ReadEnvelope, readEnvelope } from "../../reference/secure/signed-messages.js";
import { toHex } from "../../reference/value.js";
import type { NodeCase } from "../../runner/case.js";
import { check, checkBytes, checkEqual, show } from "../../runner/expect.js";
import { closeCode, handshakeMap } from "../../stage/messages.js";
import { secureNetworkId } from "../../stage/secure/shake.js";
import { several } from "../../stage/several.js";
import { nodeCase } from "../define.js";
import { isRouted, randomId } from "../mesh/links.js";
import { securePeer } from "./channels.js";
import { broadcast, neighbour, newsOf, openSigned } from "./signed-peers.js";

export const signedCases: readonly NodeCase[] = [
  nodeCase(
    "secure/signed/features",
    "SEC-080",
    "nodes of different rules name and need different features",
    async (stage) => {
      for (const [messages, feature] of [
        ["require", "signed/1"],
        ["sign-only", "signs/1"],
      ] as const) {
        const node = await openSigned(stage, { messages });
        const line = await stage.connectLine(node);
        const peer = stage.peerOf(line, await stage.shakeLine(line, "dialler"));
        peer.sendHandshake({
          network: stage.network,
          net: secureNetworkId(stage.network, false),
          features: ["mesh/1"],
        });
        const { features, needs } = handshakeMap(await peer.nextHandshake());
        check(Array.isArray(features) && features.includes(feature), `features: ${show(features)}`);
        check(Array.isArray(needs) && needs.includes(feature), `needs: ${show(needs)}`);
        await peer.nextClose(closeCode.featureMissing);
      }
      const off = await openSigned(stage, { messages: "off" });
      const { peer } = await securePeer(stage, off, { features: ["mesh/1", "requests/1"] });
      const { features } = handshakeMap(peer.inbox.all[0] ?? (await peer.nextHandshake()));
      check(
        Array.isArray(features) && !features.some((name) => String(name).startsWith("sign")),
        `features: ${show(features)}`,
      );
    },
  ),
  nodeCase("secure/signed/own", "SEC-079", "a node signs its broadcasts, with rising numbers", async (stage) => {
    const networkId = secureNetworkId(stage.network, false);
    const options = { seed: toHex(seedOf(5)), replays: stage.network };
    const envelopes: ReadEnvelope[] = [];
    const ids: Uint8Array[] = [];
    for (let run = 0; run < 2; run++) {
      const node = await openSigned(stage, options);
      const peer = await neighbour(stage, node);
      for (const data of ["one", "two"]) {
        await node.broadcast(data, "news");
        const { body } = await peer.next((message) => message.items[2] === data, "the broadcast");
        const envelope = readEnvelope(networkId, body);
        check(envelope !== undefined, "a broadcast of the node has no envelope");
        envelopes.push(envelope);
        ids.push(node.idBytes);
      }
      await node.call({ do: "close" });
    }
    const numbers = envelopes.map(({ sequence }) => sequence);
    const isRising = numbers.every((number, index) => index === 0 || number > (numbers[index - 1] ?? 0));
    check(isRising, `numbers of the node: ${numbers.join(", ")}`);
    for (const [index, { key, holds, to }] of envelopes.entries()) {
      check(holds && to === undefined, "an envelope of the node does not hold, or names a receiver");
      checkBytes(idOfKey(key), ids[index] ?? new Uint8Array(0), "id of the key");
    }
  }),
  nodeCase("secure/signed/own-routed", "SEC-081", "a message to one node names it in its envelope", async (stage) => {
    const node = await openSigned(stage);
    const peer = await neighbour(stage, node);
    const destination = randomId();
    void node.send(toBase58(destination), "for one", "direct").catch(() => undefined);
    const { items } = await peer.next(isRouted, "the routed message");
    const envelope = readEnvelope(secureNetworkId(stage.network, false), items[4] as Uint8Array);
    check(envelope?.holds === true, "the envelope of the inner body does not hold");
    checkBytes(envelope.to ?? new Uint8Array(0), destination, "destination in the envelope");
  }),
  nodeCase(
    "secure/signed/taken",
    "SEC-072",
    "what its sender signed is delivered and passed on as it came, whoever brings it",
    async (stage) => {
      const node = await openSigned(stage);
      const [sender, other] = await several(2, () => neighbour(stage, node));
      const body = broadcast(stage);
      sender.sendBody(body);
      await sender.checkAlive();
      checkEqual((await node.next("broadcast")).data, "hello", "data");
      checkBytes(
        (await other.next((message) => message.items[2] === "hello", "the relayed broadcast")).body,
        body,
        "body",
      );
    },
  ),
  nodeCase(
    "secure/signed/sign-only",
    "SEC-073",
    "where signatures are not required, unsigned messages are taken",
    async (stage) => {
      const node = await openSigned(stage, { messages: "sign-only" });
      const peer = await neighbour(stage, node, ["mesh/1", "requests/1", "signs/1"]);
      peer.send(0, 0, "news", "unsigned");
      peer.sendBody(broadcast(stage, { signer: seedOf(2), data: "forged" }));
      peer.sendBody(broadcast(stage, { data: "signed" }));
      await node.next("broadcast", (report) => report.data === "signed");
      checkEqual(newsOf(node), ["unsigned", "signed"], "broadcasts delivered");
    },
  ),
];
