// Entry of the swarm process: joins many nodes on loopback sockets, broadcasts, and tells what it took.
import { setTimeout as wait } from "node:timers/promises";
import { Mesh } from "@p2p/mesh";
import type { SwarmBroadcast, SwarmReport } from "./report.js";

const deadlineMs = 60_000;
/** A large network exchanges links for about a minute; most of that is over by now. */
const settleMs = 20_000;

/** The nodes, each joined by the address of one that came before, as users of a network would. */
async function openAll(count: number): Promise<readonly Mesh[]> {
  const meshes: Mesh[] = [];
  for (let i = 0; i < count; i++) {
    const known = meshes[Math.floor(Math.random() * i)];
    const mesh = new Mesh({
      network: "swarm",
      listen: ["tcp://127.0.0.1:0"],
      bootstrap: known ? known.addresses.slice(0, 1) : [],
    });
    await mesh.open();
    if (known) await mesh.ready();
    meshes.push(mesh);
  }
  return meshes;
}

/** Whether every node can be reached from the first. */
function isWhole(meshes: readonly Mesh[]): boolean {
  const byId = new Map(meshes.map((mesh) => [mesh.id, mesh]));
  const reached = new Set(meshes.slice(0, 1).map((mesh) => mesh.id));
  for (const id of reached) for (const peer of byId.get(id)?.peers ?? []) reached.add(peer);
  return reached.size === meshes.length;
}

/** Waits until the network is whole; then for its links to rest for a second, if they do so soon. */
async function settle(meshes: readonly Mesh[]): Promise<void> {
  const start = performance.now();
  for (let before = ""; ; await wait(1_000)) {
    const links = meshes.map((mesh) => mesh.peers.join()).join(" ");
    const sinceMs = performance.now() - start;
    if (isWhole(meshes) && (links === before || sinceMs > settleMs)) return;
    if (sinceMs > deadlineMs) throw new Error("the nodes did not become one network");
    before = links;
  }
}

function framesSent(meshes: readonly Mesh[]): number {
  return meshes.reduce((sum, mesh) => sum + mesh.counters.framesSent, 0);
}

/** Broadcasts from one node, and waits until all others have it; then a moment longer, for what comes twice. */
async function broadcast(meshes: readonly Mesh[], origin: Mesh, heard: Map<Mesh, number>): Promise<SwarmBroadcast> {
  heard.clear();
  const before = framesSent(meshes);
  const start = performance.now();
  const deadline = start + deadlineMs;
  origin.broadcast("hello");
  while (heard.size < meshes.length - 1 && performance.now() < deadline) await new Promise(setImmediate);
  const allMs = performance.now() - start;
  await wait(500);
  const twice = [...heard.values()].filter((count) => count !== 1).length;
  return { allMs, reached: heard.size, twice, framesSent: framesSent(meshes) - before };
}

const [count = 0, broadcasts = 0] = process.argv.slice(2).map(Number);
const start = performance.now();
const meshes = await openAll(count);
const openMs = performance.now() - start;
await settle(meshes);
const heard = new Map<Mesh, number>();
for (const mesh of meshes) mesh.on("message", () => heard.set(mesh, (heard.get(mesh) ?? 0) + 1));
const found: SwarmBroadcast[] = [];
for (let i = 0; i < broadcasts; i++) {
  const origin = meshes[Math.floor(Math.random() * meshes.length)] as Mesh; // the index is within the list
  found.push(await broadcast(meshes, origin, heard));
}
const links = meshes.map((mesh) => mesh.peers.length);
const report: SwarmReport = { openMs, links, broadcasts: found };
process.send?.(report, () => process.exit());
