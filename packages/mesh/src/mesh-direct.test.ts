import { afterEach, describe, expect, test } from "vitest";
import { Mesh } from "./mesh.js";
import { Meshes } from "./testing/meshes.js";

let world = new Meshes();

afterEach(async () => {
  await world.close();
  expect(world.clock.pendingTimers, "timers left after all meshes closed").toBe(0);
  expect(world.members.flatMap((member) => member.errors)).toEqual([]);
  world = new Meshes();
});

const line = (count: number) => Array.from({ length: count - 1 }, (_, n): [number, number] => [n, n + 1]);

/** The outcome of a promise, after time has passed. */
async function after<T>(ms: number, promise: Promise<T>): Promise<T> {
  promise.catch(() => undefined);
  await world.clock.advance(ms);
  return promise;
}

describe("direct messages to nodes that are no neighbours", () => {
  test("[MESH-060] [MESH-064] over nine relays, acknowledged, once, to nobody else", async () => {
    await world.fixed(11, line(11));
    const [first, last] = [world.at(0), world.at(10)];
    await after(0, first.mesh.send(last.mesh.id, { hello: "far away" }, { type: "greeting" }));
    expect(last.inbox).toHaveLength(1);
    expect(last.inbox[0]).toMatchObject({
      type: "greeting",
      data: { hello: "far away" },
      from: first.mesh.id,
      isBroadcast: false,
      via: undefined,
    });
    expect(world.received.flat()).toHaveLength(1);
    expect(first.mesh.counters.routedPending).toBe(0);
  });

  test("[MESH-064] what a reader that is behind has no room for is not acknowledged, and comes when there is room", async () => {
    await world.fixed(3, line(3));
    const [first, last] = [world.at(0).mesh, world.at(2).mesh];
    const reader = last.node.messages();
    for (let n = 0; n < 5; n += 1) await after(0, first.send(last.id, new Uint8Array(900_000)));
    const late = first.send(last.id, "late");
    await world.clock.advance(100);
    expect(first.counters.routedPending).toBe(1);
    for (let n = 0; n < 5; n += 1) await reader.next();
    await after(2_000, late);
    expect((await reader.next()).value?.data).toBe("late");
  });

  test("[MESH-060] a neighbour gets a plain whisper", async () => {
    await world.fixed(2, line(2));
    await after(0, world.at(0).mesh.send(world.at(1).mesh.id, "near"));
    expect(world.at(1).inbox[0]).toMatchObject({ data: "near", via: world.at(0).mesh.id });
  });

  test("[MESH-062] [MESH-063] after a broadcast of somebody, messages to them follow its way back", async () => {
    // A line with five leaves at each inner node: a flood would reach the leaves.
    const edges: [number, number][] = line(4);
    for (let leaf = 4; leaf < 14; leaf += 1) edges.push([leaf, leaf < 9 ? 1 : 2]);
    await world.fixed(14, edges);
    world.at(3).mesh.broadcast("here I am");
    await world.clock.settle();
    const leafBytes = () => world.members.slice(4).reduce((sum, each) => sum + each.mesh.node.counters.messagesIn, 0);
    const before = leafBytes();
    await after(0, world.at(0).mesh.send(world.at(3).mesh.id, "hello"));
    expect(leafBytes()).toBe(before);
    expect(world.at(3).inbox.at(-1)?.data).toBe("hello");
  });

  test("[MESH-060] requests, refusals and answers work over relays", async () => {
    await world.fixed(5, line(5));
    const [first, last] = [world.at(0).mesh, world.at(4).mesh];
    last.handle("double", (message) => (message.data as number) * 2);
    last.handle("never", (_message, context) => context.refuse("no", "not today"));
    const answer = await after(0, first.request(last.id, 21, { type: "double" }));
    expect(answer).toMatchObject({ data: 42, from: last.id });
    const refused = after(0, first.request(last.id, 21, { type: "never" }));
    await expect(refused).rejects.toMatchObject({ code: "refused", remoteCode: "no" });
  });

  test("[MESH-060] a forwarded request is answered by who it was forwarded to", async () => {
    await world.fixed(6, line(6));
    const [asker, middle, far] = [world.at(0).mesh, world.at(3).mesh, world.at(5).mesh];
    middle.handle("where", (_message, context) => context.forward(far.id));
    far.handle("where", () => "here");
    const answer = await after(0, asker.request(middle.id, null, { type: "where" }));
    expect(answer).toMatchObject({ data: "here", from: far.id });
  });

  test("[MESH-065] [MESH-066] a route that broke is found anew, and the message arrives once", async () => {
    // Two ways from 0 to 4: by 1 and 2, and by 3.
    await world.fixed(5, [
      [0, 1],
      [1, 2],
      [2, 4],
      [0, 3],
    ]);
    const [first, last] = [world.at(0).mesh, world.at(4)];
    await after(0, first.send(last.mesh.id, "one"));
    await world.link(3, 4);
    world.at(2).kill();
    await world.clock.settle();
    await after(5_000, first.send(last.mesh.id, "two"));
    expect(last.inbox.map((message) => message.data)).toEqual(["one", "two"]);
  });

  test("[MESH-067] nobody of that id: a typed error after three attempts, at 1, 3 and 7 s", async () => {
    await world.fixed(3, line(3));
    const { mesh } = world.at(0);
    const nobody = new Mesh({ network: "test" }).id;
    let outcome: unknown;
    mesh.send(nobody, "hello").catch((error: unknown) => {
      outcome = error;
    });
    await world.clock.advance(6_900);
    expect(outcome).toBeUndefined();
    await world.clock.advance(200);
    expect(outcome).toMatchObject({ name: "MeshError", code: "unreachable", peer: nobody });
    expect(mesh.counters.routedPending).toBe(0);
  });

  test("[MESH-067] closing gives up what waits; too many at once are refused; oneself is a mistake", async () => {
    await world.fixed(2, line(2), { meshLimits: { maxRouted: 2 } });
    const { mesh } = world.at(0);
    const nobody = new Mesh({ network: "test" }).id;
    const waiting = [mesh.send(nobody, 1), mesh.send(nobody, 2)];
    for (const each of waiting) each.catch(() => undefined);
    await world.clock.settle();
    await expect(mesh.send(nobody, 3)).rejects.toMatchObject({ code: "too-many-routed" });
    await expect(mesh.send(mesh.id, 1)).rejects.toThrow(RangeError);
    await world.close();
    for (const each of waiting) await expect(each).rejects.toMatchObject({ code: "closed" });
  });

  test("[MESH-061] [MESH-063] any two of forty nodes reach one another", async () => {
    for (let number = 0; number < 40; number += 1) {
      await world.add(number === 0 ? {} : { bootstrap: [world.at(0).address] });
    }
    await world.clock.advance(5_000);
    const sent = world.members.map(({ mesh }, number) => mesh.send(world.at((number * 7 + 11) % 40).mesh.id, number));
    const all = Promise.all(sent);
    await after(3_000, all);
    for (const { inbox } of world.members) expect(inbox).toHaveLength(1);
  });
});
