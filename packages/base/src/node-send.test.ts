// Sending: to a connection, an id, an address, to all; with exclusions, and what fails.
import { flags, WireError } from "@p2p/wire";
import { describe, expect, test } from "vitest";
import type { Connection } from "./connection/connection.js";
import { BaseError } from "./errors.js";
import { ReceivedMessage } from "./messages/app-message.js";
import type { Protocol } from "./messages/protocol.js";
import type { Node } from "./node.js";
import { addressOf, NodeWorld, worldKinds } from "./testing/node-world.js";

function heard(node: Node): unknown[] {
  const data: unknown[] = [];
  node.on("message", (message) => data.push(message.data));
  return data;
}

async function failure(promise: Promise<unknown>): Promise<BaseError> {
  const error: unknown = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof BaseError)) throw new Error(`ended with ${String(error)}`);
  return error;
}

test("[BASE-083] [BASE-084] a temporary connection stays when its node is dialled", async () => {
  await using world = new NodeWorld();
  const [a, b] = await Promise.all([world.open(), world.open()]);
  await world.run(a.send(addressOf(b), 1));
  const connection = await world.run(a.dial(addressOf(b)));
  expect(a.connections).toEqual([connection]);
  await world.clock.advance(20_000);
  expect(connection.isOpen).toBe(true);
});

describe.each(worldKinds)("over %s", (kind) => {
  test("[BASE-200] to a connection, an id and an address that is connected", async () => {
    await using world = new NodeWorld(kind);
    const [a, b] = await Promise.all([world.open(), world.open()]);
    const got = heard(b);
    const connection = await world.run(a.dial(addressOf(b)));
    await world.run(a.send(connection, 1));
    await world.run(a.send(b.id, 2));
    await world.run(a.send(addressOf(b), 3));
    await world.until(() => got.length === 3);
    expect(got).toEqual([1, 2, 3]);
    expect(a.connections).toHaveLength(1);
  });

  test("[BASE-070] messages arrive in the order of sending", async () => {
    await using world = new NodeWorld(kind);
    const [a, b] = await Promise.all([world.open(), world.open()]);
    const got = heard(b);
    const connection = await world.run(a.dial(addressOf(b)));
    const sizes = Array.from({ length: 300 }, (_, n) => (n * 7_919) % 3_000);
    for (const [n, size] of sizes.entries()) connection.sendMessage([n, "x".repeat(size)]);
    await world.until(() => got.length === sizes.length);
    expect(got).toEqual(sizes.map((size, n) => [n, "x".repeat(size)]));
  });

  test("to all, but those excluded by id or connection", async () => {
    await using world = new NodeWorld(kind);
    const [a, b, c, d] = await Promise.all([world.open(), world.open(), world.open(), world.open()]);
    const got = [b, c, d].map(heard);
    await world.run(a.dial(addressOf(b)));
    const toC = await world.run(a.dial(addressOf(c)));
    await world.run(a.dial(addressOf(d)));
    expect(await world.run(a.sendAll("all"))).toBe(3);
    expect(await world.run(a.sendAll("some", { exclude: [b.id, toC] }))).toBe(1);
    await world.until(() => got[2]?.length === 2);
    await world.run(a.sendAll("last"));
    await world.until(() => got.every((data) => data.includes("last")));
    expect(got).toEqual([
      ["all", "last"],
      ["all", "last"],
      ["all", "some", "last"],
    ]);
    await world.run(a.send(b.id, "not this", { exclude: [b.id] }));
    await world.run(a.send(b.id, "this"));
    await world.until(() => got[0]?.includes("this") === true);
    expect(got[0]).toEqual(["all", "last", "this"]);
  });

  test("[BASE-021] a message that is too long for the peer, or for this node, is an error", async () => {
    await using world = new NodeWorld(kind);
    const [a, b] = await Promise.all([world.open(), world.open({ limits: { maxFrameBytes: 2_000 } })]);
    const connection = await world.run(a.dial(addressOf(b)));
    expect(connection.maxFrameBytes).toBe(2_000);
    expect(await failure(a.send(b.id, new Uint8Array(2_000)))).toMatchObject({ code: "message-too-large", peer: b.id });
    expect(await failure(a.send(b.id, new Uint8Array(2_000_000)))).toMatchObject({ code: "message-too-large" });
    expect(await failure(a.sendAll(new Uint8Array(2_000_000)))).toMatchObject({ code: "message-too-large" });
    // What has no form on the wire is refused by the codec.
    await expect(a.send(b.id, "\ud800")).rejects.toBeInstanceOf(WireError);
    expect(connection.isOpen).toBe(true);
  });

  test("what cannot be sent is told", async () => {
    await using world = new NodeWorld(kind);
    const [a, b] = await Promise.all([world.open(), world.open()]);
    expect(await failure(a.send(b.id, 1))).toMatchObject({ code: "not-connected", peer: b.id });
    const connection = await world.run(a.dial(addressOf(b)));
    await world.run(connection.close(0, "enough"));
    expect(await failure(a.send(connection, 1))).toMatchObject({
      code: "connection-closed",
      peer: b.id,
      reason: { name: "normal", text: "enough", byUs: true },
    });
    expect(connection.sendMessage(1)).toBe(false);
  });
});

test("[BASE-084] a message to an address makes a temporary connection, which closes when it is idle", async () => {
  await using world = new NodeWorld();
  const [a, b] = await Promise.all([world.open(), world.open()]);
  const got = heard(b);
  await world.run(a.send(addressOf(b), "hello"));
  await world.until(() => got.length === 1);
  const [connection] = a.connections;
  expect(connection?.isTemporary).toBe(true);
  await world.clock.advance(8_000);
  await world.run(a.send(addressOf(b), "again"));
  expect(a.connections).toEqual([connection]);
  await world.clock.advance(8_000);
  expect(connection?.isOpen).toBe(true);
  await world.clock.advance(4_000);
  expect(connection?.closeReason).toMatchObject({ name: "normal", byUs: true });
  expect([a.connections, b.connections]).toEqual([[], []]);
  expect(got).toEqual(["hello", "again"]);
});

test.each([
  ["for a peer that takes one of them", [1], 1_000, [1], true],
  ["in the codec that this node wants most", [1, 2], 1_000, [2, 1], true],
  ["never for a peer that takes none", [], 1_000, [], false],
  ["never below the size", [1], 100_000, [1], false],
] as const)("[BASE-019] messages are compressed %s", async (_, theirs, compressAboveBytes, common, isCompressed) => {
  const text = "again and again ".repeat(500);
  await using world = new NodeWorld();
  const node = await world.open({ codecs: [2, 1], compressAboveBytes });
  const peer = await world.rawPeer(node);
  peer.sendHandshake({ codecs: theirs });
  await world.until(() => node.connections.length === 1);
  const [connection] = node.connections;
  expect(connection?.codecs).toEqual(common);
  const before = connection?.counters.bytesOut ?? 0;
  connection?.sendMessage(text);
  await world.until(() => peer.whispers(flags.subtypes.whisper).length === 1);
  expect(peer.whispers(flags.subtypes.whisper)[0]?.items[2]).toBe(text);
  expect((connection?.counters.bytesOut ?? 0) - before < text.length / 2).toBe(isCompressed);
});

test("[BASE-206] handlers take messages by type, and events tell of all", async () => {
  await using world = new NodeWorld();
  const [a, b] = await Promise.all([world.open(), world.open()]);
  const taken: string[] = [];
  const errors: Error[] = [];
  b.handle("known", (message) => taken.push(`known ${String(message.data)}`));
  b.handle("*", (message) => taken.push(`other ${message.type}`));
  b.handle("broken", () => Promise.reject(new Error("sorry")));
  b.on("error", (error) => errors.push(error));
  b.on("message", (message) => taken.push(message instanceof ReceivedMessage ? "event" : "?"));
  await world.run(a.dial(addressOf(b)));
  await world.run(a.send(b.id, 1, { type: "known" }));
  await world.run(a.send(b.id, 2, { type: "unknown" }));
  await world.run(a.send(b.id, 3, { type: "broken" }));
  await world.until(() => errors.length === 1);
  expect(taken).toEqual(["known 1", "event", "other unknown", "event", "event"]);
  expect(errors).toMatchObject([{ code: "handler-failed", peer: a.id }]);
});

test("[BASE-206] a handler replies to a message with a message of its type", async () => {
  await using world = new NodeWorld();
  const [a, b] = await Promise.all([world.open(), world.open()]);
  const got = heard(a);
  b.handle("ping", async (_, context) => {
    expect(context.isRequest).toBe(false);
    await expect(context.refuse("no")).rejects.toMatchObject({ code: "not-a-request" });
    await context.reply("pong");
  });
  await world.run(a.dial(addressOf(b)));
  await world.run(a.send(b.id, null, { type: "ping" }));
  await world.until(() => got.length === 1);
  expect(got).toEqual(["pong"]);
});

test("a network on top is told of connections, gets its messages, and may route for others", async () => {
  await using world = new NodeWorld();
  const a = world.make();
  const b = world.make();
  const log: string[] = [];
  const routed: Uint8Array[] = [];
  const protocol = (name: string): Protocol => ({
    features: ["test/1"],
    subtypes: [0x70],
    hasBroadcasts: true,
    onConnected: () => log.push(`${name} up`),
    onDisconnected: (_, reason) => log.push(`${name} down ${reason.name}`),
    onBody: (_, body) => log.push(`${name} got ${body.type} ${String(body.items[1])}`),
    route: (_, body) => {
      routed.push(body);
      return Promise.resolve();
    },
    onClosing: () => {
      log.push(`${name} closing`);
    },
  });
  a.attach(protocol("a"));
  b.attach(protocol("b"));
  await Promise.all([a.open(), b.open()]);
  const connection: Connection = await world.run(a.dial(addressOf(b)));
  expect(connection.features).toEqual(["requests/1", "test/1"]);
  connection.sendWhisper([0x70, "whisper"]);
  const { writer, times } = a.seams;
  connection.sendFrame(writer.write(flags.mainTypes.broadcast, a.idBytes, times.next(), [9, "broadcast"]));
  connection.sendWhisper([0x71, "nobody takes it"]);
  await world.until(() => log.includes("b got 0 broadcast"));
  const stranger = await world.open();
  await world.run(a.send(stranger.id, "far"));
  expect(routed).toHaveLength(1);
  await world.run(a.close());
  expect(log).toEqual([
    "a up",
    "b up",
    "b got 2 whisper",
    "b got 0 broadcast",
    "a closing",
    "a down normal",
    "b down normal",
  ]);
});
