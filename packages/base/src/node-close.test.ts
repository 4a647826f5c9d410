// Closing: flushed, told, complete; whatever state the node and its connections are in.
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, test } from "vitest";
import { BaseError } from "./errors.js";
import { Node } from "./node.js";
import type { CloseReason } from "./session/close-reason.js";
import { addressOf, NodeWorld, worldKinds } from "./testing/node-world.js";

test.each(worldKinds)(
  "[BASE-051] [BASE-058] what was sent before closing arrives, then the reason, over %s",
  async (kind) => {
    await using world = new NodeWorld(kind);
    const [a, b] = await Promise.all([world.open(), world.open()]);
    const got: unknown[] = [];
    const reasons: CloseReason[] = [];
    b.on("message", (message) => got.push(message.data));
    b.on("inboundDisconnected", (_, reason) => reasons.push(reason));
    const connection = await world.run(a.dial(addressOf(b)));
    for (let n = 0; n < 2_000; n++) connection.sendMessage([n, "x".repeat(200)]);
    await world.run(a.close());
    await world.until(() => reasons.length === 1);
    expect(got).toHaveLength(2_000);
    expect(reasons).toMatchObject([{ name: "normal", code: 0, byUs: false, text: "the node closes" }]);
  },
);

test("[BASE-057] a close with a code and a text is shown on both sides", async () => {
  await using world = new NodeWorld();
  const [a, b] = await Promise.all([world.open(), world.open()]);
  const reasons: CloseReason[] = [];
  b.on("inboundDisconnected", (_, reason) => reasons.push(reason));
  a.on("outboundDisconnected", (_, reason) => reasons.push(reason));
  const connection = await world.run(a.dial(addressOf(b)));
  await world.run(connection.close(15, "three bad messages\u0007"));
  await world.until(() => reasons.length === 2);
  expect(reasons).toMatchObject([
    { code: 15, name: "rejected", byUs: true },
    { code: 15, name: "rejected", byUs: false, text: "three bad messages " },
  ]);
});

test("[BASE-054] a close code of a later version ends the connection and is shown", async () => {
  await using world = new NodeWorld();
  const node = await world.open();
  const peer = await world.joined(node);
  const reasons: CloseReason[] = [];
  node.on("inboundDisconnected", (_, reason) => reasons.push(reason));
  peer.whisper(0x30, 1_000, "from the future");
  await world.until(() => reasons.length === 1);
  expect(reasons).toMatchObject([{ code: 1_000, name: "unknown", text: "from the future", byUs: false }]);
  await world.run(peer.closed());
  expect(peer.closeMessage?.code).toBe(1_000);
});

test("a connection that ends without a close is told as lost", async () => {
  await using world = new NodeWorld();
  const node = await world.open();
  const peer = await world.joined(node);
  const reasons: CloseReason[] = [];
  node.on("inboundDisconnected", (_, reason) => reasons.push(reason));
  peer.destroy();
  await world.until(() => reasons.length === 1);
  expect(reasons).toMatchObject([{ code: 255, name: "lost", byUs: false }]);
});

test("[BASE-053] a peer that does not end is dropped after the close timeout", async () => {
  await using world = new NodeWorld();
  const node = await world.open();
  const peer = await world.joined(node);
  peer.channel.pause();
  let isClosed = false;
  void node.close().then(() => {
    isClosed = true;
  });
  await world.clock.advance(4_900);
  expect(isClosed).toBe(false);
  await world.clock.advance(2_000);
  expect(isClosed).toBe(true);
  expect(world.clock.pendingTimers).toBe(0);
});

test("closing twice, before opening, while opening, and in an event is harmless", async () => {
  await using world = new NodeWorld();
  const never = world.make();
  await world.run(Promise.all([never.close(), never.close()]));
  await expect(never.open()).rejects.toMatchObject({ code: "closed" });
  await expect(never.dial("memory://anything")).rejects.toBeInstanceOf(BaseError);
  const opening = world.make();
  const opened = opening.open();
  await world.run(Promise.all([opened.catch(() => {}), opening.close()]));
  expect(opening.isOpen).toBe(false);
  const [a, b] = await Promise.all([world.open(), world.open()]);
  b.on("inboundConnected", () => b.close());
  await world.run(a.dial(addressOf(b)).catch(() => {}));
  await world.run(b.close());
  await world.until(() => a.connections.length === 0);
});

test("waits of all kinds end when the node closes", async () => {
  await using world = new NodeWorld();
  const node = await world.open();
  const other = await world.open();
  other.handle("silent", () => new Promise(() => {}));
  await world.run(node.dial(addressOf(other)));
  const request = expect(node.request(other.id, 1, { type: "silent" })).rejects.toBeInstanceOf(BaseError);
  const kept = expect(node.dial("memory://nobody", { keep: true })).rejects.toMatchObject({ code: "closed" });
  const read = (async (): Promise<void> => {
    for await (const message of node.messages()) throw new Error(`nobody sent ${message.type}`);
  })();
  for (let turns = 0; turns < 5; turns++) await world.clock.settle();
  await world.run(node.close());
  await Promise.all([request, kept, read]);
  await world.run(other.close());
  expect(world.clock.pendingTimers).toBe(0);
  await expect(node.send(other.id, 1)).rejects.toMatchObject({ code: "closed" });
});

/** Sockets, servers and timers of this process; vitest's own pipes stay the same. */
function handles(): number {
  return process.getActiveResourcesInfo().filter((name) => name !== "Immediate").length;
}

setFlagsFromString("--expose-gc");
// The collector, which the flag above puts into new contexts.
const collect = runInNewContext("gc") as () => void;

async function heapBytes(): Promise<number> {
  for (let n = 0; n < 4; n++) {
    await new Promise((resolve) => setTimeout(resolve, 5));
    collect();
  }
  return process.memoryUsage().heapUsed;
}

async function openAndClose(count: number, listen: string): Promise<void> {
  const nodes = await Promise.all(
    Array.from({ length: count }, async () => {
      const node = new Node({ network: "many", listen: [listen], limits: { maxPendingHandshakes: 128 } });
      await node.open();
      return node;
    }),
  );
  const [hub] = nodes;
  if (hub === undefined) throw new Error("no nodes");
  await Promise.all(nodes.slice(1).map((node) => node.dial(addressOf(hub))));
  await Promise.all(nodes.slice(1).map((node) => node.send(hub.id, "hello")));
  await Promise.all(nodes.map((node) => node.close()));
}

test.each(["memory://many:0", "tcp://127.0.0.1:0"])(
  "1,000 nodes opened, connected and closed on %s leave no handle and no heap",
  async (listen) => {
    const batch = 50;
    await openAndClose(batch, listen);
    await openAndClose(batch, listen);
    const handlesBefore = handles();
    const heapBefore = await heapBytes();
    for (let n = 0; n < 1_000 / batch; n++) await openAndClose(batch, listen);
    expect(handles()).toBeLessThanOrEqual(handlesBefore);
    const growth = (await heapBytes()) - heapBefore;
    expect(growth / 1_000).toBeLessThan(2_048);
  },
  30_000,
);

test("[BASE-050] [BASE-056] a text that is cut within a character is sent nonetheless", async () => {
  await using world = new NodeWorld();
  const node = await world.open();
  const peer = await world.rawPeer(node);
  // Names of features end up in the text of the close.
  peer.sendHandshake({
    needs: Array.from({ length: 8 }, (_, n) => `${n}`.repeat(1 + (n % 2)) + "\u{1f600}".repeat(30)),
  });
  await world.until(() => peer.isClosed);
  expect(peer.closedWith).toBe("featureMissing");
  const connection = (await world.joined(node)) && node.connections[0];
  void connection?.close(0, `lone \ud83d${"\u{1f600}".repeat(200)}`);
  await world.until(() => node.connections.length === 0);
  expect(connection?.closeReason?.text).toHaveLength(256);
});

test("[BASE-055] a close code that cannot be sent is the caller's mistake", async () => {
  await using world = new NodeWorld();
  const [a, b] = await Promise.all([world.open(), world.open()]);
  const connection = await world.run(a.dial(addressOf(b)));
  for (const code of [255, -1, 1.5, Number.NaN]) expect(() => connection.close(code)).toThrow(RangeError);
  expect(connection.isOpen).toBe(true);
});

test("[BASE-111] a node that is closed while it opens says so, and listens no more when close is over", async () => {
  await using world = new NodeWorld("tcp");
  const node = world.make();
  const opened = expect(node.open()).rejects.toMatchObject({ code: "closed" });
  await node.close();
  await opened;
  expect(node.addresses).toEqual([]);
});
