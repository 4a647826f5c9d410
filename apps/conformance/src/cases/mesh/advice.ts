// What a node of a mesh should do: links in a large network, and news of peers.
import type { NodeCase } from "../../runner/case.js";
import { check, checkEqual, show } from "../../runner/expect.js";
import { closeCode, isClose, subtype } from "../../stage/messages.js";
import type { RawListener } from "../../stage/raw-listener.js";
import type { Stage } from "../../stage/stage.js";
import type { TestNode } from "../../stage/test-node.js";
import { nodeCase } from "../define.js";
import { settle } from "../fence.js";
import {
  entriesOf,
  isNeighbour,
  isPeers,
  meshFence,
  meshPeer,
  meshShake,
  namedListener,
  openMesh,
  randomId,
  sendNeighbour,
  sendPeers,
} from "./links.js";

/** Takes every connection that comes to these places, and links it. */
async function linksOf(
  stage: Stage,
  places: readonly { readonly listener: RawListener }[],
  wanted: number,
): Promise<number> {
  let links = 0;
  for (const { listener } of places) {
    void listener
      .accept()
      .then((link) => meshShake(stage, link))
      .then(() => {
        links += 1;
      })
      .catch(() => undefined);
  }
  await stage.eventually(async () => check(links >= wanted, `${links} links where ${wanted} are wanted`));
  return links;
}

async function manyPlaces(stage: Stage, count: number) {
  const places = [];
  for (let index = 0; index < count; index += 1) places.push(await namedListener(stage));
  return places;
}

async function tell(stage: Stage, node: TestNode, places: Awaited<ReturnType<typeof manyPlaces>>): Promise<void> {
  const teller = await meshPeer(stage, node);
  sendPeers(
    teller,
    places.map(({ id, listener }) => ({ id, addresses: [listener.address] })),
  );
  await meshFence(teller, node);
}

export const adviceCases: readonly NodeCase[] = [
  nodeCase(
    "mesh/advice/target",
    "MESH-021",
    "in a large network a node dials until it has its target",
    async (stage) => {
      const node = await openMesh(stage, { limits: { activeMin: 0, activeTarget: 3, activeMax: 4 } });
      const places = await manyPlaces(stage, 6);
      await tell(stage, node, places);
      await linksOf(stage, places, 2);
      checkEqual((await node.peers()).length, 3, "links");
    },
  ),
  nodeCase("mesh/advice/outbound", "MESH-026", "in a large network a node dials its minimum itself", async (stage) => {
    const node = await openMesh(stage, { limits: { activeMin: 2, activeTarget: 2, activeMax: 4 } });
    await meshPeer(stage, node);
    const places = await manyPlaces(stage, 6);
    await tell(stage, node, places);
    await linksOf(stage, places, 2);
    const outbound = (await node.peers()).filter(({ direction }) => direction === "outbound");
    check(outbound.length >= 2, `${outbound.length} outbound links`);
  }),
  nodeCase("mesh/advice/number", "MESH-041", "a changed number of links is told within 5 s", async (stage) => {
    const node = await openMesh(stage, { clock: "manual" });
    const peer = await meshPeer(stage, node);
    await meshPeer(stage, node);
    await meshPeer(stage, node);
    await node.advance(5_000);
    await settle(peer);
    const told = peer.inbox.all.filter(isNeighbour).map((message) => message.items[1]);
    checkEqual(told.at(-1), 2, "number of links that was told last");
  }),
  nodeCase(
    "mesh/advice/view-full",
    "MESH-023",
    "who closed with view-full is not dialled within 15 s",
    async (stage) => {
      const node = await openMesh(stage, { clock: "manual" });
      const place = await namedListener(stage);
      await tell(stage, node, [place]);
      const link = await place.listener.accept();
      await meshShake(stage, link, { addrs: [place.listener.address] });
      link.whisper(subtype.close, closeCode.viewFull, "full");
      await node.next("disconnected", (report) => report.peer === link.name);
      const other = await meshPeer(stage, node);
      for (let second = 0; second < 14; second += 1) {
        await node.advance(1_000);
        await meshFence(other, node);
      }
      checkEqual(place.listener.count, 1, "dials to it");
    },
  ),
  nodeCase("mesh/advice/news", "MESH-042", "a link that comes up is told of the others", async (stage) => {
    const node = await openMesh(stage);
    const first = await meshPeer(stage, node, { addrs: ["tcp://127.0.0.1:9"] });
    const second = await meshPeer(stage, node);
    const told = entriesOf(await second.next(isPeers, "a peers message"));
    check(
      told.some(({ id }) => show(id) === show(first.id)),
      "the other link is not told",
    );
  }),
  nodeCase("mesh/advice/asked", "MESH-043", "a wish for peers is answered when 10 s are over", async (stage) => {
    const node = await openMesh(stage, { clock: "manual" });
    await meshPeer(stage, node, { addrs: ["tcp://127.0.0.1:9"] });
    const peer = await meshPeer(stage, node);
    await peer.next(isPeers, "the first peers message");
    sendNeighbour(peer, 3, true);
    await meshFence(peer, node);
    await node.advance(11_000);
    await peer.next(isPeers, "the peers message that was asked for");
  }),
  nodeCase(
    "mesh/advice/one-host",
    "MESH-036",
    "entries on one host fill no more than a quarter of the view",
    async (stage) => {
      const node = await openMesh(stage, { limits: { activeMin: 0, activeTarget: 1, activeMax: 4 } });
      const hosted = new Set<string>();
      for (let teller = 0; teller < 3; teller += 1) {
        const peer = await meshPeer(stage, node);
        const entries = Array.from({ length: 6 }, (_, index) => ({
          id: randomId(),
          addresses: [`tcp://198.51.100.7:${4000 + teller * 10 + index}`],
        }));
        for (const { id } of entries) hosted.add(show(id));
        sendPeers(peer, entries);
        await meshFence(peer, node);
      }
      const asker = await meshPeer(stage, node, { wantsPeers: true });
      const told = entriesOf(await asker.next(isPeers, "a peers message")).filter(({ id }) => hosted.has(show(id)));
      check(told.length <= 8, `${told.length} entries on one host`);
      check(told.length > 0, "no entry on that host");
    },
  ),
  nodeCase("mesh/advice/grace", "MESH-029", "with room for guests no link is closed within 2 s", async (stage) => {
    const limits = { activeMin: 0, activeTarget: 1, activeMax: 2 };
    const node = await openMesh(stage, { limits, clock: "manual" });
    const peers = [];
    for (let count = 0; count < 4; count += 1) peers.push(await meshPeer(stage, node, { otherLinks: 5 }));
    await node.advance(1_500);
    for (const peer of peers) await meshFence(peer, node);
    checkEqual(peers.filter((peer) => peer.inbox.all.some(isClose)).length, 0, "links closed within 1.5 s");
  }),
];
