// Slow neighbours, slow readers and slow validators: bounded buffers, and nobody else notices.
import { afterEach, describe, expect, test } from "vitest";
import type { Mesh } from "./mesh.js";
import { Meshes } from "./testing/meshes.js";
import type { Verdict } from "./validators.js";

let world = new Meshes();

afterEach(async () => {
  await world.close();
  expect(world.clock.pendingTimers, "timers left after all meshes closed").toBe(0);
  expect(world.members.flatMap((member) => member.errors)).toEqual([]);
  world = new Meshes();
});

const block = new Uint8Array(65_536);

/** Broadcasts as fast as the network takes it, letting no more time pass than needed. */
async function broadcastAll(mesh: Mesh, count: number, onRound: () => void = () => {}): Promise<void> {
  for (let number = 0; number < count; number += 1) {
    if (mesh.broadcast(block)) continue;
    let isDrained = false;
    const drained = mesh.drained().then(() => {
      isDrained = true;
    });
    await world.clock.settle();
    onRound();
    while (!isDrained) await world.clock.advance(50);
    await drained;
  }
  await world.clock.settle();
}

/** Member `number` reads nothing any more. */
function stopReading(number: number): void {
  for (const connection of world.at(number).mesh.node.connections) connection.hold();
}

describe("a neighbour that reads nothing", () => {
  test("[MESH-071] it is dropped as slow within bounded memory; the others get everything, in time", async () => {
    await world.fixed(4, [
      [1, 0],
      [2, 0],
      [3, 0],
    ]);
    const { mesh, goodbyes } = world.at(0);
    stopReading(3);
    let most = 0;
    await broadcastAll(mesh, 200, () => {
      most = Math.max(most, mesh.node.budget.usedBytes);
    });
    expect(goodbyes).toEqual(["slow"]);
    expect(world.at(1).inbox).toHaveLength(200);
    expect(world.at(2).inbox).toHaveLength(200);
    expect(most).toBeLessThan(5 * 1_048_576);
    // All that was waited for it: at most half a second and a look each 100 ms.
    expect(world.clock.monotonic()).toBeLessThanOrEqual(2_000);
  });

  test("[MESH-071] even without further messages it is dropped after the stall deadline", async () => {
    await world.fixed(2, [[1, 0]], { limits: { stallTimeoutMs: 10_000 } });
    stopReading(1);
    for (let number = 0; number < 12; number += 1) world.at(0).mesh.broadcast(block);
    await world.clock.advance(9_000);
    expect(world.at(0).goodbyes).toEqual([]);
    await world.clock.advance(3_000);
    expect(world.at(0).goodbyes).toEqual(["slow"]);
  });

  test("[MESH-073] behind a relay: the source is held up for half a second, then the others get the rest", async () => {
    await world.fixed(4, [
      [1, 0],
      [2, 0],
      [3, 0],
    ]);
    stopReading(3);
    await broadcastAll(world.at(1).mesh, 200);
    expect(world.at(0).goodbyes).toEqual(["slow"]);
    expect(world.at(2).inbox).toHaveLength(200);
    expect(world.clock.monotonic()).toBeLessThanOrEqual(2_000);
  });

  test("[MESH-071] who broadcasts on and on without heeding the answer gets an error, and no neighbour is dropped for it", async () => {
    await world.fixed(2, [[1, 0]]);
    const { mesh, goodbyes } = world.at(0);
    let sent = 0;
    expect(() => {
      for (; sent < 1_000; sent += 1) mesh.broadcast(block);
    }).toThrow(expect.objectContaining({ code: "overflow", peer: world.at(1).mesh.id }));
    expect(sent).toBeLessThan(64);
    const drained = mesh.drained();
    await world.clock.settle();
    await drained;
    expect(goodbyes).toEqual([]);
    expect(world.at(1).inbox).toHaveLength(sent);
    expect(mesh.broadcast("again")).toBe(true);
  });
});

describe("a network that is slow everywhere", () => {
  test("[MESH-071] who heeds the answer waits for links of less than 1 MiB a second, and loses none of them", async () => {
    await world.fixed(3, [
      [1, 0],
      [2, 0],
    ]);
    const { mesh, goodbyes } = world.at(0);
    const readers = [1, 2].map((number) => world.at(number).mesh.node.connections[0]);
    const gulp = async (): Promise<void> => {
      for (const reader of readers) reader?.release();
      await world.clock.settle();
      for (const reader of readers) reader?.hold();
    };
    for (const reader of readers) reader?.hold();
    for (let sent = 0; sent < 150; sent += 1) {
      if (mesh.broadcast(block)) continue;
      let isDrained = false;
      const drained = mesh.drained().then(() => {
        isDrained = true;
      });
      // What the sender's buffer holds in each 3 s, which is longer than the grace.
      for (let waitedMs = 50; !isDrained; waitedMs += 50) {
        await world.clock.advance(50);
        if (waitedMs % 3_000 === 0) await gulp();
      }
      await drained;
    }
    for (let rest = 0; rest < 100; rest += 1) await gulp();
    expect(goodbyes).toEqual([]);
    expect([world.at(1).inbox.length, world.at(2).inbox.length]).toEqual([150, 150]);
  });

  test("[MESH-071] who does not heed it gets an error, though nobody is worth waiting for", async () => {
    await world.fixed(2, [[1, 0]]);
    const { mesh, goodbyes } = world.at(0);
    stopReading(1);
    while (mesh.broadcast(block)) {
      // Until it answers false.
    }
    await world.clock.advance(1_000);
    expect(() => {
      for (let sent = 0; sent < 1_000; sent += 1) mesh.broadcast(block);
    }).toThrow(expect.objectContaining({ code: "overflow", peer: world.at(1).mesh.id }));
    expect(goodbyes).toEqual([]);
  });
});

describe("a relay between a fast source and a slower reader", () => {
  test("[MESH-072] makes the source wait: nothing is lost and nobody is dropped", async () => {
    await world.fixed(3, [
      [0, 1],
      [1, 2],
    ]);
    const source = world.at(0).mesh;
    // The reader takes a gulp every 50 ms: 20 gulps a second of what the transport holds, more than 1 MiB/s.
    const [reader] = world.at(2).mesh.node.connections;
    reader?.hold();
    let sent = 0;
    let waits = 0;
    for (let round = 0; round < 400 && sent < 100; round += 1) {
      while (sent < 100) {
        sent += 1;
        if (source.broadcast(block)) continue;
        waits += 1;
        break;
      }
      await world.clock.advance(50);
      reader?.release();
      await world.clock.settle();
      reader?.hold();
      if (waits > 0) await source.drained();
    }
    reader?.release();
    await world.clock.settle();
    expect(waits).toBeGreaterThan(0);
    expect(world.at(2).inbox).toHaveLength(100);
    expect(world.members.flatMap((member) => member.goodbyes)).toEqual([]);
  });

  test("[MESH-072] three that send as fast as they can, each to both others, all get through", async () => {
    await world.fixed(3, [
      [0, 1],
      [1, 2],
      [2, 0],
    ]);
    const sent = [0, 0, 0];
    for (let round = 0; round < 300 && sent.some((count) => count < 100); round += 1) {
      for (const [number, { mesh }] of world.members.entries()) {
        while ((sent[number] as number) < 100) {
          sent[number] = (sent[number] as number) + 1;
          if (!mesh.broadcast(block)) break;
        }
      }
      await world.clock.settle();
      for (const { mesh } of world.members) await mesh.drained();
    }
    await world.clock.settle();
    for (const { inbox, goodbyes } of world.members) {
      expect(inbox).toHaveLength(200);
      expect(goodbyes).toEqual([]);
    }
    // Without the two marks of Flow all three would stop until the half second of grace is over.
    expect(world.clock.monotonic()).toBe(0);
  });
});

describe("this node is the slow one", () => {
  test("an iterator that is not read stops reading, and all comes in order when it is read again", async () => {
    await world.fixed(2, [[0, 1]], { meshLimits: { streamCapacity: 5 } });
    const source = world.at(0).mesh;
    const stream = world.at(1).mesh.messages();
    for (let number = 0; number < 28; number += 1) source.broadcast([number, block]);
    await world.clock.settle();
    expect(stream.size).toBeLessThan(12);
    const got: unknown[] = [];
    while (got.length < 28) {
      const next = stream.next();
      await world.clock.settle();
      const { value } = await next;
      if (!Array.isArray(value?.data)) throw new Error("the stream ended early");
      got.push(value.data[0]);
    }
    expect(got).toEqual(Array.from({ length: 28 }, (_, n) => n));
    await stream.return();
  });

  test("[MESH-050] verdicts that do not come stop reading, and nothing is lost", async () => {
    const verdicts: ((verdict: Verdict) => void)[] = [];
    const validators = { "*": () => new Promise<Verdict>((resolve) => verdicts.push(resolve)) };
    await world.fixed(2, [[0, 1]], { validators, meshLimits: { maxJudged: 4 } });
    for (let number = 0; number < 30; number += 1) world.at(0).mesh.broadcast([number, block]);
    await world.clock.settle();
    expect(verdicts.length).toBeLessThan(12);
    let judged = 0;
    for (let round = 0; round < 40; round += 1) {
      for (const verdict of verdicts.splice(0)) {
        judged += 1;
        verdict("accept");
      }
      await world.clock.settle();
    }
    expect(judged).toBe(30);
    expect(world.at(1).inbox).toHaveLength(30);
  });
});
