// Tables of one process for the tests: one network in memory, one manual clock, wrong wall clocks, partitions and sudden deaths.
import { type Channel, type Clock, MemoryNetwork, memoryTransport, type TimerHandle, type Transport } from "@p2p/base";
import { ManualClock, seededRandom } from "@p2p/base/testing";
import type { SyncOptions } from "../options.js";
import { Sync } from "../sync.js";

/** A clock whose wall is wrong. */
class WrongClock implements Clock {
  readonly #clock: Clock;
  offsetMs: number;

  constructor(clock: Clock, offsetMs: number) {
    this.#clock = clock;
    this.offsetMs = offsetMs;
  }

  now(): number {
    return this.#clock.now() + this.offsetMs;
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

/** A table with what it reported. */
export interface Member {
  readonly sync: Sync;
  readonly errors: Error[];
  /** Why neighbours went. */
  readonly goodbyes: string[];
  readonly address: string;
  readonly clock: WrongClock;
  /** Drops all its connections without a word, and refuses new ones. */
  kill(): void;
}

export interface MemberOptions extends Partial<SyncOptions> {
  /** How wrong its wall clock is, in ms. */
  readonly wallOffsetMs?: number;
}

export class Tables {
  readonly clock: ManualClock = new ManualClock();
  readonly network: MemoryNetwork = new MemoryNetwork();
  readonly members: Member[] = [];
  readonly #channels = new Map<number, Set<Channel>>();
  readonly #dead = new Set<number>();
  /** Sides of a partition by member; all are on one side at first. */
  readonly #sides = new Map<number, number>();
  readonly #seed: number;

  constructor(seed = 1) {
    this.#seed = seed;
  }

  /** Opens a table at `memory://n<number>`, that joins by the first member. */
  async add(options: MemberOptions = {}): Promise<Member> {
    const { wallOffsetMs = 0, ...given } = options;
    const number = this.members.length;
    const address = `memory://n${number}`;
    const clock = new WrongClock(this.clock, wallOffsetMs);
    const sync = new Sync({
      network: "test",
      listen: [address],
      bootstrap: number === 0 ? [] : ["memory://n0"],
      transports: [this.#transport(number, clock)],
      clock,
      random: seededRandom(this.#seed * 1_000 + number),
      ...given,
    });
    const errors: Error[] = [];
    const goodbyes: string[] = [];
    const kill = (): void => {
      this.#dead.add(number);
      for (const channel of this.#channels.get(number) ?? []) channel.destroy();
    };
    sync.on("error", (error) => errors.push(error));
    sync.mesh.on("peerDisconnected", (_peer, reason) => goodbyes.push(reason.name));
    const member: Member = { sync, errors, goodbyes, address, clock, kill };
    this.members.push(member);
    const opened = sync.open();
    await this.clock.settle();
    await opened;
    return member;
  }

  /** So many members, linked to one another. */
  async full(count: number, options: MemberOptions = {}): Promise<void> {
    for (let number = 0; number < count; number += 1) await this.add(options);
    await this.clock.advance(5_000);
  }

  /** Members that tell nobody where they listen, linked in a line. */
  async line(count: number, options: MemberOptions = {}): Promise<void> {
    for (let number = 0; number < count; number += 1) await this.add({ advertise: [], bootstrap: [], ...options });
    for (let number = 1; number < count; number += 1) await this.link(number - 1, number);
  }

  async link(from: number, to: number): Promise<void> {
    await this.run(this.at(from).mesh.node.dial(`memory://n${to}`));
    await this.clock.settle();
  }

  at(number: number): Sync {
    const member = this.members[number];
    if (member === undefined) throw new RangeError(`no member ${number}`);
    return member.sync;
  }

  /** Cuts the network: members with different sides cannot reach one another. */
  split(...sides: readonly (readonly number[])[]): void {
    this.#sides.clear();
    for (const [side, members] of sides.entries()) for (const member of members) this.#sides.set(member, side);
    for (const [number, channels] of this.#channels) {
      for (const channel of channels) {
        const peer = this.#peers.get(channel);
        if (peer !== undefined && !this.#canReach(number, peer)) channel.destroy();
      }
    }
  }

  heal(): void {
    this.#sides.clear();
  }

  /** The distinct digests of the tables. */
  get digests(): string[] {
    const all = this.members.filter((_, number) => !this.#dead.has(number)).map(({ sync }) => sync.digest());
    return [...new Set(all.map((digest) => digest.join(" ")))];
  }

  /** Waits for a promise of a table while time passes, for at most a virtual minute. */
  async run<T>(promise: Promise<T>): Promise<T> {
    let isSettled = false;
    const settle = (): void => {
      isSettled = true;
    };
    promise.then(settle, settle);
    await this.clock.settle();
    for (let second = 0; second < 60 && !isSettled; second += 1) await this.clock.advance(1_000);
    if (!isSettled) throw new Error("a promise has not settled within a minute");
    return promise;
  }

  async close(): Promise<void> {
    await this.run(Promise.all(this.members.map(({ sync }) => sync.close())));
  }

  readonly #peers = new Map<Channel, number>();

  #canReach(from: number, to: number): boolean {
    return (this.#sides.get(from) ?? 0) === (this.#sides.get(to) ?? 0);
  }

  #transport(number: number, clock: Clock): Transport {
    const plain = memoryTransport({ network: this.network, clock });
    const channels = new Set<Channel>();
    this.#channels.set(number, channels);
    return {
      scheme: plain.scheme,
      dial: async (to, options) => {
        const peer = Number(/n(\d+)/.exec(to)?.[1]);
        if (this.#dead.has(number) || !this.#canReach(number, peer)) throw new Error("unreachable");
        const channel = await plain.dial(to, options);
        channels.add(channel);
        this.#peers.set(channel, peer);
        return channel;
      },
      listen: (at, onChannel) =>
        plain.listen(at, (channel) => {
          channels.add(channel);
          if (this.#dead.has(number)) channel.destroy();
          else onChannel(channel);
        }),
    };
  }
}
