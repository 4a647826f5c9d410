import type { NodeId } from "@p2p/wire";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Router, type RouterEffect } from "./router.js";
import { Routes } from "./routes.js";
import { seededRandom } from "./testing/views-world.js";

const id = (text: string) => text as NodeId; // the router never looks inside an id
const idOf = (number: number) => id(`node${number}`);

interface Member {
  readonly router: Router;
  readonly links: Map<NodeId, true>;
  readonly seen: Set<string>;
  readonly inbox: string[];
}

/** Routers joined by links that lose what they are told to; time passes only in `expireAll`. */
class World {
  readonly members = new Map<NodeId, Member>();
  readonly queue: (() => void)[] = [];
  nowMs = 0;
  frames = 0;
  loses: (from: NodeId, to: NodeId, kind: RouterEffect["kind"]) => boolean = () => false;

  add(number: number): Member {
    const links = new Map<NodeId, true>();
    const self = idOf(number);
    const router = new Router({ self, attempts: 3, timeoutMs: 1_000, maxRoutes: 64, maxPending: 16 }, links);
    const member = { router, links, seen: new Set<string>(), inbox: [] };
    this.members.set(self, member);
    return member;
  }

  link(a: number, b: number): void {
    this.#member(idOf(a)).links.set(idOf(b), true);
    this.#member(idOf(b)).links.set(idOf(a), true);
  }

  cut(a: number, b: number): void {
    for (const [from, to] of [[idOf(a), idOf(b)] as const, [idOf(b), idOf(a)] as const]) {
      this.#member(from).links.delete(to);
      this.#member(from).router.routes.forgetLink(to);
    }
  }

  send(from: number, to: number, text: string): boolean[] {
    const done: boolean[] = [];
    const inner = new TextEncoder().encode(text);
    const effects = this.#member(idOf(from)).router.send(idOf(to), inner, text, this.nowMs, (ok) => done.push(ok));
    this.#perform(idOf(from), idOf(from), effects);
    this.run();
    return done;
  }

  run(): void {
    for (let job = this.queue.shift(); job !== undefined; job = this.queue.shift()) job();
  }

  expireAll(byMs: number): void {
    this.nowMs += byMs;
    for (const [self, member] of this.members) this.#perform(self, self, member.router.expire(this.nowMs));
    this.run();
  }

  #member(self: NodeId): Member {
    const member = this.members.get(self);
    if (member === undefined) throw new Error(`no ${self}`);
    return member;
  }

  #perform(self: NodeId, origin: NodeId, effects: readonly RouterEffect[]): void {
    for (const effect of effects) {
      if (effect.kind === "deliver") this.#member(self).inbox.push(new TextDecoder().decode(effect.inner));
      else if (effect.kind === "pass") {
        for (const to of effect.to) {
          this.#carry(self, to, effect.kind, (peer) => {
            const { routed } = effect;
            const text = new TextDecoder().decode(routed.inner);
            const isNew = add(peer.seen, `${routed.destination} ${routed.attempt} ${text}`);
            const isNewInner = routed.destination === to && add(peer.seen, text);
            const after = peer.router.routed(self, origin, routed, isNew, isNewInner, routed.inner);
            this.#perform(to, origin, after);
          });
        }
      } else {
        const sender = effect.kind === "acknowledge" ? self : origin;
        this.#carry(self, effect.to, effect.kind, (peer) => {
          const key = new TextDecoder().decode(effect.receipt.innerId);
          this.#perform(effect.to, sender, peer.router.receipt(self, sender, effect.receipt, key, this.nowMs));
        });
      }
    }
  }

  #carry(from: NodeId, to: NodeId, kind: RouterEffect["kind"], arrive: (peer: Member) => void): void {
    expect(this.#member(from).links.has(to)).toBe(true);
    this.frames += 1;
    if (this.loses(from, to, kind)) return;
    this.queue.push(() => arrive(this.#member(to)));
  }
}

function add(set: Set<string>, key: string): boolean {
  const isNew = !set.has(key);
  set.add(key);
  return isNew;
}

function line(count: number): World {
  const world = new World();
  for (let number = 0; number < count; number += 1) world.add(number);
  for (let number = 1; number < count; number += 1) world.link(number - 1, number);
  return world;
}

describe("a line of nodes", () => {
  test("[MESH-060] [MESH-064] a message reaches the far end once, and its receipt comes back", () => {
    const world = line(60);
    expect(world.send(0, 59, "hello")).toEqual([true]);
    expect(world.members.get(idOf(59))?.inbox).toEqual(["hello"]);
    expect(world.frames).toBe(2 * 59);
  });

  test("[MESH-061] more hops than 64 are not taken, and the origin is told in the end", () => {
    const world = line(70);
    const done = world.send(0, 69, "hello");
    for (let round = 0; round < 3; round += 1) world.expireAll(10_000);
    expect(done).toEqual([false]);
    expect(world.members.get(idOf(69))?.inbox).toEqual([]);
    expect(world.frames).toBe(3 * 65);
  });
});

describe("a network with side branches", () => {
  /** 0 - 1 - 2 - 3, with ten leaves at 1 and ten at 2. */
  function branched(): World {
    const world = line(4);
    for (let number = 10; number < 30; number += 1) {
      world.add(number);
      world.link(number, number < 20 ? 1 : 2);
    }
    return world;
  }

  test("[MESH-062] [MESH-063] an unknown way is flooded, a learned one is followed", () => {
    const world = branched();
    expect(world.send(0, 3, "first")).toEqual([true]);
    const flooded = world.frames;
    expect(flooded).toBe(1 + 11 + 1 + 3);
    expect(world.send(0, 3, "second")).toEqual([true]);
    expect(world.frames - flooded).toBe(6);
    expect(world.send(3, 0, "back")).toEqual([true]);
    expect(world.frames - flooded).toBe(12);
  });

  test("[MESH-065] a lost message is flooded again, and arrives once", () => {
    const world = branched();
    world.send(0, 3, "warm-up");
    world.frames = 0;
    let losses = 1;
    world.loses = (_from, to, kind) => kind === "pass" && to === idOf(3) && losses-- > 0;
    const done = world.send(0, 3, "hello");
    expect(done).toEqual([]);
    world.expireAll(1_000);
    expect(done).toEqual([true]);
    expect(world.members.get(idOf(3))?.inbox).toEqual(["warm-up", "hello"]);
  });

  test("[MESH-066] a lost receipt makes the message come twice, but it is delivered once", () => {
    const world = branched();
    let losses = 1;
    world.loses = (from, _to, kind) => kind !== "pass" && from === idOf(3) && losses-- > 0;
    const done = world.send(0, 3, "hello");
    expect(done).toEqual([]);
    world.expireAll(1_000);
    expect(done).toEqual([true]);
    expect(world.members.get(idOf(3))?.inbox).toEqual(["hello"]);
  });

  test("[MESH-067] nobody there: after all attempts the sender is told, and nothing is kept", () => {
    const world = branched();
    const done = world.send(0, 99, "hello");
    world.expireAll(999);
    world.expireAll(1);
    expect(done).toEqual([]);
    world.expireAll(2_000);
    expect(done).toEqual([]);
    world.expireAll(4_000);
    expect(done).toEqual([false]);
    expect(world.members.get(idOf(0))?.router.pending).toBe(0);
  });

  test("[MESH-064] a receipt from somebody else counts for nothing", () => {
    const links = new Map<NodeId, true>([[id("liar"), true]]);
    const router = new Router({ self: id("self"), attempts: 1, timeoutMs: 1_000, maxRoutes: 8, maxPending: 8 }, links);
    const done: boolean[] = [];
    router.send(id("far"), new Uint8Array(1), "key", 0, (ok) => done.push(ok));
    router.receipt(id("liar"), id("liar"), { origin: id("self"), hopsLeft: 3, innerId: new Uint8Array(32) }, "key", 1);
    expect(done).toEqual([]);
  });

  test("[MESH-062] a route that leads nowhere any more is not followed", () => {
    const world = branched();
    world.send(0, 3, "first");
    world.cut(2, 3);
    world.link(19, 3);
    expect(world.send(0, 3, "second")).toEqual([]);
    world.expireAll(1_000);
    expect(world.members.get(idOf(3))?.inbox).toEqual(["first", "second"]);
  });
});

test("[MESH-063] in any connected network a direct message arrives once, with at most two frames a link (property)", () => {
  fc.assert(
    fc.property(fc.integer(), fc.integer({ min: 2, max: 40 }), (seed, count) => {
      const random = seededRandom(seed);
      const world = new World();
      let edges = 0;
      for (let number = 0; number < count; number += 1) {
        world.add(number);
        for (let extra = 0; number > 0 && extra < 1 + random() * 3; extra += 1) {
          world.link(number, Math.floor(random() * number));
          edges += 1;
        }
      }
      const to = 1 + Math.floor(random() * (count - 1));
      expect(world.send(0, to, "hello")).toEqual([true]);
      expect(world.members.get(idOf(to))?.inbox).toEqual(["hello"]);
      expect(world.frames).toBeLessThanOrEqual(2 * edges + count);
    }),
  );
});

test("[MESH-062] routes are bounded, the oldest goes first", () => {
  const routes = new Routes(3);
  for (const [at, name] of ["a", "b", "c", "d"].entries()) routes.learn(id(name), id(`link${at % 2}`));
  expect(routes.size).toBe(3);
  expect(routes.get(id("a"))).toBeUndefined();
  routes.learn(id("b"), id("link0"));
  routes.learn(id("e"), id("link1"));
  expect(routes.get(id("c"))).toBeUndefined();
  routes.forgetLink(id("link1"));
  expect([routes.get(id("b")), routes.get(id("d")), routes.get(id("e"))]).toEqual(["link0", undefined, undefined]);
});
