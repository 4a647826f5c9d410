// Meshes of one process for the tests: one network in memory, one manual clock, wrong wall clocks and sudden deaths.
import { type Channel, type Clock, MemoryNetwork, memoryTransport, type TimerHandle, type Transport } from "@p2p/base";
import { ManualClock, seededRandom } from "@p2p/base/testing";
import { Mesh } from "../mesh.js";
import type { Message } from "../message.js";
import type { MeshOptions } from "../options.js";

/** A clock whose wall is wrong. */
class WrongClock implements Clock {
  readonly #clock: Clock;
  readonly #offsetMs: number;

  constructor(clock: Clock, offsetMs: number) {
    this.#clock = clock;
    this.#offsetMs = offsetMs;
  }

  now(): number {
    return this.#clock.now() + this.#offsetMs;
  }

  monotonic(): number {
    return this.#clock.monotonic();
  }

  setTimeout(run: () => void, delayMs: number): TimerHandle {
    return this.#clock.setTimeout(run, delayMs);
  }

  clearTimeout(handle: TimerHandle): void {
    this.#clock.clearTimeout(handle);
  }

  queue(run: () => void): void {
    this.#clock.queue(run);
  }
}

/** A mesh with what it received. */
export interface Member {
  readonly mesh: Mesh;
  readonly inbox: Message[];
  readonly errors: Error[];
  /** Why neighbours went. */
  readonly goodbyes: string[];
  readonly address: string;
  /** Drops all its connections without a word, and refuses new ones. */
  kill(): void;
}

export interface MemberOptions extends Partial<MeshOptions> {
  /** How wrong its wall clock is, in ms. */
  readonly wallOffsetMs?: number;
  /** Called before it is opened. */
  readonly prepare?: (mesh: Mesh) => void;
}

export class Meshes {
  readonly clock: ManualClock = new ManualClock();
  readonly network: MemoryNetwork = new MemoryNetwork();
  readonly members: Member[] = [];
  readonly #seed: number;

  constructor(seed = 1) {
    this.#seed = seed;
  }

  /** Opens a mesh at `memory://<number>`. */
  async add(options: MemberOptions = {}): Promise<Member> {
    const { wallOffsetMs = 0, prepare, ...given } = options;
    const number = this.members.length;
    const address = `memory://n${number}`;
    const channels = new Set<Channel>();
    let isDead = false;
    const clock = new WrongClock(this.clock, wallOffsetMs);
    const plain = memoryTransport({ network: this.network, clock });
    const transport: Transport = {
      scheme: plain.scheme,
      dial: async (to, dialOptions) => {
        if (isDead) throw new Error("dead");
        const channel = await plain.dial(to, dialOptions);
        channels.add(channel);
        return channel;
      },
      listen: (at, onChannel) =>
        plain.listen(at, (channel) => {
          channels.add(channel);
          if (isDead) channel.destroy();
          else onChannel(channel);
        }),
    };
    const random = seededRandom(this.#seed * 1_000 + number);
    const mesh = new Mesh({ network: "test", listen: [address], transports: [transport], clock, random, ...given });
    const member: Member = {
      mesh,
      inbox: [],
      errors: [],
      goodbyes: [],
      address,
      kill() {
        isDead = true;
        for (const channel of channels) channel.destroy();
      },
    };
    mesh.on("message", (message) => member.inbox.push(message));
    mesh.on("error", (error) => member.errors.push(error));
    mesh.on("peerDisconnected", (_peer, reason) => member.goodbyes.push(reason.name));
    this.members.push(member);
    prepare?.(mesh);
    await mesh.open();
    return member;
  }

  /** Members that tell nobody where they listen, so that the links are those of `edges` and no others. */
  async fixed(
    count: number,
    edges: readonly (readonly [number, number])[],
    options: MemberOptions = {},
  ): Promise<void> {
    const meshLimits = { activeMax: 100, ...options.meshLimits };
    for (let number = 0; number < count; number += 1) await this.add({ advertise: [], ...options, meshLimits });
    for (const [from, to] of edges) await this.link(from, to);
    await this.clock.settle();
  }

  async link(from: number, to: number): Promise<void> {
    const dialled = this.at(from).mesh.node.dial(this.at(to).address);
    await this.clock.settle();
    await dialled;
  }

  at(number: number): Member {
    const member = this.members[number];
    if (member === undefined) throw new RangeError(`no member ${number}`);
    return member;
  }

  /** Data received by each, in order of coming. */
  get received(): unknown[][] {
    return this.members.map((member) => member.inbox.map((message) => message.data));
  }

  /** Broadcast frames sent by all since the start. */
  get frames(): number {
    return this.members.reduce((sum, member) => sum + member.mesh.counters.framesSent, 0);
  }

  async close(): Promise<void> {
    const closed = Promise.all(this.members.map((member) => member.mesh.close()));
    let isClosed = false;
    void closed.then(() => {
      isClosed = true;
    });
    for (let round = 0; round < 100 && !isClosed; round += 1) await this.clock.advance(1_000);
    await closed;
  }
}
