// What was heard of each sender: each sequence number counts once [SEC-076] to [SEC-078].
import { encodeValue, type NodeId, parseNodeId, type WireValue } from "@p2p/wire";
import { SecureError } from "../errors.js";
import { decodeMap, isUint } from "../wire-map.js";

/** Sequence numbers behind the highest that are still told apart. */
export const windowSize = 1_024;

/** Senders that are remembered, unless told otherwise. */
export const defaultReplaySenders = 4_096;

const words = windowSize / 32;

/** Of one sender. */
interface Window {
  highest: number;
  /** The time of the newest message, µs. */
  timeUs: number;
  /** Bit `n % windowSize` for sequence `n` of the last {@link windowSize}. */
  readonly bits: Uint32Array;
}

export interface ReplayWindowsOptions {
  /** Senders remembered; beyond them the one that was silent longest goes. Default: 4,096. */
  readonly maxSenders?: number;
}

/** Senders and a snapshot in bytes: 128 each and an entry of a map. */
export class ReplayWindows {
  readonly #maxSenders: number;
  readonly #windows = new Map<NodeId, Window>();
  /** The newest message of all senders that were forgotten, µs: what an unknown sender says must be newer. */
  #floorUs: number;

  constructor({ maxSenders = defaultReplaySenders }: ReplayWindowsOptions = {}, floorUs = 0) {
    if (!Number.isSafeInteger(maxSenders) || maxSenders < 1) throw new RangeError("one sender at least is remembered");
    this.#maxSenders = maxSenders;
    this.#floorUs = floorUs;
  }

  get senders(): number {
    return this.#windows.size;
  }

  /** Whether a message is new. Changes nothing: ask before the signature is verified, and {@link accept} after it. */
  isNew(sender: NodeId, sequence: number, timeUs: number): boolean {
    const window = this.#windows.get(sender);
    if (window === undefined) return timeUs > this.#floorUs;
    if (sequence > window.highest) return true;
    if (sequence <= window.highest - windowSize) return false;
    return !hasBit(window.bits, sequence);
  }

  /** Remembers a message that was verified. */
  accept(sender: NodeId, sequence: number, timeUs: number): void {
    const known = this.#windows.get(sender);
    if (known === undefined) {
      const bits = new Uint32Array(words);
      setBit(bits, sequence);
      this.#makeRoom();
      this.#windows.set(sender, { highest: sequence, timeUs, bits });
      return;
    }
    if (sequence > known.highest) {
      clearBits(known.bits, known.highest + 1, sequence);
      known.highest = sequence;
    }
    if (sequence > known.highest - windowSize) setBit(known.bits, sequence);
    known.timeUs = Math.max(known.timeUs, timeUs);
    // The order of the map is that of the latest messages.
    this.#windows.delete(sender);
    this.#windows.set(sender, known);
  }

  /** A snapshot to store. */
  encode(): Uint8Array {
    const senders: WireValue[] = [];
    for (const [sender, { highest, timeUs }] of this.#windows) senders.push([sender, highest, timeUs]);
    return encodeValue({ floor: this.#floorUs, senders });
  }

  /**
   * The windows of a snapshot. What was told apart within a window is not in it: all up to the highest number counts as heard.
   * @throws SecureError `bad-snapshot`
   */
  static decode(bytes: Uint8Array, options: ReplayWindowsOptions = {}): ReplayWindows {
    const { floor, senders } = decodeMap(bytes, 1_048_576) ?? {};
    if (!isUint(floor) || !Array.isArray(senders)) throw badSnapshot();
    const windows = new ReplayWindows(options, floor);
    for (const entry of senders as readonly WireValue[]) {
      const [sender, highest, timeUs]: readonly WireValue[] = Array.isArray(entry) ? entry : [];
      if (typeof sender !== "string" || !isUint(highest) || !isUint(timeUs)) throw badSnapshot();
      windows.#makeRoom();
      windows.#windows.set(idOf(sender), { highest, timeUs, bits: new Uint32Array(words).fill(0xffff_ffff) });
    }
    return windows;
  }

  #makeRoom(): void {
    for (const [sender, { timeUs }] of this.#windows) {
      if (this.#windows.size < this.#maxSenders) return;
      this.#floorUs = Math.max(this.#floorUs, timeUs);
      this.#windows.delete(sender);
    }
  }
}

function idOf(text: string): NodeId {
  try {
    return parseNodeId(text);
  } catch {
    throw badSnapshot();
  }
}

function badSnapshot(): SecureError {
  return new SecureError(
    "bad-snapshot",
    "not a snapshot of replay windows; without one, messages of the last minutes may come again",
  );
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
