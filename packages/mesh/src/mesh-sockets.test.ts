// Real loopback sockets and the real clock: what memory cannot prove.
import { afterEach, describe, expect, test } from "vitest";
import { Mesh } from "./mesh.js";
import type { MeshOptions } from "./options.js";

let open: Mesh[] = [];

afterEach(async () => {
  await Promise.all(open.map((mesh) => mesh.close()));
  open = [];
});

async function start(options: Partial<MeshOptions> = {}): Promise<Mesh> {
  const mesh = new Mesh({ network: "sockets", listen: ["tcp://127.0.0.1:0"], ...options });
  open.push(mesh);
  await mesh.open();
  return mesh;
}

/** Resolves with the first data that the mesh receives and that fits. */
function heard(mesh: Mesh, fits: (data: unknown) => boolean = () => true): Promise<unknown> {
  return new Promise((resolve) => {
    mesh.on("message", (message) => {
      if (fits(message.data)) resolve(message.data);
    });
  });
}

describe("over loopback TCP", () => {
  test("[MESH-006] [MESH-021] 200 nodes in one process: a broadcast reaches all, once", async () => {
    const seed = await start();
    const joinedMs = performance.now();
    // Ten at a time, as a crowd that comes at once would be told "busy" and try again a second later.
    for (let batch = 0; batch < 20; batch += 1) {
      const count = batch === 0 ? 9 : 10;
      const meshes = await Promise.all(Array.from({ length: count }, () => start({ bootstrap: seed.addresses })));
      await Promise.all(meshes.map((mesh) => mesh.ready({ peers: 4 })));
    }
    const spreadMs = performance.now();
    const received = new Map<Mesh, number>();
    const all = new Promise<void>((resolve) => {
      for (const mesh of open) {
        mesh.on("message", (message) => {
          if (message.data !== "hello, all") return;
          received.set(mesh, (received.get(mesh) ?? 0) + 1);
          if (received.size === 199) resolve();
        });
      }
    });
    const [origin] = open.slice(99) as [Mesh];
    const links = open.reduce((sum, mesh) => sum + mesh.peers.length, 0) / 2;
    origin.broadcast("hello, all");
    await all;
    const endMs = performance.now();
    // A second broadcast behind the first on every link: whatever of the first is still on its way comes before it.
    const flushed = Promise.all(
      open.filter((mesh) => mesh !== origin).map((mesh) => heard(mesh, (data) => data === "flush")),
    );
    origin.broadcast("flush");
    await flushed;
    expect([...received.values()]).toEqual(new Array(199).fill(1));
    const frames = open.reduce((sum, mesh) => sum + mesh.counters.framesSent, 0);
    const theory = 2 * (2 * links - 199);
    process.stdout.write(
      `200 nodes over loopback TCP, ${links} links: joined in ${Math.round(spreadMs - joinedMs)} ms; a broadcast reached ` +
        `all in ${Math.round(endMs - spreadMs)} ms; two broadcasts took ${frames} frames, 2 (2e - (n - 1)) = ${theory}\n`,
    );
    for (const mesh of open) expect(mesh.peers.length).toBeLessThanOrEqual(32);
  }, 120_000);

  test("[MESH-060] [MESH-066] direct messages and requests between strangers", async () => {
    const relay = await start();
    // Without addresses of their own, the two cannot link to each other.
    const one = await start({ listen: [], bootstrap: relay.addresses });
    const two = await start({ listen: [], bootstrap: relay.addresses });
    await relay.ready({ peers: 2 });
    two.handle("double", (message) => (message.data as number) * 2);
    const got = heard(two);
    await one.send(two.id, "hello");
    expect(await got).toBe("hello");
    expect((await one.request(two.id, 21, { type: "double" })).data).toBe(42);
    expect(one.peers).toEqual([relay.id]);
  }, 20_000);

  test("[MESH-071] a neighbour that never reads is dropped; the other neighbours get everything", async () => {
    const hub = await start();
    const [stuck, sound] = [
      await start({ listen: [], bootstrap: hub.addresses }),
      await start({ listen: [], bootstrap: hub.addresses }),
    ];
    await hub.ready({ peers: 2 });
    for (const connection of stuck.node.connections) connection.hold();
    const dropped = new Promise((resolve) =>
      hub.on("peerDisconnected", (peer, reason) => resolve([peer, reason.name])),
    );
    let count = 0;
    sound.on("message", () => {
      count += 1;
    });
    const last = heard(sound, (data) => data === "last");
    const block = new Uint8Array(262_144);
    for (let sent = 0; sent < 160; sent += 1) if (!hub.broadcast(block)) await hub.drained();
    hub.broadcast("last");
    await last;
    expect(count).toBe(161);
    expect(await dropped).toEqual([stuck.id, "slow"]);
  }, 30_000);
});
