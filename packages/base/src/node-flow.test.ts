// Backpressure both ways, slow readers, and the one memory budget of a node.
import { expect, test } from "vitest";
import type { Connection } from "./connection/connection.js";
import type { Node } from "./node.js";
import { addressOf, NodeWorld, worldKinds } from "./testing/node-world.js";
import type { Channel, Transport } from "./transport/transport.js";

const kib = new Uint8Array(1_024);

/** Dials a listener that takes the handshake and then reads nothing. */
async function deafPeer(world: NodeWorld, node: Node): Promise<{ connection: Connection; channel: Channel }> {
  const peer = await world.joined(node);
  await world.until(() => node.connections.length > 0);
  peer.channel.pause();
  const connection = node.connections.find((one) => one.isOpen);
  if (connection === undefined) throw new Error("not connected");
  return { connection, channel: peer.channel };
}

test("[BASE-071] `send` waits while the buffer is full, and goes on when the peer reads", async () => {
  await using world = new NodeWorld();
  const node = await world.open({ limits: { sendBufferBytes: 65_536 } });
  const { connection, channel } = await deafPeer(world, node);
  let sent = 0;
  const sending = (async () => {
    for (; sent < 1_000; sent++) await node.send(connection, kib);
  })();
  for (let turns = 0; turns < 50; turns++) await world.clock.settle();
  expect(sent).toBeGreaterThan(50);
  expect(connection.bufferedBytes).toBeLessThan(65_536 + 2 * 1_100);
  const before = sent;
  for (let turns = 0; turns < 10; turns++) await world.clock.settle();
  expect(sent).toBe(before);
  channel.resume();
  await world.run(sending);
  expect(sent).toBe(1_000);
});

test.each(worldKinds)(
  "[BASE-071] over %s, a send that waits for a buffer smaller than the channel's goes on",
  async (kind) => {
    await using world = new NodeWorld(kind);
    const [node, reader] = await Promise.all([world.open({ limits: { sendBufferBytes: 4_096 } }), world.open()]);
    const connection = await world.run(node.dial(addressOf(reader)));
    for (let round = 0; round < 20; round++) {
      while (connection.sendMessage(kib));
      await world.run(connection.drained());
    }
    connection.sendMessage(new Uint8Array(100_000));
    await world.run(node.send(connection, kib));
  },
);

test.each(worldKinds)("[BASE-070] [BASE-071] over %s, many who send at once wait in turn", async (kind) => {
  await using world = new NodeWorld(kind);
  const [node, reader] = await Promise.all([world.open(), world.open()]);
  const got: unknown[] = [];
  reader.on("message", ({ data }) => got.push((data as unknown[])[0]));
  const connection = await world.run(node.dial(addressOf(reader)));
  const controller = new AbortController();
  const sends = Array.from({ length: 40 }, (_, n) => {
    const target = n % 2 === 0 ? connection : reader.id;
    return node.send(target, [n, new Uint8Array(900_000)], n === 30 ? { signal: controller.signal } : {});
  });
  controller.abort(new Error("not that one"));
  const ends = await world.run(Promise.allSettled(sends));
  expect(ends.flatMap(({ status }, n) => (status === "rejected" ? [n] : []))).toEqual([30]);
  await world.until(() => got.length === 39);
  expect(got).toEqual([...sends.keys()].filter((n) => n !== 30));
  expect(connection.isOpen).toBe(true);
});

test("[BASE-112] a send that waits is given up by its signal, or ends with the connection", async () => {
  await using world = new NodeWorld();
  const node = await world.open({ limits: { sendBufferBytes: 4_096 } });
  const { connection } = await deafPeer(world, node);
  while (connection.sendMessage(kib));
  const controller = new AbortController();
  const given = node.send(connection, kib, { signal: controller.signal });
  const reason = new Error("enough");
  controller.abort(reason);
  await expect(given).rejects.toBe(reason);
  const left = expect(connection.drained()).rejects.toMatchObject({ code: "connection-closed" });
  void connection.close();
  await left;
});

test("[BASE-074] a peer that takes nothing is dropped as slow after 10 s, and nobody else notices", async () => {
  await using world = new NodeWorld();
  const [node, other] = await Promise.all([world.open(), world.open()]);
  const got: unknown[] = [];
  other.on("message", (message) => got.push(message.data));
  const { connection } = await deafPeer(world, node);
  await world.run(node.dial(addressOf(other)));
  while (connection.sendMessage(kib));
  await world.clock.advance(9_000);
  expect(connection.isOpen).toBe(true);
  await world.run(node.send(other.id, "meanwhile"));
  await world.clock.advance(3_000);
  expect(connection.closeReason).toMatchObject({ name: "slow", byUs: true });
  await world.run(node.send(other.id, "after"));
  await world.until(() => got.length === 2);
  expect(node.budget.usedBytes).toBe(0);
});

test("[BASE-074] frames far above the mark drop the reader at once", async () => {
  await using world = new NodeWorld();
  const node = await world.open({ limits: { sendBufferBytes: 65_536, maxFrameBytes: 65_536 } });
  const { connection } = await deafPeer(world, node);
  const frame = new Uint8Array(60_000);
  for (let n = 0; n < 10; n++) connection.sendFrame(frame);
  expect(connection.closeReason).toMatchObject({ name: "slow" });
  expect(connection.bufferedBytes).toBeLessThan(4 * 65_536);
});

test("[BASE-132] [BASE-075] when the budget is spent, the connection that holds most goes", async () => {
  await using world = new NodeWorld();
  const node = await world.open({ limits: { memoryBudgetBytes: 300_000 } });
  const peers = [];
  for (let n = 1; n <= 3; n++) {
    const peer = await world.joined(node, { id: new Uint8Array(48).fill(n) });
    peer.channel.pause();
    peers.push(peer);
  }
  const [first, second, third] = node.connections;
  for (let n = 0; n < 160; n++) first?.sendMessage(kib);
  await world.clock.settle();
  for (let n = 0; n < 80; n++) second?.sendMessage(kib);
  await world.clock.settle();
  expect(node.budget.usedBytes).toBeGreaterThan(250_000);
  for (let n = 0; n < 80; n++) third?.sendMessage(kib);
  await world.clock.settle();
  expect([first, second, third].map((one) => one?.isOpen)).toEqual([false, true, true]);
  expect(first?.closeReason).toMatchObject({ name: "budget" });
  expect(node.budget.usedBytes).toBeLessThan(300_000);
});

test("[BASE-071] [BASE-132] a reader of messages() that is slow makes the senders wait", async () => {
  await using world = new NodeWorld();
  const [node, sender] = await Promise.all([
    world.open({ limits: { receiveBufferBytes: 100_000 } }),
    world.open({ limits: { sendBufferBytes: 65_536 } }),
  ]);
  const messages = node.messages();
  await world.run(sender.dial(addressOf(node)));
  let sent = 0;
  const sending = (async () => {
    for (; sent < 1_000; sent++) await sender.send(node.id, kib);
  })();
  for (let turns = 0; turns < 60; turns++) await world.clock.settle();
  expect(sent).toBeLessThan(500);
  expect(messages.size).toBeLessThan(300);
  expect(node.budget.usedBytes).toBeGreaterThan(90_000);
  let got = 0;
  const reading = (async () => {
    for await (const message of messages) {
      expect(message.data).toHaveLength(1_024);
      if (++got === 1_000) break;
    }
  })();
  await world.run(reading);
  await world.run(sending);
  expect(node.budget.usedBytes).toBe(0);
});

test("[BASE-071] a connection is read while anybody holds it for nobody", async () => {
  await using world = new NodeWorld();
  const [node, sender] = await Promise.all([world.open(), world.open()]);
  const got: unknown[] = [];
  node.on("message", (message) => got.push(message.data));
  await world.run(sender.dial(addressOf(node)));
  await world.until(() => node.connections.length === 1);
  const [connection] = node.connections;
  connection?.hold();
  connection?.hold();
  await world.run(sender.send(node.id, 1));
  for (let turns = 0; turns < 20; turns++) await world.clock.settle();
  connection?.release();
  for (let turns = 0; turns < 20; turns++) await world.clock.settle();
  expect(got).toEqual([]);
  connection?.release();
  await world.until(() => got.length === 1);
});

test("[BASE-076] a channel that breaks in any call is one connection lost", async () => {
  await using world = new NodeWorld();
  const broken: Transport = {
    scheme: "broken",
    dial: () => Promise.reject(new Error("no luck")),
    listen: () => Promise.reject(new Error("no luck")),
  };
  const node = await world.open({ transports: [world.transport, broken] });
  await expect(node.dial("broken://anywhere")).rejects.toThrow("no luck");
  expect(node.isOpen).toBe(true);
});
