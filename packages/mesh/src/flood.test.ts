import {
  codecs,
  compressFrame,
  decodeBody,
  type Frame,
  FrameDecoder,
  FrameWriter,
  inflateFrame,
  type NodeId,
  NodeIdCache,
  nodeIdFromBytes,
  Timestamper,
  type WireValue,
} from "@p2p/wire";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { MeshError } from "./errors.js";
import { Flood, type FloodLink } from "./flood.js";
import type { Message } from "./message.js";
import { SeenCache } from "./seen.js";
import { seededRandom } from "./testing/views-world.js";
import { Validators, type Verdict } from "./validators.js";

interface Link extends FloodLink {
  codecs: number[];
}

/** One node that does nothing but flood. */
class Member {
  readonly bytes: Uint8Array;
  readonly id: NodeId;
  readonly links = new Map<NodeId, Link>();
  readonly inbox: Message[] = [];
  readonly rejected: NodeId[] = [];
  readonly errors: MeshError[] = [];
  readonly learned: [NodeId, NodeId][] = [];
  readonly blocked: NodeId[] = [];
  waiting: [number, number] = [0, 0];
  readonly validators = new Validators();
  readonly flood: Flood<Link>;
  readonly #writer = new FrameWriter();
  readonly #times: Timestamper;

  constructor(number: number, wallMs = 1_000) {
    this.bytes = new Uint8Array(48).fill(number + 1);
    this.id = nodeIdFromBytes(this.bytes);
    this.#times = new Timestamper(() => wallMs);
    this.flood = new Flood<Link>({
      self: this.bytes,
      links: this.links,
      seen: new SeenCache({ capacity: 1_024, lifetimeMs: 120_000, salt: [1, 2] }, 0),
      signing: undefined,
      validators: this.validators,
      names: new NodeIdCache(),
      monotonic: () => 0,
      sink: {
        deliver: (message) => this.inbox.push(message),
        learned: (origin, link) => this.learned.push([origin, link.id]),
        blocked: (link) => this.blocked.push(link.id),
        rejected: (link) => this.rejected.push(link.id),
        failed: (error) => this.errors.push(error),
        waiting: (count, bytes) => {
          this.waiting = [count, bytes];
        },
      },
    });
  }

  frame(items: WireValue[]): Uint8Array {
    return this.#writer.write(0, this.bytes, this.#times.next(), items);
  }

  broadcast(data: WireValue): void {
    this.flood.originate(this.frame([0, "message", data]));
  }
}

/** Members whose frames wait in one queue, from which they are taken in any order. */
class World {
  readonly members: Member[] = [];
  readonly queue: (() => void)[] = [];
  readonly random: () => number;
  frames = 0;
  edges = 0;

  constructor(seed = 1, count = 0) {
    this.random = seededRandom(seed);
    for (let number = 0; number < count; number += 1) this.members.push(new Member(number));
  }

  link(a: number, b: number): void {
    const [one, two] = [this.members[a], this.members[b]] as [Member, Member];
    if (one.links.has(two.id)) return;
    this.edges += 1;
    for (const [from, to] of [[one, two] as const, [two, one] as const]) {
      from.links.set(to.id, {
        id: to.id,
        codecs: [0, 1, 2],
        readsCodec(codec) {
          return this.codecs.includes(codec);
        },
        sendFrame: (frame) => {
          this.frames += 1;
          this.queue.push(() => receive(to, from.id, frame));
          return true;
        },
      });
    }
  }

  run(): void {
    while (this.queue.length > 0) {
      const [job] = this.queue.splice(Math.floor(this.random() * this.queue.length), 1);
      job?.();
    }
  }
}

function receive(to: Member, from: NodeId, bytes: Uint8Array): void {
  new FrameDecoder().push(bytes, (frame: Frame) => {
    const raw = inflateFrame(frame);
    const link = to.links.get(from);
    if (link !== undefined) to.flood.receive(link, decodeBody(raw), frame, raw);
  });
}

const shapes: [string, number, number, (world: World) => void][] = [
  ["a line of 5", 5, 4, (world) => [1, 2, 3, 4].forEach((n) => void world.link(n - 1, n))],
  ["a ring of 6", 6, 7, (world) => [0, 1, 2, 3, 4, 5].forEach((n) => void world.link(n, (n + 1) % 6))],
  ["a triangle", 3, 4, (world) => [0, 1, 2].forEach((n) => void world.link(n, (n + 1) % 3))],
  ["a star of 8", 8, 7, (world) => [1, 2, 3, 4, 5, 6, 7].forEach((n) => void world.link(0, n))],
];

describe("in every topology each node gets each broadcast once", () => {
  test.each(shapes)(
    "[MESH-002] [MESH-003] [MESH-005] [MESH-006] %s: %i nodes, %i frames",
    (_name, count, frames, join) => {
      const world = new World(1, count);
      join(world);
      for (const origin of world.members) {
        world.frames = 0;
        origin.broadcast(`from ${origin.id}`);
        world.run();
        expect(world.frames).toBe(frames);
      }
      for (const member of world.members) {
        expect(member.inbox.map((message) => message.from).sort()).toEqual(
          world.members
            .filter((each) => each !== member)
            .map((each) => each.id)
            .sort(),
        );
      }
    },
  );

  test("[MESH-002] [MESH-003] [MESH-005] [MESH-006] random networks of 50, frames in any order: 2e - (n - 1) (property)", () => {
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        const world = new World(seed, 50);
        for (let number = 1; number < 50; number += 1) {
          for (let extra = 0; extra < 3; extra += 1) world.link(number, Math.floor(world.random() * number));
        }
        for (let round = 0; round < 3; round += 1) {
          world.frames = 0;
          world.members[Math.floor(world.random() * 50)]?.broadcast(round);
          world.run();
          expect(world.frames).toBe(2 * world.edges - 49);
        }
        const all = world.members.map((member) => member.inbox.length).reduce((sum, each) => sum + each, 0);
        expect(all).toBe(3 * 49);
      }),
      { numRuns: 20 },
    );
  });

  test("[MESH-007] the own message that comes back is dropped unseen", () => {
    const world = new World(1, 2);
    world.link(0, 1);
    const [one, two] = world.members as [Member, Member];
    const frame = one.frame([0, "message", 1]);
    receive(one, two.id, frame);
    expect(one.inbox).toEqual([]);
    expect([one.flood.counters.duplicates, world.frames]).toEqual([1, 0]);
  });

  test("[MESH-013] [MESH-014] clocks wrong by ten minutes, or by decades, change nothing; equal messages come twice", () => {
    const world = new World(1);
    for (const [number, wallMs] of [0, 600_000, 1_200_000, 8e12].entries())
      world.members.push(new Member(number, wallMs));
    for (let number = 1; number < 4; number += 1) world.link(number - 1, number);
    for (const member of world.members) {
      member.broadcast("same");
      member.broadcast("same");
    }
    world.run();
    for (const member of world.members)
      expect(member.inbox.map((each) => each.data)).toEqual(new Array(6).fill("same"));
  });
});

describe("what is passed on", () => {
  function pair(): [World, Member, Member, Uint8Array[]] {
    const world = new World(1, 3);
    world.link(0, 1);
    world.link(1, 2);
    const [origin, relay] = world.members as [Member, Member];
    const passed: Uint8Array[] = [];
    const link = relay.links.get((world.members[2] as Member).id) as Link;
    link.sendFrame = (frame) => {
      passed.push(frame);
      return passed.length < 3;
    };
    return [world, origin, relay, passed];
  }

  test("[MESH-008] the very bytes, even where another encoder would write others", () => {
    const [, origin, relay, passed] = pair();
    const frame = origin.frame([0, "message", 7]);
    // The same body with its last integer in a longer form than needed.
    const longer = new Uint8Array(frame.length + 1);
    longer.set(frame);
    longer.set([0xcc, 7], frame.length - 1);
    longer[3] = (frame[3] as number) + 1;
    receive(relay, origin.id, longer);
    expect(passed).toEqual([longer]);
    expect(relay.inbox[0]?.data).toBe(7);
  });

  test("[MESH-009] a compressed frame as it came, or inflated for who does not read its codec", () => {
    const [, origin, relay, passed] = pair();
    const link = [...relay.links.values()].find((each) => each.id !== origin.id) as Link;
    const plain = origin.frame([0, "message", "a".repeat(2_000)]);
    const small = compressFrame(plain, codecs.zlib);
    expect(small.length).toBeLessThan(plain.length);
    receive(relay, origin.id, small);
    link.codecs = [0];
    const plain2 = origin.frame([0, "message", "b".repeat(2_000)]);
    receive(relay, origin.id, compressFrame(plain2, codecs.zlib));
    expect(passed).toEqual([small, plain2]);
    expect(relay.inbox).toHaveLength(2);
  });

  test("[MESH-009] compressed and plain forms of one body are one message", () => {
    const [, origin, relay, passed] = pair();
    const plain = origin.frame([0, "message", "a".repeat(2_000)]);
    for (const form of [compressFrame(plain, codecs.gzip), plain, compressFrame(plain, codecs.zlib)]) {
      receive(relay, origin.id, form);
    }
    expect([passed.length, relay.inbox.length]).toEqual([1, 1]);
  });

  test("[MESH-016] a broadcast of a later kind is passed on, not delivered; [MESH-047] further items do not matter", () => {
    const [, origin, relay, passed] = pair();
    receive(relay, origin.id, origin.frame([77, { any: "thing" }]));
    expect([passed.length, relay.inbox.length]).toEqual([1, 0]);
    receive(relay, origin.id, origin.frame([0, "message", 1, "later"]));
    expect([passed.length, relay.inbox.length]).toEqual([2, 1]);
  });

  test("[MESH-004] a broadcast without type or data is an error, and goes no further", () => {
    const [, origin, relay, passed] = pair();
    for (const items of [[0], [0, "message"], [0, 5, 5], [0, null, 1]] as WireValue[][]) {
      expect(() => receive(relay, origin.id, origin.frame(items))).toThrow(MeshError);
    }
    expect([passed.length, relay.inbox.length]).toEqual([0, 0]);
  });

  test("[MESH-072] a link that takes no more is told of", () => {
    const [, origin, relay] = pair();
    for (let number = 0; number < 4; number += 1) receive(relay, origin.id, origin.frame([0, "message", number]));
    expect(relay.blocked).toHaveLength(2);
  });

  test("[MESH-062] the link that brings an origin's messages first is learned, again after it was lost", () => {
    const [, origin, relay] = pair();
    for (let number = 0; number < 3; number += 1) receive(relay, origin.id, origin.frame([0, "message", number]));
    expect(relay.learned).toEqual([[origin.id, origin.id]]);
    relay.flood.unlearn();
    receive(relay, origin.id, origin.frame([0, "message", 9]));
    expect(relay.learned).toHaveLength(2);
  });

  test("[MESH-006] a message shows its parts", () => {
    const [, origin, relay] = pair();
    receive(relay, origin.id, origin.frame([0, "chat", "hello"]));
    const [message] = relay.inbox;
    expect(message).toMatchObject({ type: "chat", data: "hello", from: origin.id, via: origin.id, isBroadcast: true });
    expect(message?.id).toHaveLength(32);
    expect(message?.time).toBeTypeOf("number");
  });
});

describe("validators", () => {
  function judged(verdict: () => Verdict | Promise<Verdict>): {
    relay: Member;
    world: World;
    send: (data: WireValue) => void;
  } {
    const world = new World(1, 3);
    world.link(0, 1);
    world.link(1, 2);
    const [origin, relay] = world.members as [Member, Member];
    relay.validators.set("message", verdict);
    return {
      relay,
      world,
      send: (data) => {
        receive(relay, origin.id, origin.frame([0, "message", data]));
      },
    };
  }

  test.each([
    ["accept", 1, 0],
    ["ignore", 0, 0],
    ["reject", 0, 1],
  ] as const)("[MESH-050] [MESH-051] %s, at once or later", async (verdict, passed, blamed) => {
    const now = judged(() => verdict);
    now.send(1);
    expect([now.relay.inbox.length, now.world.frames, now.relay.rejected.length]).toEqual([passed, passed, blamed]);
    const later = judged(() => Promise.resolve(verdict));
    later.send(1);
    expect([later.relay.inbox.length, later.world.frames]).toEqual([0, 0]);
    expect(later.relay.waiting[0]).toBe(1);
    await new Promise((resolve) => setImmediate(resolve));
    expect([later.relay.inbox.length, later.world.frames, later.relay.rejected.length]).toEqual([
      passed,
      passed,
      blamed,
    ]);
    expect(later.relay.waiting).toEqual([0, 0]);
  });

  test("[MESH-051] one that throws, rejects or answers nonsense lets nothing through, and is reported", async () => {
    const failures: (() => Verdict | Promise<Verdict>)[] = [
      () => {
        throw new Error("broken");
      },
      () => Promise.reject(new Error("broken")),
      () => "yes" as never,
      () => undefined as never,
    ];
    for (const failure of failures) {
      const { relay, world, send } = judged(failure);
      send(1);
      await new Promise((resolve) => setImmediate(resolve));
      expect([relay.inbox.length, world.frames, relay.rejected.length]).toEqual([0, 0, 0]);
      expect(relay.errors.map((error) => error.code)).toEqual(["validator-failed"]);
    }
  });

  test("[MESH-050] a message that comes again while its verdict is awaited is a duplicate", async () => {
    let calls = 0;
    const { relay, world } = judged(async (): Promise<Verdict> => {
      calls += 1;
      return "accept";
    });
    const origin = world.members[0] as Member;
    const frame = origin.frame([0, "message", 1]);
    receive(relay, origin.id, frame);
    receive(relay, origin.id, frame);
    await new Promise((resolve) => setImmediate(resolve));
    expect([calls, relay.inbox.length]).toEqual([1, 1]);
  });
});
