// The active view: who is linked, who is dialled, who is turned away.
import type { NodeCase } from "../../runner/case.js";
import { check, checkEqual, show } from "../../runner/expect.js";
import { closeCode, isClose } from "../../stage/messages.js";
import type { RawPeer } from "../../stage/raw-peer.js";
import type { Stage } from "../../stage/stage.js";
import { nodeCase } from "../define.js";
import { settle } from "../fence.js";
import {
  entriesOf,
  isNeighbour,
  isPeers,
  meshFeatures,
  meshFence,
  meshPeer,
  meshShake,
  openMesh,
  randomId,
  sendNeighbour,
  sendPeers,
} from "./links.js";

/** Listening peers and the entries that name them. */
async function listeners(stage: Stage, count: number) {
  const places = [];
  for (let index = 0; index < count; index += 1) {
    const id = randomId();
    const listener = await stage.listen({ id });
    places.push({ id, listener, entry: { id, addresses: [listener.address] } });
  }
  return places;
}

export const viewCases: readonly NodeCase[] = [
  nodeCase(
    "mesh/views/small-network",
    "MESH-020",
    "a node links to all that it hears of in a small network",
    async (stage) => {
      const node = await openMesh(stage);
      const peer = await meshPeer(stage, node);
      const places = await listeners(stage, 5);
      sendPeers(
        peer,
        places.map(({ entry }) => entry),
      );
      for (const { listener } of places) await meshShake(stage, await listener.accept());
      const peers = await node.peers();
      checkEqual(peers.length, 6, "links of the node");
    },
  ),
  nodeCase("mesh/views/heals", "MESH-022", "a node that loses a link dials another", async (stage) => {
    const limits = { activeMin: 1, activeTarget: 2, activeMax: 2 };
    const node = await openMesh(stage, { limits });
    const peer = await meshPeer(stage, node, { otherLinks: 1 });
    const places = await listeners(stage, 4);
    sendPeers(
      peer,
      places.map(({ entry }) => entry),
    );
    const accepts = places.map(async (place) => ({ place, link: await place.listener.accept() }));
    for (const accept of accepts) accept.catch(() => undefined);
    const first = await Promise.race(accepts);
    await meshShake(stage, first.link);
    await meshFence(first.link, node);
    const others = accepts.filter((_, index) => places[index] !== first.place);
    first.link.reset();
    const back = first.place.listener.accept();
    back.catch(() => undefined);
    const again = Promise.race([...others.map(async (accept) => (await accept).link), back]);
    await meshShake(stage, await again);
  }),
  nodeCase(
    "mesh/views/neighbour-first",
    "MESH-040",
    "the first message of the mesh on a link is neighbour",
    async (stage) => {
      const node = await openMesh(stage);
      const busy = await meshPeer(stage, node, { addrs: ["tcp://127.0.0.1:9"] });
      const peer = await stage.connect(node);
      await stage.shake(peer, { features: [...meshFeatures] });
      await node.broadcast("hello");
      const first = await peer.next(({ type }) => type === 0 || type === 2, "the first message on the link");
      check(isNeighbour(first), `the first message has subtype ${first.subtype}`);
      const [, otherLinks, wantsPeers] = first.items;
      checkEqual([otherLinks, typeof wantsPeers], [1, "boolean"], "items of the neighbour message");
      await settle(busy);
    },
  ),
  nodeCase(
    "mesh/views/too-many",
    "MESH-024 MESH-028",
    "the link whose peer has most others is closed, with peers before",
    async (stage) => {
      const limits = { activeMin: 1, activeTarget: 2, activeMax: 3 };
      const node = await openMesh(stage, { limits, clock: "manual" });
      const peers: RawPeer[] = [];
      for (const otherLinks of [3, 9, 5, 4]) {
        const peer = await meshPeer(stage, node, { otherLinks, addrs: [`tcp://127.0.0.1:${otherLinks}`] });
        await meshFence(peer, node);
        peers.push(peer);
      }
      const [first, second, third, fourth] = peers;
      if (!first || !second || !third || !fourth) throw new Error("four peers were made");
      await node.advance(4_000);
      const close = await second.nextClose(closeCode.viewFull);
      const all = second.inbox.all;
      const told = all.filter(isPeers);
      check(told.length > 0, "no peers message came before the close");
      check(all.indexOf(told.at(-1) ?? close) < all.indexOf(close), "the peers message came after the close");
      const ids = told.flatMap(entriesOf).map((entry) => show(entry.id));
      check(
        [first, third, fourth].every((peer) => ids.includes(show(peer.id))),
        "the peers message does not name the neighbours",
      );
      for (const peer of [first, third, fourth]) await peer.checkAlive();
    },
  ),
  nodeCase(
    "mesh/views/outbound-kept",
    "MESH-024",
    "inbound links never take the place of outbound ones",
    async (stage) => {
      const node = await openMesh(stage, { limits: { activeMin: 1, activeTarget: 1, activeMax: 1 }, clock: "manual" });
      const [place] = await listeners(stage, 1);
      if (!place) throw new Error("a listener was made");
      const dialled = node.call({ do: "dial", address: place.listener.address });
      const outbound = await place.listener.accept();
      await meshShake(stage, outbound, { otherLinks: 9 });
      await dialled;
      const inbound = await meshPeer(stage, node, { otherLinks: 2 });
      await meshFence(inbound, node);
      await node.advance(4_000);
      await inbound.nextClose(closeCode.viewFull);
      await outbound.checkAlive();
    },
  ),
  nodeCase(
    "mesh/views/guests",
    "MESH-025",
    "who has no other link is kept, up to 20 over the maximum",
    async (stage) => {
      const node = await openMesh(stage, { limits: { activeMin: 1, activeTarget: 1, activeMax: 1 }, clock: "manual" });
      const peers: RawPeer[] = [];
      for (let count = 0; count < 21; count += 1) peers.push(await meshPeer(stage, node, { otherLinks: 0 }));
      await node.advance(4_000);
      for (const peer of peers) await meshFence(peer, node);
      checkEqual(peers.filter((peer) => peer.hasEnded || peer.inbox.all.some(isClose)).length, 0, "closed links");
      const last = await meshPeer(stage, node, { otherLinks: 0 });
      peers.push(last);
      await node.advance(4_000);
      const closed = await Promise.race(peers.map((peer) => peer.nextClose(closeCode.viewFull)));
      check(closed !== undefined, "no link was closed");
    },
  ),
  nodeCase(
    "mesh/views/bootstrap",
    "MESH-027",
    "a node without links dials its bootstrap again with growing waits",
    async (stage) => {
      const listener = await stage.listen();
      const node = await openMesh(stage, { clock: "manual", bootstrap: [listener.address] });
      const waits: number[] = [];
      for (let dial = 0; dial < 4; dial += 1) {
        const link = await listener.accept();
        link.reset();
        const before = listener.count;
        let waited = 0;
        // Steps of half a second of the node's own time, each with room for the dial to arrive.
        while (listener.count === before && waited < 120_000) {
          await node.advance(500);
          await node.peers();
          waited += 500;
        }
        waits.push(waited);
      }
      check((waits[0] ?? 0) <= 5_000, `the first wait is ${waits[0]} ms`);
      check((waits[3] ?? 0) > 4 * (waits[0] ?? 0), `the waits do not grow: ${waits.join(", ")} ms`);
    },
  ),
  nodeCase(
    "mesh/views/neighbour-rate",
    "MESH-046",
    "neighbour messages without end close the link with rate",
    async (stage) => {
      const node = await openMesh(stage);
      const peer = await meshPeer(stage, node);
      for (let count = 0; count < 15; count += 1) sendNeighbour(peer, 3, false);
      await meshFence(peer, node);
      for (let count = 0; count < 500 && !peer.hasEnded; count += 1) sendNeighbour(peer, 3, false);
      await peer.nextClose(closeCode.rate);
    },
  ),
];
