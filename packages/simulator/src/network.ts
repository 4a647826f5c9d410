// The simulated network: which packets arrive, and when. Knows machines and packets, but nothing of what they carry.
import type { EventQueue } from "./event-queue.js";
import { Host } from "./host.js";
import { defaultConditions, drawLatencyUs, type LinkConditions, withConditions } from "./link-conditions.js";
import type { SeededRandom } from "./seeded-random.js";
import type { WorldTrace } from "./trace.js";

/** How streams hold out against loss; the figures of common TCP stacks, but for a shorter life. */
export interface StreamOptions {
  /** The wait before a lost packet is sent again, in ms; doubled each time. Default: 200. */
  readonly retransmitMs: number;
  /** How often a packet is sent again before its channel is given up and reset. Default: 8, so about 100 s. */
  readonly maxRetransmissions: number;
  /** How often a dial is tried again, after 1 s, 2 s and so on, before `dial-timeout`. Default: 5. */
  readonly maxDialRetries: number;
  /** Bytes of one channel that are on their way at most; the rest waits at the sender. Default: 262,144. */
  readonly windowBytes: number;
  /** Bytes written and not yet read by the peer from which `write` answers false. Default: 65,536. */
  readonly bufferBytes: number;
}

export const defaultStreamOptions: StreamOptions = Object.freeze({
  retransmitMs: 200,
  maxRetransmissions: 8,
  maxDialRetries: 5,
  windowBytes: 262_144,
  bufferBytes: 65_536,
});

/** Packets from these to those are lost. */
interface Cut {
  readonly from: ReadonlySet<string>;
  readonly to: ReadonlySet<string>;
}

/** The longest wait before a small notice of one end to the other is tried again. */
const maxNoticeWaitMs = 10_000;

export class Network {
  readonly queue: EventQueue;
  readonly trace: WorldTrace;
  readonly streams: StreamOptions;
  readonly #random: SeededRandom;
  readonly #hosts = new Map<string, Host>();
  readonly #links = new Map<string, LinkConditions>();
  /** When each direction of limited bandwidth has sent what it was given. */
  readonly #freeUs = new Map<string, number>();
  /** Of all links, without what disturbs them. */
  #conditions: LinkConditions;
  #disturbances: readonly Partial<LinkConditions>[] = [];
  #cuts: readonly Cut[] = [];

  constructor(
    queue: EventQueue,
    random: SeededRandom,
    trace: WorldTrace,
    options: { readonly conditions: LinkConditions; readonly streams: StreamOptions },
  ) {
    this.queue = queue;
    this.trace = trace;
    this.streams = options.streams;
    this.#random = random;
    this.#conditions = options.conditions;
  }

  addHost(name: string): Host {
    const host = new Host(name);
    this.#hosts.set(name, host);
    return host;
  }

  host(name: string): Host | undefined {
    return this.#hosts.get(name);
  }

  /** The conditions of all links that have none of their own, with what disturbs them now. */
  get conditions(): LinkConditions {
    return this.#disturbed(this.#conditions);
  }

  /** Changes the conditions of all links that have none of their own. @throws TypeError, RangeError */
  setConditions(changes: Partial<LinkConditions>): void {
    this.#conditions = withConditions(this.#conditions, changes);
    this.trace.record("conditions", undefined, { changes: textOf(changes) });
  }

  /**
   * Puts other conditions over those of every link, for a while. Of several that overlap the latest counts, and when none is
   * left all is as it was set. @returns what ends it @throws TypeError, RangeError
   */
  disturb(changes: Partial<LinkConditions>): () => void {
    withConditions(defaultConditions, changes);
    const disturbance = { ...changes };
    this.#disturbances = [...this.#disturbances, disturbance];
    this.trace.record("disturbed", undefined, { changes: textOf(changes) });
    return () => {
      if (!this.#disturbances.includes(disturbance)) return;
      this.#disturbances = this.#disturbances.filter((other) => other !== disturbance);
      this.trace.record("calm", undefined, { changes: textOf(changes) });
    };
  }

  /** Changes the conditions from one node to another, in this direction only. @throws TypeError, RangeError */
  setLink(from: string, to: string, changes: Partial<LinkConditions>): void {
    this.#links.set(keyOf(from, to), withConditions(this.#set(from, to), changes));
    this.trace.record("conditions", from, { to, changes: textOf(changes) });
  }

  /**
   * Loses all packets between these and those nodes; with `oneWay` only those from the first to the second.
   * @returns what heals it @throws TypeError for a text where a list of names is due
   */
  partition(from: Iterable<string>, to: Iterable<string>, options: { readonly oneWay?: boolean } = {}): () => void {
    // A text is iterable too: without this, its letters would be the nodes.
    if (typeof from === "string" || typeof to === "string")
      throw new TypeError("a partition is between lists of names");
    const forth: Cut = { from: new Set(from), to: new Set(to) };
    const cuts = options.oneWay === true ? [forth] : [forth, { from: forth.to, to: forth.from }];
    this.#cuts = [...this.#cuts, ...cuts];
    const detail = { from: [...forth.from].join(","), to: [...forth.to].join(","), ways: cuts.length };
    this.trace.record("partition", undefined, detail);
    return () => {
      if (!cuts.some((cut) => this.#cuts.includes(cut))) return;
      this.#cuts = this.#cuts.filter((cut) => !cuts.includes(cut));
      this.trace.record("heal", undefined, detail);
    };
  }

  /** Ends all partitions. */
  heal(): void {
    this.#cuts = [];
    this.trace.record("heal", undefined);
  }

  isCut(from: string, to: string): boolean {
    return this.#cuts.some((cut) => cut.from.has(from) && cut.to.has(to));
  }

  /** Sends a packet: calls either `arrived` later, or `lost`, at once or later. */
  carry(from: string, to: string, bytes: number, arrived: () => void, lost: () => void): void {
    const { latency, bytesPerSecond, lossRate } = this.#disturbed(this.#set(from, to));
    const delayUs = this.#sendingUs(from, to, bytes, bytesPerSecond) + drawLatencyUs(latency, this.#random);
    if (this.#random.chance(lossRate) || this.isCut(from, to)) {
      this.trace.record("lost", from, { to, bytes });
      lost();
      return;
    }
    this.queue.schedule(delayUs, () => {
      if (!this.isCut(from, to)) return arrived();
      this.trace.record("lost", from, { to, bytes });
      lost();
    });
  }

  /** Sends a small notice until it arrives, or nobody wants it any more. */
  notify(from: string, to: string, arrived: () => void, isWanted: () => boolean, waitMs?: number): void {
    if (!isWanted()) return;
    const nextMs = waitMs ?? this.streams.retransmitMs;
    this.carry(from, to, 0, arrived, () => {
      const again = (): void => this.notify(from, to, arrived, isWanted, Math.min(2 * nextMs, maxNoticeWaitMs));
      this.queue.schedule(1_000 * nextMs, again);
    });
  }

  /** How long until the bytes have left, behind those that were given before. */
  #sendingUs(from: string, to: string, bytes: number, bytesPerSecond: number): number {
    if (bytesPerSecond === Number.POSITIVE_INFINITY || bytes === 0) return 0;
    const key = keyOf(from, to);
    const { nowUs } = this.queue;
    const freeUs = Math.max(nowUs, this.#freeUs.get(key) ?? 0) + Math.ceil((1_000_000 * bytes) / bytesPerSecond);
    this.#freeUs.set(key, freeUs);
    return freeUs - nowUs;
  }

  /** What a link was set to. */
  #set(from: string, to: string): LinkConditions {
    return this.#links.size === 0 ? this.#conditions : (this.#links.get(keyOf(from, to)) ?? this.#conditions);
  }

  #disturbed(conditions: LinkConditions): LinkConditions {
    return this.#disturbances.length === 0 ? conditions : Object.assign({}, conditions, ...this.#disturbances);
  }
}

/** For the trace: JSON has no word for what is unbounded. */
function textOf(changes: Partial<LinkConditions>): string {
  return JSON.stringify(changes, (_, value) => (value === Number.POSITIVE_INFINITY ? "unbounded" : value));
}

function keyOf(from: string, to: string): string {
  return `${from}>${to}`;
}
