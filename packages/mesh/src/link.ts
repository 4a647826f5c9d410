// A neighbour: its connection, and what this node remembers of it while it lasts.
import { type Connection, isLocalAddress } from "@p2p/base";
import type { NodeId } from "@p2p/wire";
import type { FloodLink } from "./flood.js";
import { Blame } from "./validators.js";

export class Link implements FloodLink {
  readonly id: NodeId;
  readonly connection: Connection;
  /** Whether the peer is on this machine, so that its local addresses mean something. */
  readonly isLocal: boolean;
  readonly blame: Blame;
  /** Whether this node does not read from it for now. */
  isHeld = false;
  readonly #maxFrameBytes: number;

  /** @param maxRejected rejected broadcasts that are borne within a minute */
  constructor(connection: Connection, maxRejected: number) {
    this.id = connection.id;
    this.connection = connection;
    this.isLocal = isLocalAddress(connection.remoteAddress);
    this.blame = new Blame(maxRejected, 60_000);
    this.#maxFrameBytes = connection.maxFrameBytes;
  }

  /** Bytes that the peer's end took so far, or that are on their way in the network. */
  get takenBytes(): number {
    return this.connection.counters.bytesOut - this.connection.bufferedBytes;
  }

  readsCodec(codec: number): boolean {
    return codec === 0 || this.connection.codecs.includes(codec);
  }

  /** Whether the peer takes frames of so many bytes. */
  takes(bytes: number): boolean {
    return bytes - 4 <= this.#maxFrameBytes;
  }

  sendFrame(frame: Uint8Array): boolean {
    if (this.connection.sendFrame(frame)) return true;
    // No reason to wait: the link is gone, or the frame was not queued as its peer does not take frames so long.
    return !this.connection.isOpen || !this.takes(frame.length);
  }
}
