// Connections that are to be kept, in virtual time.
import { expect, test } from "vitest";
import { addressOf, NodeWorld } from "./testing/node-world.js";
import { seededRandom } from "./testing/seeded-random.js";

const address = "memory://kept:4000";
const exact = { reconnect: { jitter: 0 }, random: seededRandom(1) };

test("[BASE-150] a lost connection is dialled again after 1 s, 5 s, 15 s, ...", async () => {
  await using world = new NodeWorld();
  const node = await world.open(exact);
  const errors: Error[] = [];
  node.on("error", (error) => errors.push(error));
  const first = await world.open({ listen: [address] });
  const connection = await world.run(node.dial(address, { keep: true }));
  expect(connection.id).toBe(first.id);
  await world.run(first.close());
  await world.clock.advance(900);
  expect(errors).toHaveLength(0);
  await world.clock.advance(200);
  expect(errors).toMatchObject([{ code: "dial-refused" }]);
  await world.clock.advance(5_000);
  expect(errors).toHaveLength(2);
  const second = await world.open({ listen: [address] });
  await world.clock.advance(15_100);
  expect(node.connections.map((one) => one.id)).toEqual([second.id]);
});

test("[BASE-150] `dial` with keep waits until the node comes up", async () => {
  await using world = new NodeWorld();
  const node = await world.open(exact);
  const dialled = node.dial(address, { keep: true });
  await world.clock.advance(3_000);
  const late = await world.open({ listen: [address] });
  await world.clock.advance(4_000);
  expect((await world.run(dialled)).id).toBe(late.id);
});

test("[BASE-153] after the last attempt it is given up, and told", async () => {
  await using world = new NodeWorld();
  const node = await world.open({ ...exact, limits: { maxReconnectAttempts: 3 } });
  const given: unknown[] = [];
  node.on("reconnectFailed", (where, error) => given.push([where, error]));
  const dialled = node.dial(address, { keep: true }).catch((error: unknown) => error);
  await world.clock.advance(60_000);
  expect(await world.run(dialled)).toMatchObject({ code: "reconnect-failed", peer: address });
  expect(given).toMatchObject([[address, { code: "reconnect-failed" }]]);
  const before = world.clock.pendingTimers;
  expect(before).toBe(0);
});

test("what can never succeed is given up at once", async () => {
  await using world = new NodeWorld();
  const node = await world.open(exact);
  await world.open({ listen: [address], network: "another" });
  const given: unknown[] = [];
  node.on("reconnectFailed", (where) => given.push(where));
  await expect(world.run(node.dial(address, { keep: true }))).rejects.toMatchObject({ code: "wrong-network" });
  expect(given).toEqual([address]);
});

test("a connection that the user closes, or forgets, is not dialled again", async () => {
  await using world = new NodeWorld();
  const node = await world.open(exact);
  const other = await world.open({ listen: [address] });
  const connection = await world.run(node.dial(address, { keep: true }));
  await world.run(connection.close());
  await world.clock.advance(30_000);
  expect(node.connections).toEqual([]);
  await world.run(node.dial(address, { keep: true }));
  expect(node.forget(address)).toBe(true);
  expect(node.forget(address)).toBe(false);
  await world.run(other.close());
  await world.clock.advance(30_000);
  expect(node.connections).toEqual([]);
  expect(world.clock.pendingTimers).toBe(0);
});

test("a kept node that comes by itself is not dialled", async () => {
  await using world = new NodeWorld();
  const node = await world.open(exact);
  const other = await world.open({ listen: [address] });
  const connection = await world.run(node.dial(address, { keep: true }));
  const events: string[] = [];
  node.on("outboundConnected", () => events.push("dialled"));
  node.on("inboundConnected", () => events.push("came"));
  await world.run(other.connections[0]?.close() ?? Promise.resolve());
  expect(connection.isOpen).toBe(false);
  await world.run(other.dial(addressOf(node)));
  await world.clock.advance(30_000);
  expect(events).toEqual(["came"]);
});

test("[BASE-112] keeping is given up by the signal of its dial", async () => {
  await using world = new NodeWorld();
  const node = await world.open(exact);
  const controller = new AbortController();
  const dialled = node.dial(address, { keep: true, signal: controller.signal });
  await world.clock.advance(100);
  const reason = new Error("not any more");
  controller.abort(reason);
  await expect(world.run(dialled)).rejects.toBe(reason);
  expect(world.clock.pendingTimers).toBe(0);
});
