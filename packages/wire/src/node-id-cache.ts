// Texts of ids that were seen before, without hashing them to base58 each time. [WIRE-052]
import { type NodeId, nodeIdFromBytes } from "./node-id.js";

interface Entry {
  readonly bytes: Uint8Array;
  readonly text: NodeId;
}

/** A bounded cache from id bytes to id text. Ids that agree in their first 6 bytes replace each other. */
export class NodeIdCache {
  readonly #entries = new Map<number, Entry>();
  readonly #maxEntries: number;
  #last: Entry | undefined;

  /** @param maxEntries default 1,024; the oldest entry goes first. */
  constructor(maxEntries = 1024) {
    this.#maxEntries = maxEntries;
  }

  /**
   * The text of an id.
   *
   * @throws {@link WireError} `bad-node-id` unless there are 48 bytes.
   */
  toText(bytes: Uint8Array): NodeId {
    if (this.#last !== undefined && isSame(this.#last.bytes, bytes)) return this.#last.text;
    const key = prefix(bytes);
    let entry = this.#entries.get(key);
    if (entry === undefined || !isSame(entry.bytes, bytes)) {
      // Not slice, which gives a view of a Buffer.
      entry = { text: nodeIdFromBytes(bytes), bytes: new Uint8Array(bytes) };
      this.#entries.delete(key);
      this.#entries.set(key, entry);
      if (this.#entries.size > this.#maxEntries) this.#entries.delete(this.#entries.keys().next().value as number);
    }
    this.#last = entry;
    return entry.text;
  }
}

/** The first 48 bits, where bytes that are missing count as 0. */
function prefix(bytes: Uint8Array): number {
  const high = ((bytes[0] as number) << 16) | ((bytes[1] as number) << 8) | (bytes[2] as number);
  const low = ((bytes[3] as number) << 16) | ((bytes[4] as number) << 8) | (bytes[5] as number);
  return high * 0x1000000 + low;
}

function isSame(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let index = a.length - 1; index >= 0; index--) if (a[index] !== b[index]) return false;
  return true;
}
