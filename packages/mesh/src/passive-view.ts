// The passive view: nodes known by hearsay or from earlier links, to heal from; no one peer can fill it.
// [MESH-030] [MESH-036] [MESH-037]
import type { NodeId } from "@p2p/wire";
import { remoteHosts } from "./addresses.js";

/** Somebody who may be dialled. */
export interface Candidate {
  readonly id: NodeId;
  readonly addresses: readonly string[];
}

interface Entry extends Candidate {
  /** By which entries are counted. */
  readonly hosts: readonly string[];
  /** Who told it; undefined when it was once a link of this node, which counts more than hearsay. */
  readonly source: NodeId | undefined;
  failures: number;
  retryAtMs: number;
}

export interface PassiveOptions {
  /** Most entries held. */
  readonly size: number;
  /** Most entries held on the word of one peer. */
  readonly perSource: number;
  /** Most entries with addresses on one host; this machine's own addresses are exempt. */
  readonly perHost: number;
  /** Seeded randomness in [0, 1). */
  readonly random: () => number;
}

/** Waits after the first, second, … failed dial of an entry, in ms; after the last one it is forgotten. */
const retryDelaysMs = [1_000, 5_000, 15_000] as const;
/** A node that could not be reached is not believed in again on hearsay for this long, in ms. */
const distrustMs = 300_000;
const maxDistrusted = 256;

export class PassiveView {
  readonly #options: PassiveOptions;
  readonly #entries = new Map<NodeId, Entry>();
  readonly #distrusted = new Map<NodeId, number>();
  #version = 0;

  constructor(options: PassiveOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#entries.size;
  }

  /** Grows whenever somebody new is heard of. */
  get version(): number {
    return this.#version;
  }

  has(id: NodeId): boolean {
    return this.#entries.has(id);
  }

  /** Takes an entry on the word of a peer. Its addresses were checked before. */
  offer(candidate: Candidate, source: NodeId, nowMs: number): boolean {
    if (candidate.addresses.length === 0) return false;
    const distrustedUntil = this.#distrusted.get(candidate.id);
    if (distrustedUntil !== undefined && nowMs < distrustedUntil) return false;
    const known = this.#entries.get(candidate.id);
    // Hearsay replaces only the hearsay of the same peer: nobody redirects what somebody else told, or what worked.
    if (known !== undefined) {
      if (known.source !== source || isEqual(known.addresses, candidate.addresses)) return false;
      const { addresses } = candidate;
      this.#entries.set(candidate.id, { ...known, addresses, hosts: remoteHosts(addresses) });
      return false;
    }
    const hosts = remoteHosts(candidate.addresses);
    if (this.#isHostFull(hosts) || !this.#makeRoomFor(source, this.#options.perSource)) return false;
    this.#add(candidate, hosts, source, nowMs);
    this.#version += 1;
    return true;
  }

  /** Keeps somebody who was a link until now. At most half of the view is kept so, against a stream of passing sybils. */
  vouch(candidate: Candidate, retryAtMs: number): void {
    if (candidate.addresses.length === 0) return;
    this.#distrusted.delete(candidate.id);
    this.#entries.delete(candidate.id);
    const hosts = remoteHosts(candidate.addresses);
    if (this.#isHostFull(hosts) || !this.#makeRoomFor(undefined, this.#options.size / 2)) return;
    this.#add(candidate, hosts, undefined, retryAtMs);
  }

  remove(id: NodeId): void {
    this.#entries.delete(id);
  }

  /** A dial failed. True when the entry was given up. */
  failed(id: NodeId, nowMs: number): boolean {
    const entry = this.#entries.get(id);
    if (entry === undefined) return false;
    const delayMs = retryDelaysMs[entry.failures];
    entry.failures += 1;
    if (delayMs === undefined) {
      this.distrust(id, nowMs);
      return true;
    }
    entry.retryAtMs = nowMs + delayMs * (0.5 + this.#options.random());
    return false;
  }

  /** Forgets somebody, and hears nothing about them for a while: they are gone, or not who they were said to be. */
  distrust(id: NodeId, nowMs: number): void {
    this.#entries.delete(id);
    this.#distrusted.delete(id);
    this.#distrusted.set(id, nowMs + distrustMs);
    if (this.#distrusted.size > maxDistrusted) {
      for (const oldest of this.#distrusted.keys()) {
        this.#distrusted.delete(oldest);
        break;
      }
    }
  }

  /** Who may be dialled now, in random order. */
  candidates(nowMs: number): Candidate[] {
    return this.#shuffled([...this.#entries.values()].filter((entry) => entry.retryAtMs <= nowMs));
  }

  /** Up to `count` entries worth telling others: none that failed. In random order. */
  sample(count: number): Candidate[] {
    const good = [...this.#entries.values()].filter((entry) => entry.failures === 0);
    return this.#shuffled(good)
      .slice(0, count)
      .map(({ id, addresses }) => ({ id, addresses }));
  }

  #add({ id, addresses }: Candidate, hosts: readonly string[], source: NodeId | undefined, retryAtMs: number): void {
    this.#entries.set(id, { id, addresses, hosts, source, failures: 0, retryAtMs });
  }

  /** Whether as many entries as may be have an address on the first of the hosts. */
  #isHostFull([host]: readonly string[]): boolean {
    if (host === undefined) return false;
    let count = 0;
    for (const entry of this.#entries.values()) if (entry.hosts.includes(host)) count += 1;
    return count >= this.#options.perHost;
  }

  /**
   * Makes room for one more entry on the word of a source, of which there may be `most`.
   * @returns false when what is there counts more than the new one
   */
  #makeRoomFor(source: NodeId | undefined, most: number): boolean {
    const isFull = this.#entries.size >= this.#options.size;
    // One source cannot have more than all have.
    if (!isFull && this.#entries.size < most) return true;
    let own = 0;
    for (const entry of this.#entries.values()) if (entry.source === source) own += 1;
    if (own >= most) this.#dropOneOf(source, own);
    else if (isFull) return this.#dropOneOfMost();
    return true;
  }

  /** Drops a random entry of whoever told the most. */
  #dropOneOfMost(): boolean {
    const told = new Map<NodeId, number>();
    for (const { source } of this.#entries.values()) {
      if (source !== undefined) told.set(source, (told.get(source) ?? 0) + 1);
    }
    let most = 0;
    let talker: NodeId | undefined;
    for (const [source, count] of told) {
      if (count <= most) continue;
      talker = source;
      most = count;
    }
    if (talker === undefined) return false;
    this.#dropOneOf(talker, most);
    return true;
  }

  /** Drops a random one of the `count` entries of a source. */
  #dropOneOf(source: NodeId | undefined, count: number): void {
    let skip = Math.floor(this.#options.random() * count);
    for (const entry of this.#entries.values()) {
      if (entry.source !== source || skip-- > 0) continue;
      this.#entries.delete(entry.id);
      return;
    }
  }

  #shuffled<T>(items: T[]): T[] {
    for (let at = items.length - 1; at > 0; at -= 1) {
      const other = Math.floor(this.#options.random() * (at + 1));
      [items[at], items[other]] = [items[other] as T, items[at] as T];
    }
    return items;
  }
}

function isEqual(some: readonly string[], others: readonly string[]): boolean {
  return some.length === others.length && some.every((text, index) => text === others[index]);
}
