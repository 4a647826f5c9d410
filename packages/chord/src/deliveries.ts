// Whispers that were brought through the ring: each is delivered once, however many lookups bring it. [CHORD-053]
import { BaseError, type Node } from "@p2p/base";
import { type Body, decodeBody, WireError } from "@p2p/wire";

/** Those that are remembered, so that none is delivered twice. */
const maxDelivered = 1_024;

export class Deliveries {
  readonly #node: Node;
  readonly #delivered = new Set<string>();

  constructor(node: Node) {
    this.#node = node;
  }

  /** Takes one; its origin sends it again when it hears nothing. @returns whether it was delivered, now or before */
  take(payload: Uint8Array): boolean {
    if (!this.#node.hasRoom) return false;
    const body = this.#bodyOf(payload);
    if (body === undefined) return false;
    const key = `${this.#node.seams.names.toText(body.sender)} ${body.time}`;
    if (this.#delivered.has(key)) return true;
    try {
      this.#node.deliver(body, payload);
    } catch (error) {
      if (!(error instanceof BaseError || error instanceof WireError)) throw error;
      // Who altered it on the way is not to keep out the one that its sender brings by another way.
      return false;
    }
    this.#delivered.add(key);
    if (this.#delivered.size > maxDelivered) {
      for (const oldest of this.#delivered) {
        this.#delivered.delete(oldest);
        break;
      }
    }
    return true;
  }

  /** Undefined for bytes that are none: whoever passed them on is not to blame. */
  #bodyOf(payload: Uint8Array): Body | undefined {
    try {
      return decodeBody(payload, this.#node.seams.limits);
    } catch (error) {
      if (!(error instanceof WireError)) throw error;
      return undefined;
    }
  }
}
