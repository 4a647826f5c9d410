// Pings, round trips and clock offsets of a node, in virtual time; and the price of many idle connections.
import { expect, test } from "vitest";
import type { Clock } from "./runtime/clock.js";
import type { CloseReason } from "./session/close-reason.js";
import { addressOf, NodeWorld } from "./testing/node-world.js";

test("[BASE-040] a ping is answered with its nonce and the time at which it came", async () => {
  await using world = new NodeWorld();
  const node = await world.open();
  const peer = await world.joined(node);
  expect(await world.run(peer.ping(77))).toBe(true);
  const pong = peer.bodies.find((body) => body.type === 4);
  const cameUs = world.clock.now() * 1_000;
  expect(pong?.items[0]).toBe(77);
  // A few µs later at most: each message has a time of its own.
  expect(pong?.items[1]).toBeGreaterThanOrEqual(cameUs);
  expect(pong?.items[1]).toBeLessThan(cameUs + 10);
  expect(pong?.sender).toEqual(node.idBytes);
});

test("[BASE-041] a connection is pinged when it comes up, and every 30 s", async () => {
  await using world = new NodeWorld();
  const node = await world.open();
  const peer = await world.joined(node);
  const pings = (): number => peer.bodies.filter((body) => body.type === 3).length;
  await world.until(() => pings() === 1);
  for (const wanted of [2, 3]) {
    await world.clock.advance(28_500);
    expect(pings()).toBe(wanted - 1);
    await world.clock.advance(1_500);
    peer.sendBody(4, 0, 0);
    await world.until(() => pings() === wanted);
    await world.clock.advance(200);
  }
});

test("[BASE-044] a pong that nobody asked for changes nothing", async () => {
  await using world = new NodeWorld();
  const node = await world.open();
  const peer = await world.joined(node);
  peer.sendBody(4, 12_345, 1);
  expect(await world.run(peer.ping())).toBe(true);
  expect(node.connections[0]?.rttMs).toBeUndefined();
});

test("[BASE-042] two nodes with nothing to say stay connected for hours", async () => {
  await using world = new NodeWorld();
  const [a, b] = await Promise.all([world.open(), world.open()]);
  await world.run(a.dial(addressOf(b)));
  for (let minutes = 0; minutes < 10; minutes++) await world.clock.advance(60_000);
  expect([a.connections.length, b.connections.length]).toEqual([1, 1]);
});

test("[BASE-042] a silent peer is told `idle`, and the application too", async () => {
  await using world = new NodeWorld();
  const node = await world.open();
  const peer = await world.joined(node);
  const reasons: CloseReason[] = [];
  node.on("inboundDisconnected", (_, reason) => reasons.push(reason));
  await world.clock.advance(92_000);
  expect(peer.closedWith).toBe("idle");
  expect(reasons).toMatchObject([{ name: "idle", byUs: true }]);
});

test("[BASE-043] a node that does not read does not blame the peer", async () => {
  await using world = new NodeWorld();
  const [a, b] = await Promise.all([
    world.open({ limits: { pingIntervalMs: 1_000, deadAfterMs: 5_000 } }),
    world.open(),
  ]);
  const connection = await world.run(a.dial(addressOf(b)));
  connection.hold();
  await world.clock.advance(20_000);
  expect(connection.isOpen).toBe(true);
  connection.release();
  await world.clock.advance(20_000);
  expect(connection.isOpen).toBe(true);
});

test("[BASE-140] round trip and clock offset are shown on both sides", async () => {
  await using world = new NodeWorld();
  const [a, b] = await Promise.all([world.open(), world.open()]);
  const connection = await world.run(a.dial(addressOf(b)));
  await world.until(() => connection.rttMs !== undefined && b.connections[0]?.rttMs !== undefined);
  expect(connection.rttMs).toBe(0);
  expect(Math.abs(connection.clockOffsetMs ?? 1_000)).toBeLessThan(1);
});

test("[BASE-141] a node whose wall clock was set back sees its peers ahead of it by so much less", async () => {
  await using world = new NodeWorld();
  let wallOffsetMs = 7_200_000;
  const own: Clock = {
    now: () => world.clock.now() + wallOffsetMs,
    monotonic: () => world.clock.monotonic(),
    setTimeout: (run, delayMs) => world.clock.setTimeout(run, delayMs),
    clearTimeout: (handle) => world.clock.clearTimeout(handle),
    queue: (run) => world.clock.queue(run),
  };
  const [a, b] = await Promise.all([world.open({ clock: own }), world.open()]);
  const connection = await world.run(a.dial(addressOf(b)));
  await world.until(() => connection.clockOffsetMs !== undefined);
  expect(connection.clockOffsetMs).toBeCloseTo(-7_200_000, -1);
  wallOffsetMs = 0;
  await world.clock.advance(40_000);
  expect(connection.clockOffsetMs).toBeCloseTo(0, -1);
});

test("[BASE-108] one timer serves all connections, and none is left without them", async () => {
  await using world = new NodeWorld();
  const node = await world.open({ limits: { maxPendingHandshakes: 200 } });
  const before = world.clock.pendingTimers;
  const peers = [];
  for (let n = 0; n < 50; n++) peers.push(await world.joined(node, { id: new Uint8Array(48).fill(n + 1) }));
  expect(node.connections).toHaveLength(50);
  expect(world.clock.pendingTimers).toBe(before + 1);
  for (const peer of peers) peer.destroy();
  await world.until(() => node.connections.length === 0);
  expect(world.clock.pendingTimers).toBe(before);
});

test("[BASE-043] [BASE-074] a process that stood still blames no peer for the time it was away", async () => {
  await using world = new NodeWorld();
  let awayMs = 0;
  const { clock: present } = world;
  const clock: Clock = {
    now: () => present.now(),
    monotonic: () => present.monotonic() + awayMs,
    setTimeout: (run, delayMs) => present.setTimeout(run, delayMs),
    clearTimeout: (handle) => present.clearTimeout(handle),
    queue: (run) => present.queue(run),
  };
  const node = await world.open({ clock });
  const peer = await world.joined(node);
  await world.until(() => node.connections.length === 1);
  const [connection] = node.connections;
  peer.channel.pause();
  while (connection?.sendMessage(new Uint8Array(1_024)));
  await world.clock.advance(3_000);
  awayMs = 600_000;
  await world.clock.advance(2_000);
  expect(connection?.isOpen).toBe(true);
  await world.clock.advance(9_000);
  expect(connection?.closeReason).toMatchObject({ name: "slow" });
});
