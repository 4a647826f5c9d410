// Peers that behave badly as a whole: out of turn, slow, silent, deaf, or gone in the middle; with a clock in hand.
import { deflateSync } from "node:zlib";
import { encodeValue, flags, type WireValue } from "@p2p/wire";
import { describe, expect, test } from "vitest";
import { frameOf, type RawPeer } from "../testing/raw-peer.js";
import { Victim, victimKinds } from "../testing/victim.js";

const { mainTypes, subtypes } = flags;
const megabyte = 1_048_576;

describe.each(victimKinds.map((kind) => [kind] as const))("out of turn, %s", (kind) => {
  const early: readonly (readonly [string, number, readonly WireValue[]])[] = [
    ["an application message", mainTypes.whisper, [subtypes.whisper, "message", 1]],
    ["a request", mainTypes.whisper, [subtypes.request, 1, "echo", 1]],
    ["a broadcast", mainTypes.broadcast, [0, "message", 1]],
    ["a ping", mainTypes.ping, [1]],
    ["a pong", mainTypes.pong, [1, 1]],
    ["an unknown type", 77, [1]],
  ];

  test.each(early)("%s before the handshake", async (_, type, items) => {
    await using victim = await Victim.open(kind);
    const heard: unknown[] = [];
    victim.node.on("message", (message) => heard.push(message));
    victim.node.handle("*", (message) => heard.push(message));
    const peer = await victim.dial();
    peer.sendBody(type, ...items);
    peer.sendHandshake();
    expect(await victim.closed(peer)).toBe("protocol");
    expect([heard, victim.node.connections]).toEqual([[], []]);
    expect(await victim.serves()).toBe(true);
  });

  test("a second handshake", async () => {
    await using victim = await Victim.open(kind);
    const peer = await victim.join();
    peer.sendHandshake();
    expect(await victim.closed(peer)).toBe("protocol");
    expect(await victim.serves()).toBe(true);
  });

  test("both handshakes and a message in one chunk", async () => {
    await using victim = await Victim.open(kind);
    const heard: unknown[] = [];
    victim.node.on("message", (message) => heard.push(message));
    const peer = await victim.dial();
    const handshake = frameOf(encodeValue([2, peer.id, 1, subtypes.handshake, peer.handshakeMap()]));
    const message = frameOf(encodeValue([2, peer.id, 3, subtypes.whisper, "message", 1]));
    peer.sendBytes(Buffer.concat([handshake, handshake, message]));
    expect(await victim.closed(peer)).toBe("protocol");
    expect(heard).toEqual([]);
    expect(await victim.serves()).toBe(true);
  });

  test.each([
    ["wrongNetwork", { net: new Uint8Array(32).fill(9) }],
    ["version", { v: [2, 0] }],
    ["version", { v: [0, 7] }],
    ["featureMissing", { needs: ["telepathy/1"], features: ["telepathy/1"] }],
  ])("%s", async (code, overrides) => {
    await using victim = await Victim.open(kind);
    const peer = await victim.dial();
    peer.sendHandshake(overrides);
    expect(await victim.closed(peer)).toBe(code);
    expect(peer.closeMessage?.reason).not.toBe("");
    expect(await victim.serves()).toBe(true);
  });

  test("a handshake in the node's own name", async () => {
    await using victim = await Victim.open(kind);
    const peer = await victim.dial({ id: victim.node.idBytes });
    peer.sendHandshake();
    expect(await victim.closed(peer)).toBe("self");
    expect(await victim.serves()).toBe(true);
  });

  test("more bytes than a handshake may have", async () => {
    await using victim = await Victim.open(kind);
    const peer = await victim.dial();
    peer.sendHandshake({ padding: "x".repeat(5_000) });
    expect(await victim.closed(peer)).toBe("tooLarge");
    expect(await victim.serves()).toBe(true);
  });

  test("a compressed handshake", async () => {
    await using victim = await Victim.open(kind);
    const peer = await victim.dial();
    peer.sendFrame(deflateSync(encodeValue([2, peer.id, 1, subtypes.handshake, peer.handshakeMap()])), { codec: 1 });
    expect(await victim.closed(peer)).toBe("badFrame");
    expect(await victim.serves()).toBe(true);
  });

  test("a frame of a codec that was not offered", async () => {
    await using victim = await Victim.open(kind, { codecs: [] });
    const peer = await victim.join();
    peer.sendFrame(deflateSync(encodeValue([2, peer.id, 1, subtypes.whisper, "message", "x".repeat(100)])), {
      codec: 1,
    });
    expect(await victim.closed(peer)).toBe("badFrame");
    expect(await victim.serves()).toBe(true);
  });

  test("reset in the middle of a frame, of the handshake and of a request's answer", async () => {
    await using victim = await Victim.open(kind);
    victim.node.handle("slow", () => new Promise(() => {}));
    const silent = await victim.dial();
    silent.sendBytes(Uint8Array.of(0, 0, 1));
    const midFrame = await victim.join({ id: new Uint8Array(48).fill(1) });
    midFrame.sendFrame(new Uint8Array(100), { length: 1_000 });
    const asking = await victim.join({ id: new Uint8Array(48).fill(2) });
    asking.whisper(subtypes.request, 1, "slow", null);
    await victim.run(asking.ping());
    expect(victim.node.requestCounters.answering).toBe(1);
    let left = 0;
    const bothLeft = new Promise<void>((resolve) => {
      victim.node.on("inboundDisconnected", () => ++left === 2 && resolve());
    });
    for (const peer of [silent, midFrame, asking]) peer.destroy();
    await victim.run(bothLeft);
    expect(await victim.serves()).toBe(true);
    expect(victim.node.connections).toEqual([]);
    expect(victim.node.requestCounters.answering).toBe(0);
    expect(victim.errors).toEqual([]);
  });
});

describe("slow", () => {
  test("one byte a second: the handshake has its ten seconds, whatever trickles in", async () => {
    await using victim = await Victim.open("memory");
    const peer = await victim.dial();
    const handshake = frameOf(encodeValue([2, peer.id, 1, subtypes.handshake, peer.handshakeMap()]));
    let second = 0;
    for (; second < 20 && !peer.isClosed; second++) {
      peer.sendBytes(handshake.subarray(second, second + 1));
      await victim.clock?.advance(1_000);
    }
    expect([peer.closedWith, second]).toEqual(["handshakeTimeout", expect.toSatisfy((n: number) => n <= 12)]);
    expect(await victim.serves()).toBe(true);
  });

  test("one byte a second after the handshake: silence is judged by whole frames", async () => {
    await using victim = await Victim.open("memory");
    const peer = await victim.join();
    const message = frameOf(encodeValue([2, peer.id, 1, subtypes.whisper, "message", "x".repeat(500)]));
    let second = 0;
    for (; second < 200 && !peer.isClosed; second++) {
      peer.sendBytes(message.subarray(second, second + 1));
      await victim.clock?.advance(1_000);
    }
    expect([peer.closedWith, second]).toEqual(["idle", expect.toSatisfy((n: number) => n >= 85 && n <= 95)]);
    expect(await victim.serves()).toBe(true);
  });

  test("a silent peer after the handshake is pinged, and dropped when it does not answer", async () => {
    await using victim = await Victim.open("memory");
    const peer = await victim.join();
    await victim.clock?.advance(65_000);
    expect(peer.bodies.filter((body) => body.type === mainTypes.ping).length).toBeGreaterThanOrEqual(2);
    await victim.clock?.advance(30_000);
    expect(peer.closedWith).toBe("idle");
    expect(await victim.serves()).toBe(true);
  });
});

/** Resolves when so many of the peers are closed. */
function countOf(count: number, peers: readonly RawPeer[]): Promise<void> {
  let closed = 0;
  return new Promise((resolve) => {
    for (const peer of peers) void peer.closed().then(() => ++closed >= count && resolve());
  });
}

describe("many", () => {
  test.each(victimKinds)("1,000 silent connections over %s leave room for an honest one", async (kind) => {
    await using victim = await Victim.open(kind);
    const before = process.memoryUsage();
    const peers: RawPeer[] = [];
    for (let batch = 0; batch < 20; batch++) {
      const dials = Array.from({ length: 50 }, () => victim.dial().catch(() => undefined));
      for (const peer of await Promise.all(dials)) if (peer !== undefined) peers.push(peer);
    }
    await victim.run(countOf(peers.length - 32, peers));
    const refused = peers.filter((peer) => peer.isClosed);
    expect(refused.every((peer) => ["busy", "end", "reset"].includes(String(peer.closedWith)))).toBe(true);
    expect(refused.some((peer) => peer.closedWith === "busy")).toBe(true);
    // Not even a refusal is owed to each of so many at once.
    if (victim.clock !== undefined) expect(refused.some((peer) => peer.closedWith === "reset")).toBe(true);
    const after = process.memoryUsage();
    expect(after.arrayBuffers - before.arrayBuffers).toBeLessThan(16 * megabyte);
    expect(victim.node.budget.usedBytes).toBeLessThan(megabyte);
    if (victim.clock === undefined) for (const peer of peers) peer.destroy();
    else await victim.clock.advance(10_500);
    await victim.run(countOf(peers.length, peers));
    expect(peers.filter((peer) => !peer.isClosed)).toEqual([]);
    expect(await victim.serves()).toBe(true);
    expect(victim.errors).toEqual([]);
  });
});

describe("deaf: a peer that never reads", () => {
  test("what waits for it is bounded, it is dropped as slow, and others are served meanwhile", async () => {
    await using victim = await Victim.open("memory");
    const peer = await victim.join();
    const [connection] = victim.node.connections;
    peer.channel.pause();
    let waited = 0;
    const sending = (async () => {
      for (let n = 0; n < 200; n++) {
        const sent = victim.node.send(connection?.id ?? "", "x".repeat(65_536));
        waited++;
        await sent;
      }
    })().catch((error: unknown) => error);
    await victim.clock?.settle();
    expect(waited).toBeLessThan(40);
    expect(connection?.bufferedBytes).toBeLessThan(2 * megabyte);
    expect(await victim.serves()).toBe(true);
    await victim.clock?.advance(11_000);
    expect(await sending).toMatchObject({ code: "connection-closed" });
    expect(connection?.closeReason).toMatchObject({ name: "slow", byUs: true });
    expect(victim.node.budget.usedBytes).toBe(0);
    expect(await victim.serves()).toBe(true);
  });

  test("a flood of pings that nobody reads the answers of", async () => {
    await using victim = await Victim.open("memory");
    const peer = await victim.join();
    const [connection] = victim.node.connections;
    peer.channel.pause();
    let most = 0;
    for (let round = 0; round < 200 && connection?.isOpen === true; round++) {
      for (let n = 0; n < 1_000; n++) peer.sendBody(mainTypes.ping, n);
      await victim.clock?.settle();
      most = Math.max(most, connection?.bufferedBytes ?? 0);
    }
    expect(most).toBeLessThan(4 * megabyte);
    expect(connection?.closeReason).toMatchObject({ name: "slow", byUs: true });
    expect(await victim.serves()).toBe(true);
  });

  test("requests whose answers nobody reads keep their places, and no more are taken", async () => {
    await using victim = await Victim.open("memory");
    victim.node.handle("big", () => "x".repeat(500_000));
    const peer = await victim.join();
    const [connection] = victim.node.connections;
    peer.channel.pause();
    for (let n = 0; n < 1_000; n++) peer.whisper(subtypes.request, n, "big", null);
    await victim.clock?.settle();
    expect(connection?.bufferedBytes ?? 0).toBeLessThan(40 * megabyte);
    expect(victim.node.requestCounters.refusedBusy + victim.node.requestCounters.answering).toBeGreaterThan(0);
    await victim.clock?.advance(11_000);
    expect(connection?.isOpen).toBe(false);
    expect(victim.node.requestCounters.answering).toBe(0);
    expect(await victim.serves()).toBe(true);
  });

  test("many deaf peers share the one budget of the node", async () => {
    await using victim = await Victim.open("memory", { limits: { memoryBudgetBytes: 4 * megabyte } });
    const peers: RawPeer[] = [];
    for (let n = 1; n <= 16; n++) peers.push(await victim.join({ id: new Uint8Array(48).fill(n) }));
    for (const peer of peers) peer.channel.pause();
    let most = 0;
    for (let round = 0; round < 60; round++) {
      for (const connection of victim.node.connections) connection.sendMessage("x".repeat(20_000));
      await victim.clock?.settle();
      most = Math.max(most, victim.node.budget.usedBytes);
    }
    expect(most).toBeLessThanOrEqual(4 * megabyte);
    expect(victim.node.connections.length).toBeLessThan(16);
    expect(await victim.serves()).toBe(true);
  });
});

describe("with the system's clock and sockets, in short times", () => {
  test("silence and a trickle before the handshake", async () => {
    await using victim = await Victim.open("tcp", { limits: { handshakeTimeoutMs: 100 } });
    const silent = await victim.dial();
    const trickling = await victim.dial();
    trickling.sendBytes(Uint8Array.of(0, 0));
    expect([await silent.closed(), await trickling.closed()]).toEqual(["handshakeTimeout", "handshakeTimeout"]);
    expect(await victim.serves()).toBe(true);
  });

  test("a peer that stops reading", async () => {
    const limits = { stallTimeoutMs: 100, sendBufferBytes: 131_072 };
    await using victim = await Victim.open("tcp", { limits });
    const peer = await victim.join();
    const [connection] = victim.node.connections;
    if (connection === undefined) throw new Error("not connected");
    peer.channel.pause();
    const reason = new Promise((resolve) => victim.node.once("inboundDisconnected", (_, why) => resolve(why)));
    let most = 0;
    const sending = (async () => {
      for (;;) {
        await victim.node.send(connection, "x".repeat(50_000));
        most = Math.max(most, connection.bufferedBytes);
      }
    })().catch((error: unknown) => error);
    expect(await reason).toMatchObject({ name: "slow", byUs: true });
    expect(await sending).toMatchObject({ code: "connection-closed" });
    expect(most).toBeLessThan(4 * limits.sendBufferBytes);
    expect(await victim.serves()).toBe(true);
  });
});
