// Signed messages in a mesh: what a node signs, judges, passes on, remembers, and whom it blames (spec/securenode.md, section 9).
import { randomBytes } from "node:crypto";
import { toBase58 } from "../../reference/base58.js";
import { encodeBody } from "../../reference/body.js";
import { type Packable, pack } from "../../reference/msgpack.js";
import { publicKeyOf } from "../../reference/secure/ed25519.js";
import { formsOf, idOfKey, seedOf } from "../../reference/secure/identity.js";
import { type ReadEnvelope, readEnvelope, type SignedParts, signedBody } from "../../reference/secure/messages.js";
import { toHex } from "../../reference/value.js";
import type { NodeCase } from "../../runner/case.js";
import { check, checkBytes, checkEqual, show } from "../../runner/expect.js";
import { closeCode, handshakeMap, isBroadcast, subtype } from "../../stage/messages.js";
import type { RawPeer } from "../../stage/raw-peer.js";
import { secureNetworkId } from "../../stage/secure/shake.js";
import type { OpenOptions, Stage } from "../../stage/stage.js";
import type { TestNode } from "../../stage/test-node.js";
import { nodeCase } from "../define.js";
import { isNeighbour, isRouted, randomId, sendNeighbour, sendRouted } from "../mesh/links.js";
import { openSecure, securePeer } from "./channels.js";

const signedFeatures = ["mesh/1", "requests/1", "signed/1"];

let lastSequence = Date.now() * 1000;

function openSigned(stage: Stage, options: OpenOptions = {}): Promise<TestNode> {
  return openSecure(stage, { kind: "mesh", messages: "require", ...options });
}

/** A neighbour under security in a network that requires signatures. */
async function neighbour(stage: Stage, node: TestNode, features: readonly string[] = signedFeatures): Promise<RawPeer> {
  const { peer } = await securePeer(stage, node, { features });
  sendNeighbour(peer, 3, false);
  await peer.next(isNeighbour, "the neighbour message of the node");
  return peer;
}

type Parts = Partial<Omit<SignedParts, "networkId" | "items">> & { readonly data?: Packable };

/** The body of a broadcast, sound but for what is given. */
function broadcast(stage: Stage, { data = "hello", ...parts }: Parts = {}): Uint8Array {
  const now = Date.now() * 1000;
  const networkId = secureNetworkId(stage.network, false);
  const usual = { seed: seedOf(1), time: now, sequence: ++lastSequence };
  return signedBody({ ...usual, networkId, items: [0, "news", data], ...parts });
}

/** The node has judged everything that this peer sent before. */
async function signedFence(stage: Stage, peer: RawPeer, node: TestNode): Promise<void> {
  const data = randomBytes(8).toString("hex");
  peer.sendBody(broadcast(stage, { seed: seedOf(99), data }));
  await node.next("broadcast", (report) => report.data === data);
  await peer.barrier();
}

const newsOf = (node: TestNode): unknown[] =>
  node
    .seen("broadcast")
    .map((report) => report.data)
    .filter((data) => !/^[0-9a-f]{16}$/.test(String(data)));

/** None of the bodies is delivered, nor passed on to another neighbour. */
async function checkRefusedAll(stage: Stage, bodies: readonly Uint8Array[], options: OpenOptions = {}): Promise<void> {
  const node = await openSigned(stage, { limits: { maxRejected: 1_000 }, ...options });
  const [sender, other] = [await neighbour(stage, node), await neighbour(stage, node)];
  for (const body of bodies) sender.sendBody(body);
  await signedFence(stage, sender, node);
  await other.barrier();
  checkEqual(newsOf(node), [], "broadcasts delivered");
  const relayed = other.inbox.all.filter((message) => isBroadcast(message) && message.items[2] === "hello");
  checkEqual(relayed.length, 0, "broadcasts passed on");
}

function changed(body: Uint8Array, at: number): Uint8Array {
  const copy = body.slice();
  const index = at < 0 ? copy.length + at : at;
  copy[index] = (copy[index] ?? 0) ^ 1;
  return copy;
}

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
    "what its sender signed is delivered and passed on as it came",
    async (stage) => {
      const node = await openSigned(stage);
      const [sender, other] = [await neighbour(stage, node), await neighbour(stage, node)];
      const body = broadcast(stage);
      sender.sendBody(body);
      checkEqual((await node.next("broadcast")).data, "hello", "data");
      checkBytes(
        (await other.next((message) => message.items[2] === "hello", "the relayed broadcast")).body,
        body,
        "body",
      );
    },
  ),
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
        sequence: ++lastSequence,
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
  nodeCase("secure/signed/number-of-forged", "SEC-074", "a forged message does not use up a number", async (stage) => {
    const node = await openSigned(stage);
    const peer = await neighbour(stage, node);
    const sequence = ++lastSequence;
    peer.sendBody(broadcast(stage, { sequence, signer: seedOf(2), data: "forged" }));
    peer.sendBody(broadcast(stage, { sequence: sequence + 5_000, signer: seedOf(2), data: "forged" }));
    peer.sendBody(broadcast(stage, { sequence }));
    await node.next("broadcast", (report) => report.data === "hello");
    checkEqual(newsOf(node), ["hello"], "broadcasts delivered");
  }),
  nodeCase("secure/signed/times", "SEC-075", "half an hour either way is taken, and no more", async (stage) => {
    const node = await openSigned(stage);
    const peer = await neighbour(stage, node);
    const now = Date.now() * 1000;
    const minutes = [-29, 29, -31, 31, -10_000, 10_000];
    for (const offset of minutes) peer.sendBody(broadcast(stage, { time: now + offset * 60e6, data: offset }));
    await signedFence(stage, peer, node);
    checkEqual(newsOf(node), [-29, 29], "minutes that were taken");
  }),
  nodeCase("secure/signed/numbers", "SEC-076", "each number counts once, in any order within 1,024", async (stage) => {
    const node = await openSigned(stage);
    const peer = await neighbour(stage, node);
    lastSequence += 10_000;
    const start = lastSequence;
    const send = (offset: number, data: string): void =>
      peer.sendBody(broadcast(stage, { sequence: start + offset, data }));
    send(1_100, "first");
    send(1_100, "again");
    send(1_099, "before");
    send(1_099, "before again");
    send(1_100 - 1_023, "last of the window");
    send(1_100 - 1_024, "beyond the window");
    send(1_101, "next");
    lastSequence += 10_000;
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
        const usual = { seed: seedOf(1), networkId, type: 2, items, time: Date.now() * 1000, sequence: ++lastSequence };
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
  nodeCase("secure/signed/not-blamed", "SEC-082", "who brings what is left aside is not blamed", async (stage) => {
    const node = await openSigned(stage);
    const peer = await neighbour(stage, node);
    const sequence = ++lastSequence;
    for (let count = 0; count < 12; count++) {
      peer.sendBody(broadcast(stage, { time: count }));
      peer.sendBody(broadcast(stage, { seed: seedOf(4), sequence, data: `replay ${count}` }));
    }
    await signedFence(stage, peer, node);
    checkEqual(newsOf(node), ["replay 0"], "broadcasts delivered");
    await peer.checkAlive();
  }),
];
