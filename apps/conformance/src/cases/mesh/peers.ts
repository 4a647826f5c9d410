// Peer exchange: what is told, what is believed, and how often.
import type { NodeCase } from "../../runner/case.js";
import { check, checkEqual, show } from "../../runner/expect.js";
import { needOwnHost } from "../../runner/own-network.js";
import { closeCode, subtype } from "../../stage/messages.js";
import { nodeCase } from "../define.js";
import {
  entriesOf,
  isPeers,
  meshFence,
  meshPeer,
  meshShake,
  namedListener,
  openMesh,
  type PeerEntry,
  randomId,
  sendNeighbour,
  sendPeers,
} from "./links.js";

/** Large enough a network that nobody is dialled who is only heard of. */
const calm = { activeMin: 0, activeTarget: 1, activeMax: 4 } as const;
const somewhere = "tcp://198.51.100.7:4000";

function entries(count: number, addresses: readonly string[] = [somewhere]): PeerEntry[] {
  return Array.from({ length: count }, () => ({ id: randomId(), addresses }));
}

export const peersCases: readonly NodeCase[] = [
  nodeCase("mesh/peers/form", "MESH-030", "a peers message holds ids and addresses", async (stage) => {
    const node = await openMesh(stage);
    const first = await meshPeer(stage, node, { addrs: ["tcp://127.0.0.1:9", "tcp://127.0.0.2:9"] });
    const second = await meshPeer(stage, node, { wantsPeers: true });
    const message = await second.next(isPeers, "a peers message");
    const [, list] = message.items;
    check(Array.isArray(list), `entries of the peers message: ${show(list)}`);
    checkEqual(list, [[first.id, ["tcp://127.0.0.1:9", "tcp://127.0.0.2:9"]]], "entries of the peers message");
  }),
  nodeCase("mesh/peers/too-many-entries", "MESH-032", "more than 1,000 entries close the link", async (stage) => {
    const node = await openMesh(stage, { limits: calm });
    const peer = await meshPeer(stage, node);
    sendPeers(peer, entries(1001, []));
    await peer.nextClose(closeCode.protocol);
  }),
  nodeCase("mesh/peers/too-many-addresses", "MESH-032", "more than 1,000 addresses close the link", async (stage) => {
    const node = await openMesh(stage, { limits: calm });
    const peer = await meshPeer(stage, node);
    sendPeers(
      peer,
      entries(
        143,
        Array.from({ length: 7 }, (_, index) => `tcp://198.51.100.7:${4000 + index}`),
      ),
    );
    await peer.nextClose(closeCode.protocol);
  }),
  nodeCase("mesh/peers/most", "MESH-032", "1,000 addresses are taken", async (stage) => {
    const node = await openMesh(stage, { limits: calm });
    const listener = await stage.listen();
    const peer = await meshPeer(stage, node);
    sendPeers(peer, entries(1000, [listener.address]));
    await meshFence(peer, node);
  }),
  nodeCase(
    "mesh/peers/seldom",
    "MESH-031",
    "one peers message in 10 s goes over a link, however often it is asked for",
    async (stage) => {
      const node = await openMesh(stage, { clock: "manual" });
      await meshPeer(stage, node, { addrs: ["tcp://127.0.0.1:9"] });
      const peer = await meshPeer(stage, node, { wantsPeers: true });
      for (let step = 0; step < 9; step += 1) {
        sendNeighbour(peer, 3, true);
        await meshFence(peer, node);
        await node.advance(1_000);
        await meshFence(peer, node);
      }
      const count = peer.inbox.all.filter(isPeers).length;
      check(count <= 1, `${count} peers messages came within 9 s`);
    },
  ),
  nodeCase(
    "mesh/peers/too-fast",
    "MESH-033",
    "peers messages without end are ignored, then close the link with rate",
    async (stage) => {
      const node = await openMesh(stage, { limits: { activeMin: 1, activeTarget: 1, activeMax: 4 } });
      const flooder = await meshPeer(stage, node);
      for (let count = 0; count < 3; count += 1) sendPeers(flooder, []);
      await meshFence(flooder, node);
      for (let count = 0; count < 300 && !flooder.hasEnded; count += 1) sendPeers(flooder, []);
      await flooder.nextClose(closeCode.rate);
    },
  ),
  nodeCase("mesh/peers/ignored-when-too-fast", "MESH-033", "what comes too fast is not believed", async (stage) => {
    const node = await openMesh(stage);
    const id = randomId();
    const listener = await stage.listen({ id });
    const flooder = await meshPeer(stage, node);
    for (let count = 0; count < 6; count += 1) sendPeers(flooder, []);
    sendPeers(flooder, [{ id, addresses: [listener.address] }]);
    await meshFence(flooder, node);
    const other = await meshPeer(stage, node);
    const sound = await namedListener(stage);
    sendPeers(other, [{ id: sound.id, addresses: [sound.listener.address] }]);
    await meshShake(stage, await sound.listener.accept(), { addrs: [sound.listener.address] });
    await meshFence(other, node);
    await meshFence(other, node);
    checkEqual(listener.count, 0, "dials to an address that was told too fast");
  }),
  nodeCase(
    "mesh/peers/local-from-afar",
    "MESH-035",
    "a local address is not believed from another machine",
    async (stage) => {
      const node = await openMesh(stage, { listen: [`tcp://${needOwnHost()}:0`, "tcp://127.0.0.1:0"] });
      const far = await meshPeer(stage, node);
      const told = { id: randomId(), listener: await stage.listen() };
      sendPeers(far, [{ id: told.id, addresses: [told.listener.address] }]);
      await meshFence(far, node);
      const near = await meshPeer(stage, node, { at: localEndpoint(node.addresses) });
      const sound = await namedListener(stage);
      sendPeers(near, [{ id: sound.id, addresses: [sound.listener.address] }]);
      await meshShake(stage, await sound.listener.accept(), { addrs: [sound.listener.address] });
      await meshFence(near, node);
      await meshFence(near, node);
      checkEqual(told.listener.count, 0, "dials to a local address told from afar");
    },
  ),
  nodeCase(
    "mesh/peers/quarter",
    "MESH-037",
    "one peer fills no more than a quarter of the passive view",
    async (stage) => {
      const node = await openMesh(stage, { limits: calm });
      const teller = await meshPeer(stage, node);
      const told = Array.from({ length: 100 }, (_, index) => ({
        id: randomId(),
        addresses: [`tcp://198.51.${index}.7:4000`],
      }));
      sendPeers(teller, told);
      await meshFence(teller, node);
      const asker = await meshPeer(stage, node, { wantsPeers: true });
      const known = new Set(told.map(({ id }) => show(id)));
      const heard = entriesOf(await asker.next(isPeers, "a peers message")).filter(({ id }) => known.has(show(id)));
      check(heard.length <= 8, `${heard.length} entries of one peer are in the view of 30`);
      check(heard.length > 0, "no entry of the peer is in the view");
    },
  ),
  nodeCase("mesh/peers/no-replacing", "MESH-037", "hearsay does not replace what another peer told", async (stage) => {
    const node = await openMesh(stage, { limits: calm });
    const id = randomId();
    const first = await meshPeer(stage, node);
    sendPeers(first, [...entries(4), { id, addresses: ["tcp://198.51.100.9:1111"] }]);
    await meshFence(first, node);
    const second = await meshPeer(stage, node);
    sendPeers(second, [{ id, addresses: ["tcp://198.51.100.9:2222"] }]);
    await meshFence(second, node);
    const asker = await meshPeer(stage, node, { wantsPeers: true });
    const heard = entriesOf(await asker.next(isPeers, "a peers message"));
    const entry = heard.find((one) => show(one.id) === show(id));
    checkEqual(entry?.addresses, ["tcp://198.51.100.9:1111"], "addresses of the node that two peers told of");
  }),
  nodeCase(
    "mesh/peers/another-answers",
    "MESH-038",
    "where another node answers, the entry is forgotten and not believed again",
    async (stage) => {
      const node = await openMesh(stage);
      const id = randomId();
      const impostor = await stage.listen();
      const teller = await meshPeer(stage, node);
      sendPeers(teller, [{ id, addresses: [impostor.address] }]);
      const link = await impostor.accept();
      await meshShake(stage, link).catch(() => undefined);
      link.destroy();
      await meshFence(teller, node);
      const dials = impostor.count;
      const other = await meshPeer(stage, node, { wantsPeers: true });
      sendPeers(other, [{ id, addresses: [impostor.address] }]);
      const sound = await stage.listen();
      sendPeers(other, [{ id: randomId(), addresses: [sound.address] }]);
      await sound.accept();
      checkEqual(impostor.count, dials, "dials to the impostor after it was found out");
      const told = other.inbox.all.filter(isPeers).flatMap(entriesOf);
      check(!told.some((entry) => show(entry.id) === show(id)), "the entry is told on");
    },
  ),
  nodeCase(
    "mesh/peers/unreachable",
    "MESH-038",
    "an entry that cannot be reached is given up after a few attempts",
    async (stage) => {
      const node = await openMesh(stage, { clock: "manual" });
      const listener = await stage.listen();
      const teller = await meshPeer(stage, node);
      sendPeers(teller, [{ id: randomId(), addresses: [listener.address] }]);
      (await listener.accept()).reset();
      for (let seconds = 0; seconds < 300; seconds += 5) {
        await node.advance(5_000);
        await meshFence(teller, node);
        for (const link of listener.links) link.reset();
      }
      check(listener.count > 1, "the entry was not tried again");
      check(listener.count <= 8, `the entry was dialled ${listener.count} times in 5 minutes`);
    },
  ),
  ...(["peers", "neighbour"] as const).map((kind) =>
    nodeCase(
      `mesh/malformed/${kind}-of-another`,
      "MESH-048",
      `a ${kind} message in the name of another closes the link`,
      async (stage) => {
        const node = await openMesh(stage);
        const peer = await meshPeer(stage, node);
        const items = kind === "peers" ? [subtype.peers, []] : [subtype.neighbour, 1, false];
        peer.sendAs(randomId(), 2, ...items);
        await peer.nextClose(closeCode.protocol);
      },
    ),
  ),
];

function localEndpoint(addresses: readonly string[]): { host: string; port: number } {
  const port = addresses.map((one) => /^tcp:\/\/127\.0\.0\.1:(\d+)$/.exec(one)?.[1]).find((one) => one !== undefined);
  return { host: "127.0.0.1", port: Number(port) };
}
