// Backpressure both ways: own broadcasts wait while neighbours are behind, and reading stops when relaying cannot go on.
// [MESH-071] [MESH-072] [MESH-073]
import { type Clock, type TimerHandle, Waiters } from "@p2p/base";
import type { NodeId } from "@p2p/wire";
import { MeshError } from "./errors.js";
import { Flow } from "./flow.js";
import type { Link } from "./link.js";

export interface BackpressureParts {
  readonly clock: Clock;
  readonly links: ReadonlyMap<NodeId, Link>;
  /** Bytes waiting on one link from which base says "wait"; it drops the peer at twice that and a message. */
  readonly sendBufferBytes: number;
}

const graceMs = 500;
/** 1 MiB a second, in bytes per ms. */
const minBytesPerMs = 1_048.576;
const reviewEveryMs = 100;

export class Backpressure {
  readonly #parts: BackpressureParts;
  readonly #flow = new Flow<Link>({ graceMs, minBytesPerMs });
  /** Parts of this node that cannot take more: readers of messages, validators. */
  readonly #busy = new Set<object>();
  readonly #waiters = new Waiters();
  #timer: TimerHandle | undefined;

  constructor(parts: BackpressureParts) {
    this.#parts = parts;
  }

  /**
   * Whether own broadcasts should wait: for somebody who is worth it, or because nobody can take more. Where all links are
   * slow none is worth more than the grace, and to go on would only fill them until base drops them all.
   */
  get isBlocked(): boolean {
    return this.#flow.isBlocked || this.#areAllBehind;
  }

  /** A link answered a send by "wait". */
  blocked(link: Link): void {
    const { clock, sendBufferBytes } = this.#parts;
    const isFull = link.connection.bufferedBytes >= sendBufferBytes * 1.5;
    this.#flow.block(link, isFull, link.takenBytes, clock.monotonic());
    if (isFull) this.#update();
    this.#timer ??= clock.setTimeout(() => this.#review(), reviewEveryMs);
  }

  drained(link: Link): void {
    this.#flow.unblock(link);
    this.#update();
  }

  /** A link came up. */
  added(link: Link): void {
    this.#apply(link);
  }

  /** A link is gone. */
  removed(link: Link): void {
    // What is on its way over a connection that lost to another one is still to be read.
    if (link.isHeld) link.connection.release();
    link.isHeld = false;
    this.drained(link);
  }

  /** A part of this node cannot take more: nothing is read until it says so. */
  pause(part: object): void {
    this.#busy.add(part);
    this.#update();
  }

  resume(part: object): void {
    if (this.#busy.delete(part)) this.#update();
  }

  /** @throws MeshError `overflow` when one more message of so many bytes could make base drop an honest neighbour */
  checkRoom(bytes: number): void {
    const { links, sendBufferBytes } = this.#parts;
    for (const link of links.values()) {
      if (link.connection.bufferedBytes + bytes <= sendBufferBytes * 2) continue;
      if (this.#flow.isLagging(link) && !this.#areAllBehind) continue;
      const text = `${link.connection.bufferedBytes} bytes wait for ${link.id}; wait for drained() when broadcast() is false`;
      throw new MeshError("overflow", text, { peer: link.id });
    }
  }

  /** Resolves when own broadcasts need not wait. */
  room(signal?: AbortSignal): Promise<void> {
    if (signal?.aborted === true) return Promise.reject(signal.reason);
    return this.isBlocked ? this.#waiters.wait(signal) : Promise.resolve();
  }

  close(error: Error): void {
    if (this.#timer !== undefined) this.#parts.clock.clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#waiters.rejectAll(() => error);
  }

  get #areAllBehind(): boolean {
    const { size } = this.#parts.links;
    return size > 0 && this.#flow.blockedCount >= size;
  }

  #review(): void {
    this.#timer = undefined;
    const { clock } = this.#parts;
    this.#flow.review(clock.monotonic(), (link) => link.takenBytes);
    this.#update();
    if (this.isBlocked) this.#timer = clock.setTimeout(() => this.#review(), reviewEveryMs);
  }

  #update(): void {
    for (const link of this.#parts.links.values()) this.#apply(link);
    if (!this.isBlocked && this.#waiters.size > 0) this.#waiters.resolveAll();
  }

  #apply(link: Link): void {
    const shouldHold = this.#busy.size > 0 || this.#flow.holds(link);
    if (shouldHold === link.isHeld) return;
    link.isHeld = shouldHold;
    if (shouldHold) link.connection.hold();
    else link.connection.release();
  }
}
