// What was heard of each sender: each sequence number counts once [SEC-076] to [SEC-078]. Pure; bounded in memory.
import type { NodeId } from "@p2p/wire";

/**
 * Sequence numbers up to the highest that are still told apart: 100 ms of a sender that signs as fast as it can, by which one way
 * through the network may be slower than another.
 */
export const windowSize = 8_192;

/** Senders that are remembered, unless told otherwise. */
export const defaultReplaySenders = 16_384;

/** Numbers of which one piece of memory tells. */
const pieceSize = 1_024;
const pieces: number = windowSize / pieceSize + 1;

/** What of a sender outlives a restart. */
export interface Heard {
  readonly sender: NodeId;
  /** The highest sequence number. */
  readonly highest: number;
  /** The time of the newest message, µs. */
  readonly timeUs: number;
}

/** Which of {@link pieceSize} numbers were heard. */
interface Piece {
  /** The first number, by the size of pieces. */
  readonly position: number;
  readonly bits: Uint32Array;
}

/** Of one sender. */
interface Window {
  highest: number;
  timeUs: number;
  /** All up to here count as heard. */
  readonly heardUpTo: number;
  /** By position modulo their number, made when a number in one is heard; those that the window has left are void. */
  readonly pieces: (Piece | undefined)[];
}

export class ReplayWindows {
  readonly #maxSenders: number;
  readonly #windows = new Map<NodeId, Window>();
  readonly #changed = new Set<NodeId>();
  #floorUs = 0;

  /** @param maxSenders senders remembered, 300 bytes to 2 KiB each; beyond them the eighth whose last messages are oldest goes */
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
    if (sequence <= window.heardUpTo || sequence <= window.highest - windowSize) return false;
    return !isHeard(window, sequence);
  }

  /** Remembers a message that was verified, and new. */
  accept(sender: NodeId, sequence: number, timeUs: number): void {
    const known = this.#windows.get(sender);
    if (known === undefined) {
      this.#makeRoom();
      const window = { highest: sequence, timeUs, heardUpTo: -1, pieces: [] };
      note(window, sequence);
      this.#windows.set(sender, window);
    } else {
      known.timeUs = Math.max(known.timeUs, timeUs);
      known.highest = Math.max(known.highest, sequence);
      note(known, sequence);
    }
    this.#changed.add(sender);
  }

  /** Takes what was kept over a restart: all up to the highest number counts as heard. */
  restore({ sender, highest, timeUs }: Heard): void {
    this.#makeRoom();
    this.#windows.set(sender, { highest, timeUs, heardUpTo: highest, pieces: [] });
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
    // Nobody stores them, or cannot: of those that were forgotten a store may have too many until it is read again.
    if (this.#changed.size <= 2 * this.#maxSenders) return;
    for (const sender of this.#changed) if (!this.#windows.has(sender)) this.#changed.delete(sender);
  }
}

function isHeard({ pieces: all }: Window, sequence: number): boolean {
  const position = Math.floor(sequence / pieceSize);
  const piece = all[position % pieces];
  if (piece?.position !== position) return false;
  const bit = sequence % pieceSize;
  return (((piece.bits[bit >>> 5] ?? 0) >>> (bit & 31)) & 1) === 1;
}

function note({ pieces: all }: Window, sequence: number): void {
  const position = Math.floor(sequence / pieceSize);
  let piece = all[position % pieces];
  if (piece?.position !== position) {
    piece = { position, bits: new Uint32Array(pieceSize / 32) };
    all[position % pieces] = piece;
  }
  const bit = sequence % pieceSize;
  piece.bits[bit >>> 5] = ((piece.bits[bit >>> 5] ?? 0) | (1 << (bit & 31))) >>> 0;
}
