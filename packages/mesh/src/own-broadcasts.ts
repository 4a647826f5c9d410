// Broadcasts of this node on their way out: encoded, signed where the network is, compressed, and flooded.
import type { Node } from "@p2p/base";
import { compressFrame, flags, type NodeId, WireError, type WireValue } from "@p2p/wire";
import type { Backpressure } from "./backpressure.js";
import { MeshError } from "./errors.js";
import type { Flood } from "./flood.js";
import type { Link } from "./link.js";
import { SignatureBatch } from "./signature-batch.js";

export interface OwnBroadcastsParts {
  readonly node: Node;
  readonly links: ReadonlyMap<NodeId, Link>;
  readonly flood: Flood<Link>;
  readonly backpressure: Backpressure;
  /** Frames from so many bytes on are compressed. */
  readonly compressAboveBytes: number;
  readonly failed: (error: Error) => void;
}

/** The most bytes of one signature: as many as are written before the end of a turn. */
const maxBatchBytes = 65_536;

export class OwnBroadcasts {
  readonly #parts: OwnBroadcastsParts;
  readonly #seams: Node["seams"];
  readonly #batch: SignatureBatch | undefined;

  constructor(parts: OwnBroadcastsParts) {
    this.#parts = parts;
    this.#seams = parts.node.seams;
    const { signing, beforeFlush, limits } = this.#seams;
    if (signing === undefined) return;
    this.#batch = new SignatureBatch({
      signing,
      // With this no neighbour is dropped that has just asked to wait.
      maxBytes: Math.min(maxBatchBytes, limits.sendBufferBytes / 2),
      isTaken: (bytes) => this.#isTaken(bytes),
      beforeFlush,
      send: (frame, exclude) => this.#originate(frame, exclude),
      failed: (error) => parts.failed(error instanceof Error ? error : new Error(String(error))),
    });
  }

  /**
   * Sends a broadcast of these items; a signed one at the end of the turn.
   * @returns false when more should wait
   * @throws MeshError `overflow`, `message-too-large`; WireError for what cannot be encoded
   */
  send(items: readonly WireValue[], exclude?: readonly NodeId[]): boolean {
    const { backpressure } = this.#parts;
    const batch = this.#batch;
    const frame = this.#encode(items);
    if (backpressure.isBlocked) backpressure.checkRoom(frame.length + (batch?.bytes ?? 0));
    if (batch === undefined) this.#originate(frame, exclude);
    else batch.add(frame, exclude);
    return !backpressure.isBlocked;
  }

  /** Sends what waits for its signature. */
  finish(): void {
    this.#batch?.finish();
  }

  #originate(frame: Uint8Array, exclude: readonly NodeId[] | undefined): void {
    const { flood, compressAboveBytes } = this.#parts;
    if (frame.length < compressAboveBytes) flood.originate(frame, exclude);
    else flood.originate(frame, exclude, this.#compress(frame));
  }

  #isTaken(bytes: number): boolean {
    const { links } = this.#parts;
    if (bytes - 4 > this.#seams.limits.maxFrameBytes) return false;
    for (const link of links.values()) if (!link.takes(bytes)) return false;
    return true;
  }

  #encode(items: readonly WireValue[]): Uint8Array {
    const { writer, times, signing } = this.#seams;
    const { node } = this.#parts;
    const all = signing === undefined ? items : [...items, signing.envelope()];
    try {
      return writer.write(flags.mainTypes.broadcast, node.idBytes, times.next(), all);
    } catch (cause) {
      if (!(cause instanceof WireError) || cause.code !== "frame-too-large") throw cause;
      const { maxFrameBytes } = this.#seams.limits;
      throw new MeshError("message-too-large", `the message takes more than ${maxFrameBytes} bytes; split it`, {
        cause,
      });
    }
  }

  #compress(frame: Uint8Array): { frame: Uint8Array; codec: number } | undefined {
    const [codec] = this.#seams.codecs;
    if (codec === undefined) return undefined;
    const compressed = compressFrame(frame, codec, { minBytes: 1 });
    return compressed === frame ? undefined : { frame: compressed, codec };
  }
}
