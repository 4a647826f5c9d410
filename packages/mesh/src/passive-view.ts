// The passive view: nodes known by hearsay or from earlier links, to heal from; no one peer can fill it.
// [MESH-030] [MESH-036] [MESH-037]
import type { NodeId } from "@p2p/wire";
import { hostOf, isLocal } from "./addresses.js";

/** Somebody who may be dialled. */
export interface Candidate {
  readonly id: NodeId;
  readonly addresses: readonly string[];
}

interface Entry extends Candidate {
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
      if (known.source === source) this.#entries.set(candidate.id, { ...known, addresses: candidate.addresses });
      return false;
    }
    if (this.#onHostOf(candidate) >= this.#options.perHost) return false;
    const own = this.#from(source);
    if (own.length >= this.#options.perSource) this.#entries.delete(this.#any(own).id);
    else if (this.#entries.size >= this.#options.size && !this.#makeRoom()) return false;
    this.#entries.set(candidate.id, { ...candidate, source, failures: 0, retryAtMs: nowMs });
    this.#version += 1;
    return true;
  }

  /** Keeps somebody who was a link until now. At most half of the view is kept so, against a stream of passing sybils. */
  vouch(candidate: Candidate, retryAtMs: number): void {
    if (candidate.addresses.length === 0) return;
    this.#distrusted.delete(candidate.id);
    this.#entries.delete(candidate.id);
    if (this.#onHostOf(candidate) >= this.#options.perHost) return;
    const own = this.#from(undefined);
    if (own.length >= this.#options.size / 2) this.#entries.delete(this.#any(own).id);
    else if (this.#entries.size >= this.#options.size && !this.#makeRoom()) return;
    this.#entries.set(candidate.id, { ...candidate, source: undefined, failures: 0, retryAtMs });
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

  /** Leaves an entry alone until then. */
  postpone(id: NodeId, untilMs: number): void {
    const entry = this.#entries.get(id);
    if (entry !== undefined) entry.retryAtMs = Math.max(entry.retryAtMs, untilMs);
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

  #from(source: NodeId | undefined): Entry[] {
    return [...this.#entries.values()].filter((entry) => entry.source === source);
  }

  #onHostOf(candidate: Candidate): number {
    const address = candidate.addresses.find((each) => !isLocal(each));
    if (address === undefined) return 0;
    const host = hostOf(address);
    let count = 0;
    for (const entry of this.#entries.values()) if (entry.addresses.some((each) => hostOf(each) === host)) count += 1;
    return count;
  }

  /** Drops a random entry of whoever told the most. */
  #makeRoom(): boolean {
    const bySource = new Map<NodeId | undefined, Entry[]>();
    for (const entry of this.#entries.values()) {
      if (entry.source === undefined) continue;
      const told = bySource.get(entry.source);
      if (told === undefined) bySource.set(entry.source, [entry]);
      else told.push(entry);
    }
    let most: Entry[] = [];
    for (const told of bySource.values()) if (told.length > most.length) most = told;
    if (most.length === 0) return false;
    return this.#entries.delete(this.#any(most).id);
  }

  #any(entries: readonly Entry[]): Entry {
    return entries[Math.floor(this.#options.random() * entries.length)] as Entry; // never called with none
  }

  #shuffled<T>(items: T[]): T[] {
    for (let at = items.length - 1; at > 0; at -= 1) {
      const other = Math.floor(this.#options.random() * (at + 1));
      [items[at], items[other]] = [items[other] as T, items[at] as T];
    }
    return items;
  }
}
