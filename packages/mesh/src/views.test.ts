import type { NodeId } from "@p2p/wire";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { seededRandom, ViewsWorld } from "./testing/views-world.js";
import type { ViewEffect, ViewOptions } from "./view-events.js";
import { Views } from "./views.js";

const id = (text: string) => text as NodeId; // views never look inside an id

function views(options: Partial<ViewOptions> = {}): Views {
  return new Views({
    self: id("self"),
    activeMin: 4,
    activeTarget: 6,
    activeMax: 12,
    passiveSize: 30,
    bootstrap: [],
    random: seededRandom(1),
    ...options,
  });
}

const of = (effects: readonly ViewEffect[], kind: ViewEffect["kind"]) => effects.filter((each) => each.kind === kind);

describe("a whole network of views", () => {
  test("[MESH-020] every network of up to 13 nodes becomes fully connected (property)", () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer({ min: 2, max: 13 }), (seed, count) => {
        const world = new ViewsWorld(seed);
        const random = seededRandom(seed);
        for (let number = 0; number < count; number += 1) {
          world.join(number, number === 0 ? [] : [Math.floor(random() * number)]);
          if (random() < 0.3) world.run(1);
        }
        world.run(60);
        expect(world.degrees()).toEqual(new Array(count).fill(count - 1));
      }),
      { numRuns: 40 },
    );
  });

  test("[MESH-021] a large network over one seed is connected, with 4 to 12 links a node (property)", () => {
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        const world = new ViewsWorld(seed);
        for (let number = 0; number < 100; number += 1) world.join(number, [0]);
        world.run(60);
        expect(world.isConnected).toBe(true);
        for (const degree of world.degrees()) {
          expect(degree).toBeGreaterThanOrEqual(4);
          expect(degree).toBeLessThanOrEqual(12);
        }
      }),
      { numRuns: 10 },
    );
  });

  test("[MESH-022] it heals when a third of it dies at once, the seed too (property)", () => {
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        const world = new ViewsWorld(seed);
        for (let number = 0; number < 60; number += 1) world.join(number, [0]);
        world.run(120);
        for (let number = 0; number < 20; number += 1) world.kill(world.name(number * 3));
        world.run(60);
        expect(world.isConnected).toBe(true);
        for (const degree of world.degrees()) expect(degree).toBeGreaterThanOrEqual(4);
        for (const degree of world.degrees()) expect(degree).toBeLessThanOrEqual(12);
      }),
      { numRuns: 10 },
    );
  });

  test("[MESH-023] it comes to rest: after two quiet minutes no more dials and closes", () => {
    const world = new ViewsWorld(7);
    for (let number = 0; number < 100; number += 1) world.join(number, [0]);
    world.run(180);
    const before = new Map(world.counts);
    world.run(120);
    expect((world.counts.get("dial") ?? 0) - (before.get("dial") ?? 0)).toBeLessThanOrEqual(2);
    expect(world.counts.get("close")).toBe(before.get("close"));
    // One random link each 30 s, and nobody else.
    expect((world.counts.get("sendPeers") ?? 0) - (before.get("sendPeers") ?? 0)).toBeLessThan(100 * 8);
  });

  test("[MESH-027] two networks with bootstrap addresses of each other find one another later", () => {
    const world = new ViewsWorld(3);
    world.join(0, [100]);
    for (let number = 1; number < 8; number += 1) world.join(number, [0]);
    world.run(30);
    world.join(100, []);
    for (let number = 101; number < 108; number += 1) world.join(number, [100]);
    expect(world.isConnected).toBe(false);
    world.run(1_000);
    expect(world.isConnected).toBe(true);
  });
});

describe("bootstrap addresses [MESH-027]", () => {
  test("a lonely node dials them with backoff and jitter, one that has links only every ten minutes", () => {
    const lonely = views({ bootstrap: ["tcp://10.0.0.1:1"] });
    const dialsAt: number[] = [];
    for (let nowMs = 0; nowMs < 100_000; nowMs += 500) {
      for (const effect of of(lonely.step({ kind: "tick" }, nowMs), "dial")) {
        if (effect.kind !== "dial") continue;
        dialsAt.push(nowMs);
        lonely.step({ kind: "dialled", target: effect.target, outcome: { kind: "failed" } }, nowMs);
      }
    }
    expect(dialsAt.length).toBeGreaterThanOrEqual(4);
    expect(dialsAt.length).toBeLessThanOrEqual(7);
    const [first, second, third] = dialsAt as [number, number, number];
    expect(first).toBe(0);
    expect(second - first).toBeLessThanOrEqual(2_000);
    expect(third - second).toBeGreaterThanOrEqual(2_500);
  });

  test("a node that finds itself there does not dial again while others answer", () => {
    const own = views({ bootstrap: ["tcp://10.0.0.1:1"] });
    const [dial] = own.step({ kind: "tick" }, 0);
    expect(dial).toMatchObject({ kind: "dial", target: { kind: "bootstrap" } });
    if (dial?.kind === "dial") own.step({ kind: "dialled", target: dial.target, outcome: { kind: "unfit" } }, 0);
    for (let nowMs = 0; nowMs < 250_000; nowMs += 1_000) expect(own.step({ kind: "tick" }, nowMs)).toEqual([]);
  });
});

describe("a full active view", () => {
  /** A view with `count` inbound links that say they have `others` other links, in a network known to be large. */
  function full(count: number, others: number): Views {
    const full = views();
    for (let number = 0; number < count; number += 1) {
      const peer = id(`in${number}`);
      full.step({ kind: "linkUp", id: peer, outbound: false, addresses: [`memory://${peer}`] }, 0);
      full.step({ kind: "neighbour", from: peer, links: others, wantsPeers: false }, 0);
    }
    return full;
  }

  test("[MESH-024] turns away a node that has more links than its own, with a peers message before the close", () => {
    const view = full(12, 3);
    view.step({ kind: "linkUp", id: id("new"), outbound: false, addresses: [] }, 1);
    expect(view.step({ kind: "neighbour", from: id("new"), links: 4, wantsPeers: false }, 1)).toEqual([]);
    expect(of(view.step({ kind: "tick" }, 2_000), "close")).toEqual([]);
    const effects = view.step({ kind: "tick" }, 2_001);
    const toNew = effects.filter(
      (each) => each.kind === "close" || (each.kind === "sendPeers" && each.to === id("new")),
    );
    expect(toNew.map((each) => each.kind)).toEqual(["sendPeers", "close"]);
    expect(toNew[1]).toEqual({ kind: "close", id: "new", cause: "view-full" });
    expect(view.active).toHaveLength(12);
  });

  test("[MESH-025] takes a node that has no other link, and drops the link whose peer has most", () => {
    const view = full(12, 3);
    view.step({ kind: "neighbour", from: id("in5"), links: 9, wantsPeers: false }, 1);
    view.step({ kind: "linkUp", id: id("new"), outbound: false, addresses: [] }, 1);
    view.step({ kind: "neighbour", from: id("new"), links: 0, wantsPeers: false }, 1);
    const effects = view.step({ kind: "tick" }, 2_001);
    expect(of(effects, "close")).toEqual([{ kind: "close", id: "in5", cause: "view-full" }]);
    expect(view.active).toContain("new");
  });

  test("[MESH-025] nobody is cut off while all depend on this node, until the guests are too many", () => {
    const view = full(12, 0);
    let closed = 0;
    for (let number = 0; number < 60; number += 1) {
      const peer = id(`guest${number}`);
      closed += of(view.step({ kind: "linkUp", id: peer, outbound: false, addresses: [] }, 1), "close").length;
      const effects = view.step({ kind: "neighbour", from: peer, links: 0, wantsPeers: false }, 1);
      closed += of(effects, "close").length;
    }
    expect(closed).toBe(40);
    expect(view.active).toHaveLength(32);
    // As soon as the guests have links of their own, they go.
    for (const guest of view.active) view.step({ kind: "neighbour", from: guest, links: 5, wantsPeers: false }, 2);
    expect(view.active).toHaveLength(32);
    view.step({ kind: "tick" }, 2_002);
    expect(view.active).toHaveLength(12);
  });

  test("[MESH-026] those who join cannot cut a node off: its last four links to others stay while it has guests", () => {
    const view = views();
    const old = Array.from({ length: 7 }, (_, number) => id(`old${number}`));
    for (const peer of old) {
      view.step({ kind: "linkUp", id: peer, outbound: false, addresses: [] }, 0);
      view.step({ kind: "neighbour", from: peer, links: 7, wantsPeers: false }, 0);
    }
    for (let number = 0; number < 60; number += 1) {
      const peer = id(`guest${number}`);
      const atMs = 3_000 + 100 * number;
      view.step({ kind: "linkUp", id: peer, outbound: false, addresses: [] }, atMs);
      view.step({ kind: "neighbour", from: peer, links: 0, wantsPeers: false }, atMs);
      view.step({ kind: "tick" }, atMs + 50);
    }
    expect(view.active.filter((peer) => old.includes(peer))).toHaveLength(4);
    expect(view.active).toHaveLength(32);
    // With guests that have found others, the links are counted as ever.
    for (const peer of view.active) view.step({ kind: "neighbour", from: peer, links: 6, wantsPeers: false }, 20_000);
    view.step({ kind: "tick" }, 22_001);
    expect(view.active).toHaveLength(12);
  });

  test("[MESH-026] inbound links cannot take the place of the links that the node dialled", () => {
    const view = views();
    for (let number = 0; number < 4; number += 1) {
      view.step({ kind: "linkUp", id: id(`out${number}`), outbound: true, addresses: [`memory://out${number}`] }, 0);
      view.step({ kind: "neighbour", from: id(`out${number}`), links: 50, wantsPeers: false }, 0);
    }
    for (let number = 0; number < 100; number += 1) {
      view.step(
        { kind: "linkUp", id: id(`sybil${number}`), outbound: false, addresses: [`memory://sybil${number}`] },
        1,
      );
      view.step({ kind: "neighbour", from: id(`sybil${number}`), links: number % 3, wantsPeers: false }, 1);
    }
    expect(view.active.filter((each) => each.startsWith("out"))).toHaveLength(4);
  });

  test("[MESH-026] a node with nothing but inbound links dials four of its own", () => {
    const view = full(12, 3);
    const dials: ViewEffect[] = [];
    for (let number = 0; number < 5; number += 1) {
      const entries = [{ id: id(`far${number}`), addresses: [`memory://far${number}`] }];
      dials.push(...of(view.step({ kind: "peers", from: id(`in${number}`), entries }, 1), "dial"));
    }
    expect(dials).toHaveLength(4);
    for (const dial of dials) {
      if (dial.kind !== "dial" || dial.target.kind !== "node") continue;
      const { id: peer, addresses } = dial.target;
      view.step({ kind: "linkUp", id: peer, outbound: true, addresses }, 2);
      const effects = view.step({ kind: "neighbour", from: peer, links: 5, wantsPeers: false }, 2_002);
      expect(of(effects, "close")).toHaveLength(1);
      view.step({ kind: "dialled", target: dial.target, outcome: { kind: "connected", id: peer } }, 2);
    }
    expect(view.active).toHaveLength(12);
  });
});

describe("peer exchange", () => {
  test("[MESH-031] not more than one unasked peers message in 10 s to a link, however much changes", () => {
    const view = views();
    const sentAt: number[] = [];
    const note = (effects: readonly ViewEffect[], nowMs: number) => {
      for (const each of effects) if (each.kind === "sendPeers" && each.to === id("a")) sentAt.push(nowMs);
    };
    for (const peer of ["b", "a"]) {
      note(view.step({ kind: "linkUp", id: id(peer), outbound: false, addresses: [`memory://${peer}`] }, 0), 0);
    }
    for (let nowMs = 0; nowMs < 60_000; nowMs += 500) {
      const entries = [{ id: id(`n${nowMs}`), addresses: [`memory://n${nowMs}`] }];
      if (nowMs % 10_000 === 0) note(view.step({ kind: "peers", from: id("b"), entries }, nowMs), nowMs);
      note(view.step({ kind: "neighbour", from: id("a"), links: 1, wantsPeers: true }, nowMs), nowMs);
      note(view.step({ kind: "tick" }, nowMs), nowMs);
    }
    expect(sentAt.length).toBeGreaterThan(3);
    for (const [at, ms] of sentAt.entries())
      if (at > 0) expect(ms - (sentAt[at - 1] ?? 0)).toBeGreaterThanOrEqual(10_000);
  });

  test("[MESH-033] peers messages beyond the rate are ignored, then the link is closed", () => {
    const view = views();
    view.step({ kind: "linkUp", id: id("a"), outbound: false, addresses: [] }, 0);
    const outcomes = [];
    for (let number = 0; number < 14; number += 1) {
      const entries = [{ id: id(`n${number}`), addresses: [`memory://n${number}`] }];
      outcomes.push(of(view.step({ kind: "peers", from: id("a"), entries }, 0), "close").length);
    }
    expect(view.passive.size).toBe(3);
    expect(outcomes).toEqual([...new Array(13).fill(0), 1]);
  });

  test("[MESH-046] neighbour messages beyond the rate are ignored, then the link is closed", () => {
    const view = views();
    view.step({ kind: "linkUp", id: id("a"), outbound: false, addresses: [] }, 0);
    let closes = 0;
    for (let number = 0; number < 200; number += 1) {
      closes += of(view.step({ kind: "neighbour", from: id("a"), links: 1, wantsPeers: true }, 0), "close").length;
    }
    expect(closes).toBe(1);
  });

  test("[MESH-037] one peer cannot fill the passive view, nor take the places of what others told", () => {
    const view = views();
    for (const peer of ["a", "b", "c", "evil"]) {
      view.step({ kind: "linkUp", id: id(peer), outbound: true, addresses: [`memory://${peer}`] }, 0);
    }
    for (const peer of ["a", "b", "c"]) {
      const entries = Array.from({ length: 7 }, (_, n) => ({
        id: id(`${peer}${n}`),
        addresses: [`memory://${peer}${n}`],
      }));
      view.step({ kind: "peers", from: id(peer), entries }, 0);
    }
    const before = view.passive.size;
    for (let round = 0; round < 60; round += 1) {
      const nowMs = round * 10_000;
      const entries = Array.from({ length: 1_000 }, (_, n) => ({
        id: id(`sybil${round}-${n}`),
        addresses: [`tcp://10.${round}.${n >> 8}.${n & 255}:1`],
      }));
      view.step({ kind: "peers", from: id("evil"), entries }, nowMs);
    }
    const sample = view.passive.sample(30);
    expect(sample.filter((each) => each.id.startsWith("sybil")).length).toBeLessThanOrEqual(8);
    expect(sample.filter((each) => /^[abc]\d/.test(each.id)).length).toBe(before);
  });

  test("[MESH-037] a peer cannot redirect a node that others told, nor one that was a link", () => {
    const view = views({ activeMax: 1, activeMin: 0, activeTarget: 0 });
    for (const peer of ["a", "evil"]) {
      view.step({ kind: "linkUp", id: id(peer), outbound: true, addresses: [`memory://${peer}`] }, 0);
    }
    view.step({ kind: "peers", from: id("a"), entries: [{ id: id("x"), addresses: ["memory://x"] }] }, 0);
    view.step({ kind: "linkDown", id: id("a"), cause: "gone" }, 0);
    const lies = ["x", "a"].map((each) => ({ id: id(each), addresses: ["memory://trap"] }));
    view.step({ kind: "peers", from: id("evil"), entries: lies }, 0);
    expect(view.passive.sample(30).flatMap((each) => each.addresses)).not.toContain("memory://trap");
  });

  test("[MESH-036] addresses on one host fill at most a quarter of the passive view", () => {
    const view = views();
    for (let peer = 0; peer < 6; peer += 1) {
      view.step({ kind: "linkUp", id: id(`p${peer}`), outbound: true, addresses: [] }, 0);
      const entries = Array.from({ length: 7 }, (_, n) => ({
        id: id(`v${peer}-${n}`),
        addresses: [`tcp://10.0.0.9:${1 + peer * 10 + n}`],
      }));
      view.step({ kind: "peers", from: id(`p${peer}`), entries }, 0);
    }
    expect(view.passive.size).toBe(8);
  });

  test("[MESH-038] a node that cannot be reached is dialled four times, then forgotten and not believed in again", () => {
    const view = views();
    view.step({ kind: "linkUp", id: id("a"), outbound: true, addresses: [] }, 0);
    const entries = [{ id: id("ghost"), addresses: ["memory://ghost"] }];
    let dials = 0;
    for (let nowMs = 0; nowMs < 200_000; nowMs += 1_000) {
      const effects = [...view.step({ kind: "tick" }, nowMs)];
      if (nowMs % 20_000 === 0) effects.push(...view.step({ kind: "peers", from: id("a"), entries }, nowMs));
      for (const effect of effects) {
        if (effect.kind !== "dial") continue;
        dials += 1;
        view.step({ kind: "dialled", target: effect.target, outcome: { kind: "failed" } }, nowMs);
      }
    }
    expect(dials).toBe(4);
    expect(view.passive.size).toBe(0);
  });

  test("[MESH-038] an address where somebody else answers is forgotten", () => {
    const view = views();
    view.step({ kind: "linkUp", id: id("a"), outbound: true, addresses: [] }, 0);
    const entries = [{ id: id("x"), addresses: ["memory://y"] }];
    const [dial] = of(view.step({ kind: "peers", from: id("a"), entries }, 0), "dial");
    if (dial?.kind !== "dial") throw new Error("expected a dial");
    view.step({ kind: "dialled", target: dial.target, outcome: { kind: "connected", id: id("y") } }, 0);
    expect(view.passive.has(id("x"))).toBe(false);
    expect(of(view.step({ kind: "peers", from: id("a"), entries }, 20_000), "dial")).toEqual([]);
  });
});
