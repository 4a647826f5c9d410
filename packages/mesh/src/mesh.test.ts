import type { BaseError } from "@p2p/base";
import { ManualClock } from "@p2p/base/testing";
import { afterEach, describe, expect, test } from "vitest";
import { MeshError } from "./errors.js";
import { Mesh } from "./mesh.js";
import { Meshes } from "./testing/meshes.js";
import { seededRandom } from "./testing/views-world.js";

let world = new Meshes();

afterEach(async () => {
  await world.close();
  expect(world.clock.pendingTimers, "timers left after all meshes closed").toBe(0);
  expect(world.members.flatMap((member) => member.errors)).toEqual([]);
  world = new Meshes();
});

const pairs = (count: number, close = false): [number, number][] => {
  const edges = Array.from({ length: count - 1 }, (_, n): [number, number] => [n, n + 1]);
  return close ? [...edges, [count - 1, 0]] : edges;
};

describe("fixed topologies, real nodes", () => {
  test.each([
    ["a line of 6", 6, pairs(6), 5],
    ["a ring of 6", 6, pairs(6, true), 7],
    ["a triangle", 3, pairs(3, true), 4],
    ["a star of 9", 9, Array.from({ length: 8 }, (_, n): [number, number] => [n + 1, 0]), 8],
  ] as const)(
    "[MESH-002] [MESH-003] [MESH-005] [MESH-006] %s: once to everybody, %i nodes",
    async (_name, count, edges, frames) => {
      await world.fixed(count, edges);
      for (const [number, { mesh }] of world.members.entries()) {
        const before = world.frames;
        expect(mesh.broadcast(number)).toBe(true);
        await world.clock.settle();
        expect(world.frames - before).toBe(frames);
      }
      for (const [number, got] of world.received.entries()) {
        expect(got).toEqual(Array.from({ length: count }, (_, n) => n).filter((n) => n !== number));
      }
    },
  );

  test("[MESH-005] [MESH-006] a random network of 50: once to everybody, 2e - (n - 1) frames", async () => {
    const random = seededRandom(5);
    const edges = new Map<string, [number, number]>();
    for (let number = 1; number < 50; number += 1) {
      for (let extra = 0; extra < 3; extra += 1) {
        const other = Math.floor(random() * number);
        edges.set(`${number} ${other}`, [number, other]);
      }
    }
    await world.fixed(50, [...edges.values()]);
    for (const { mesh } of world.members) mesh.broadcast(mesh.id);
    await world.clock.settle();
    expect(world.frames).toBe(50 * (2 * edges.size - 49));
    for (const { mesh, inbox } of world.members) {
      expect(inbox.map((message) => message.from)).toEqual(inbox.map((message) => message.data));
      expect(new Set([mesh.id, ...inbox.map((message) => message.data)]).size).toBe(50);
      expect(inbox).toHaveLength(49);
    }
  });

  test("[MESH-013] [MESH-014] wall clocks ten minutes wrong, and equal messages, are all the same to it", async () => {
    for (const wallOffsetMs of [0, 600_000, -600_000, 3e10]) await world.add({ wallOffsetMs, advertise: [] });
    for (const [from, to] of pairs(4)) await world.link(from, to);
    for (const { mesh } of world.members) {
      mesh.broadcast("same");
      mesh.broadcast("same");
    }
    await world.clock.settle();
    expect(world.received).toEqual(new Array(4).fill(new Array(6).fill("same")));
  });

  test("[MESH-002] excluded neighbours are not sent to, but hear from others; [MESH-006] a message tells its type", async () => {
    await world.fixed(3, pairs(3, true));
    const [first, second, third] = [world.at(0), world.at(1), world.at(2)];
    first.mesh.broadcast("news", { type: "bulletin", exclude: [second.mesh.id] });
    await world.clock.settle();
    expect(second.inbox[0]).toMatchObject({ type: "bulletin", data: "news", from: first.mesh.id, via: third.mesh.id });
    expect(world.received.map((each) => each.length)).toEqual([0, 1, 1]);
  });

  test("[MESH-009] large broadcasts can be compressed, and arrive everywhere", async () => {
    await world.fixed(3, pairs(3), { compressAboveBytes: 1_000 });
    const text = "compressible ".repeat(1_000);
    world.at(0).mesh.broadcast(text);
    await world.clock.settle();
    expect(world.received).toEqual([[], [text], [text]]);
    expect(world.at(1).mesh.node.counters.bytesIn).toBeLessThan(5_000);
  });
});

describe("opening and closing", () => {
  test("a mesh that is opened twice, or closed meanwhile, leaves no timer", async () => {
    const clock = new ManualClock();
    const mesh = new Mesh({ network: "test", clock });
    await Promise.all([mesh.open(), mesh.open()]);
    expect(clock.pendingTimers).toBe(1);
    await mesh.close();
    const other = new Mesh({ network: "test", clock });
    const opened = other.open().catch(() => undefined);
    await other.close();
    await opened;
    expect(clock.pendingTimers).toBe(0);
  });

  test("[MESH-050] a verdict that comes after closing delivers nothing, and is no error", async () => {
    const meshes = new Meshes();
    const [judge, origin] = [await meshes.add(), await meshes.add({ bootstrap: ["memory://n0"] })];
    await meshes.clock.advance(3_000);
    const settle: ((verdict: "accept" | Promise<never>) => void)[] = [];
    judge.mesh.validate("*", () => new Promise((resolve) => settle.push(resolve)));
    origin.mesh.broadcast("first");
    origin.mesh.broadcast("second");
    await meshes.clock.advance(1_000);
    expect(settle).toHaveLength(2);
    await meshes.close();
    settle[0]?.("accept");
    settle[1]?.(Promise.reject(new Error("too late")));
    await meshes.clock.settle();
    expect([judge.inbox, judge.errors]).toEqual([[], []]);
  });

  test("a stream with a signal that is aborted ends with its reason", async () => {
    const mesh = new Mesh({ network: "test", clock: new ManualClock() });
    const reason = new Error("enough");
    await expect(mesh.messages({ signal: AbortSignal.abort(reason) }).next()).rejects.toBe(reason);
    await expect(mesh.node.messages({ signal: AbortSignal.abort(reason) }).next()).rejects.toBe(reason);
    await mesh.close();
  });
});

describe("joining and healing", () => {
  test("[MESH-020] ten nodes that know one become fully connected, and the exchange stops", async () => {
    for (let number = 0; number < 10; number += 1) {
      await world.add(number === 0 ? {} : { bootstrap: [world.at(0).address] });
    }
    await world.clock.advance(30_000);
    for (const { mesh } of world.members) expect(mesh.peers).toHaveLength(9);
    for (const { mesh } of world.members) mesh.broadcast("hello");
    await world.clock.settle();
    for (const { inbox } of world.members) expect(inbox).toHaveLength(9);
    await world.close();
    for (const { mesh } of world.members) expect(mesh.peers).toEqual([]);
  });

  test("[MESH-021] [MESH-022] 36 nodes over one seed heal after 12 died suddenly, the seed too", async () => {
    for (let number = 0; number < 36; number += 1) {
      await world.add(number === 0 ? {} : { bootstrap: [world.at(0).address] });
    }
    await world.clock.advance(20_000);
    for (const { mesh } of world.members) {
      expect(mesh.peers.length).toBeGreaterThanOrEqual(4);
      expect(mesh.peers.length).toBeLessThanOrEqual(12);
    }
    world.at(7).mesh.broadcast("before");
    await world.clock.settle();
    expect(world.received.filter((each) => each.length === 1)).toHaveLength(35);
    const alive = world.members.filter((_, number) => number % 3 !== 0);
    for (const member of world.members) if (!alive.includes(member)) member.kill();
    await world.clock.advance(20_000);
    for (const { mesh } of alive) expect(mesh.peers.length).toBeGreaterThanOrEqual(4);
    world.at(7).mesh.broadcast("after");
    await world.clock.settle();
    for (const { mesh, inbox } of alive) {
      const after = inbox.filter((message) => message.data === "after");
      expect(after).toHaveLength(mesh === world.at(7).mesh ? 0 : 1);
    }
  }, 60_000);

  test("[MESH-027] a node joins although its bootstrap address opens only later", async () => {
    const early = await world.add({ bootstrap: ["memory://n1"] });
    await world.clock.advance(10_000);
    expect(early.mesh.peers).toEqual([]);
    let isReady = false;
    const ready = early.mesh.ready().then(() => {
      isReady = true;
    });
    const late = await world.add();
    await world.clock.advance(30_000);
    await ready;
    expect(isReady).toBe(true);
    expect(early.mesh.peers).toEqual([late.mesh.id]);
    const codes = early.errors.splice(0).map((error) => (error as BaseError).code);
    expect(new Set(codes)).toEqual(new Set(["dial-refused"]));
  });

  test("[MESH-027] an own address among the bootstrap addresses does no harm", async () => {
    const first = await world.add({ bootstrap: ["memory://n0"] });
    const second = await world.add({ bootstrap: ["memory://n0", "memory://n1"] });
    await world.clock.advance(20_000);
    expect([first.mesh.peers, second.mesh.peers]).toEqual([[second.mesh.id], [first.mesh.id]]);
  });

  test("[MESH-024] [MESH-025] [MESH-028] the latecomer of a full seed is taken, and everybody is reached", async () => {
    const meshLimits = { activeMin: 1, activeTarget: 2, activeMax: 3 };
    for (let number = 0; number < 12; number += 1) {
      await world.add({ meshLimits, bootstrap: number === 0 ? [] : [world.at(0).address] });
    }
    await world.clock.advance(60_000);
    for (const { mesh } of world.members) expect(mesh.peers.length).toBeLessThanOrEqual(3);
    expect(world.members.some((member) => member.goodbyes.includes("viewFull"))).toBe(true);
    world.at(11).mesh.broadcast("hello");
    await world.clock.settle();
    for (const [number, got] of world.received.entries()) expect(got).toEqual(number === 11 ? [] : ["hello"]);
  });
});

test("[MESH-006] [MESH-029] while a network grows and views are full, whoever joined 3 s ago gets each broadcast once", async () => {
  const meshLimits = { activeMin: 1, activeTarget: 3, activeMax: 4 };
  const random = seededRandom(11);
  const joinedMs: number[] = [];
  const sent: { readonly from: number; readonly atMs: number }[] = [];
  for (let round = 0; round < 200; round += 1) {
    if (round % 6 === 0 && round < 150) {
      await world.add({ meshLimits, bootstrap: round === 0 ? [] : [world.at(0).address] });
      joinedMs.push(world.clock.monotonic());
    }
    const settled = joinedMs.filter((ms) => ms + 3_000 <= world.clock.monotonic()).length;
    if (settled > 0) {
      const from = Math.floor(random() * settled);
      world.at(from).mesh.broadcast(sent.length);
      sent.push({ from, atMs: world.clock.monotonic() });
    }
    await world.clock.advance(100);
  }
  await world.clock.settle();
  expect(
    world.members.flatMap((member) => member.goodbyes).filter((name) => name === "viewFull").length,
  ).toBeGreaterThan(5);
  for (const [number, got] of world.received.entries()) {
    expect(new Set(got).size).toBe(got.length);
    const isDue = (atMs: number) => (joinedMs[number] ?? 0) + 3_000 <= atMs;
    for (const [index, { from, atMs }] of sent.entries()) {
      if (from !== number && isDue(atMs)) expect(got, `broadcast ${index} at node ${number}`).toContain(index);
    }
  }
}, 30_000);

describe("what the facade promises", () => {
  test("senseless options are the caller's mistake", () => {
    const network = "test";
    expect(() => new Mesh({ network, meshLimits: { activeMin: 7 } })).toThrow(RangeError);
    expect(() => new Mesh({ network, meshLimits: { activeMax: 0.5 } })).toThrow(RangeError);
    expect(() => new Mesh({ network, meshLimits: { seenCapacity: 1_000 } })).toThrow(RangeError);
    expect(() => new Mesh({ network, meshLimits: { routeAttempts: 17 } })).toThrow(RangeError);
    expect(() => new Mesh({ network, meshLimits: { typo: 1 } as never })).toThrow(TypeError);
    expect(() => new Mesh({ network, validators: { x: 1 as never } })).toThrow(TypeError);
  });

  test("nothing is sent before open and after close, and closing twice is harmless", async () => {
    const clock = new ManualClock();
    const mesh = new Mesh({ network: "test", clock });
    expect(() => mesh.broadcast(1)).toThrow(MeshError);
    await mesh.open();
    expect(mesh.broadcast(1)).toBe(true);
    const ready = mesh.ready();
    ready.catch(() => undefined);
    const stream = mesh.messages();
    await mesh.close();
    await mesh.close();
    await expect(ready).rejects.toMatchObject({ code: "closed" });
    await expect(mesh.drained()).rejects.toMatchObject({ code: "closed" });
    expect(await stream.next()).toEqual({ done: true, value: undefined });
    expect(() => mesh.broadcast(1)).toThrow(expect.objectContaining({ code: "closed" }));
    expect(clock.pendingTimers).toBe(0);
  });

  test("waits can be given up", async () => {
    const { mesh } = await world.add();
    const reason = new Error("enough");
    const controller = new AbortController();
    const ready = mesh.ready({ signal: controller.signal });
    const { id } = new Mesh({ network: "test" });
    const sent = mesh.send(id, 1, { signal: controller.signal });
    const [one, two] = [expect(ready).rejects.toBe(reason), expect(sent).rejects.toBe(reason)];
    controller.abort(reason);
    await Promise.all([one, two]);
    await expect(mesh.drained(AbortSignal.abort(reason))).rejects.toBe(reason);
  });

  test("[MESH-018] a message over the limit is refused, and nothing is sent", async () => {
    await world.fixed(2, [[0, 1]], { limits: { maxFrameBytes: 4_096 } });
    const { mesh } = world.at(0);
    expect(() => mesh.broadcast(new Uint8Array(5_000))).toThrow(expect.objectContaining({ code: "message-too-large" }));
    expect(() => mesh.broadcast(1, { type: "" })).toThrow(RangeError);
    expect(() => mesh.broadcast(undefined as never)).toThrow();
    expect(mesh.broadcast("fits")).toBe(true);
    await world.clock.settle();
    expect(world.received).toEqual([[], ["fits"]]);
  });

  test("messages come as an async iterable too, to several readers, broadcast or direct", async () => {
    await world.fixed(2, [[0, 1]]);
    const [one, two] = [world.at(0).mesh, world.at(1).mesh];
    const streams = [two.messages(), two[Symbol.asyncIterator]()];
    one.broadcast("all");
    await one.send(two.id, "you");
    await world.clock.settle();
    for (const stream of streams) {
      expect((await stream.next()).value).toMatchObject({ data: "all", isBroadcast: true });
      expect((await stream.next()).value).toMatchObject({
        data: "you",
        isBroadcast: false,
        id: undefined,
        via: one.id,
      });
      await stream.return();
    }
  });
});
