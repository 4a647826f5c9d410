// What was heard of each sender: each sequence number counts once [SEC-076] to [SEC-078]. Pure; bounded in memory.
import type { NodeId } from "@p2p/wire";

/** Sequence numbers behind the highest that are still told apart. */
export const windowSize = 1_024;

/** Senders that are remembered, unless told otherwise. */
export const defaultReplaySenders = 16_384;

const words = windowSize / 32;

/** What of a sender outlives a restart. */
export interface Heard {
  readonly sender: NodeId;
  /** The highest sequence number. */
  readonly highest: number;
  /** The time of the newest message, µs. */
  readonly timeUs: number;
}

/** Of one sender. */
interface Window {
  highest: number;
  timeUs: number;
  /** Bit `n % windowSize` for sequence `n` of the last {@link windowSize}; undefined when all up to `highest` count as heard. */
  bits: Uint32Array | undefined;
}

export class ReplayWindows {
  readonly #maxSenders: number;
  readonly #windows = new Map<NodeId, Window>();
  readonly #changed = new Set<NodeId>();
  #floorUs = 0;

  /** @param maxSenders senders remembered, some 300 bytes each; beyond them the eighth whose last messages are oldest goes */
  constructor(maxSenders: number = defaultReplaySenders) {
    if (!Number.isSafeInteger(maxSenders) || maxSenders < 1) throw new RangeError("one sender at least is remembered");
    this.#maxSenders = maxSenders;
  }

  get senders(): number {
    return this.#windows.size;
  }

  /** The newest message of all senders that were forgotten, µs: what an unknown sender says has to be newer. */
  get floorUs(): number {
    return this.#floorUs;
  }

  /** Whether a message is new. Changes nothing: ask before the signature is verified, and {@link accept} after it. */
  isNew(sender: NodeId, sequence: number, timeUs: number): boolean {
    const window = this.#windows.get(sender);
    if (window === undefined) return timeUs > this.#floorUs;
    if (sequence > window.highest) return true;
    if (window.bits === undefined || sequence <= window.highest - windowSize) return false;
    return !hasBit(window.bits, sequence);
  }

  /** Remembers a message that was verified, and new. */
  accept(sender: NodeId, sequence: number, timeUs: number): void {
    this.#changed.add(sender);
    const known = this.#windows.get(sender);
    if (known === undefined) {
      this.#makeRoom();
      const bits = new Uint32Array(words);
      setBit(bits, sequence);
      this.#windows.set(sender, { highest: sequence, timeUs, bits });
      return;
    }
    known.timeUs = Math.max(known.timeUs, timeUs);
    known.bits ??= new Uint32Array(words).fill(0xffff_ffff);
    if (sequence > known.highest) {
      clearBits(known.bits, known.highest + 1, sequence);
      known.highest = sequence;
    }
    setBit(known.bits, sequence);
  }

  /** Takes what was kept over a restart: all up to the highest number counts as heard. */
  restore({ sender, highest, timeUs }: Heard): void {
    this.#makeRoom();
    this.#windows.set(sender, { highest, timeUs, bits: undefined });
  }

  /** As {@link floorUs} of the run before. */
  restoreFloor(floorUs: number): void {
    this.#floorUs = Math.max(this.#floorUs, floorUs);
  }

  /** Senders whose record is not what {@link takeChanges} told last: what to store, or undefined for who was forgotten. */
  takeChanges(): [sender: NodeId, heard: Heard | undefined][] {
    const changes = [...this.#changed].map((sender): [NodeId, Heard | undefined] => {
      const window = this.#windows.get(sender);
      return [sender, window && { sender, highest: window.highest, timeUs: window.timeUs }];
    });
    this.#changed.clear();
    return changes;
  }

  /** Puts changes back that could not be stored. */
  returnChanges(senders: Iterable<NodeId>): void {
    for (const sender of senders) this.#changed.add(sender);
  }

  /**
   * An eighth at once, so that the sorting is shared by many. By the times of messages and not by when they came: the floor
   * stays as low as it can.
   */
  #makeRoom(): void {
    if (this.#windows.size < this.#maxSenders) return;
    const byTime = [...this.#windows].sort(([, a], [, b]) => a.timeUs - b.timeUs);
    for (const [sender, { timeUs }] of byTime.slice(0, Math.ceil(this.#maxSenders / 8))) {
      this.#floorUs = Math.max(this.#floorUs, timeUs);
      this.#windows.delete(sender);
      this.#changed.add(sender);
    }
  }
}

function hasBit(bits: Uint32Array, sequence: number): boolean {
  const bit = sequence % windowSize;
  return (((bits[bit >>> 5] ?? 0) >>> (bit & 31)) & 1) === 1;
}

function setBit(bits: Uint32Array, sequence: number): void {
  const bit = sequence % windowSize;
  bits[bit >>> 5] = ((bits[bit >>> 5] ?? 0) | (1 << (bit & 31))) >>> 0;
}

/** Forgets the numbers from `first` to `last`, which the window moves over. */
function clearBits(bits: Uint32Array, first: number, last: number): void {
  if (last - first >= windowSize) {
    bits.fill(0);
    return;
  }
  for (let sequence = first; sequence <= last; sequence++) {
    const bit = sequence % windowSize;
    bits[bit >>> 5] = ((bits[bit >>> 5] ?? 0) & ~(1 << (bit & 31))) >>> 0;
  }
}
