// One channel of a 0.7 member: bytes into frames, frames out, no more of them than the peer takes. [SYNC-312]
import type { Channel, ChannelHandler } from "@p2p/base";
import { WireError, type WireLimits } from "@p2p/wire";
import { FrameDecoder07 } from "@p2p/wire/legacy";

/** What a link tells its owner. */
export interface LinkOwner {
  received(number: number, body: Uint8Array): void;
  closed(number: number): void;
}

export class LegacyLink implements ChannelHandler {
  readonly #number: number;
  readonly #channel: Channel;
  readonly #owner: LinkOwner;
  readonly #decoder: FrameDecoder07;
  readonly #maxBufferedBytes: number;
  #streaming: Iterator<Uint8Array> | undefined;

  constructor(
    number: number,
    channel: Channel,
    owner: LinkOwner,
    limits: { readonly wire: WireLimits; readonly maxBufferedBytes: number },
  ) {
    this.#number = number;
    this.#channel = channel;
    this.#owner = owner;
    this.#decoder = new FrameDecoder07(limits.wire);
    this.#maxBufferedBytes = limits.maxBufferedBytes;
  }

  open(): void {
    this.#channel.open(this);
  }

  /** A peer that takes too little loses its link, as nobody else is to wait for it. */
  send(frame: Uint8Array): void {
    if (this.#channel.bufferedBytes + frame.length > this.#maxBufferedBytes) this.drop();
    else this.#channel.write([frame]);
  }

  stream(frames: Iterable<Uint8Array>): void {
    this.#streaming = frames[Symbol.iterator]();
    this.#pump();
  }

  /** Sends what is buffered, then ends. */
  end(): void {
    this.#streaming = undefined;
    this.#channel.end();
  }

  drop(): void {
    this.#streaming = undefined;
    this.#channel.destroy();
  }

  onData(chunk: Uint8Array): void {
    try {
      this.#decoder.push(chunk, ({ payload }) => this.#owner.received(this.#number, payload));
    } catch (error) {
      if (!(error instanceof WireError)) throw error;
      this.drop();
    }
  }

  onDrain(): void {
    this.#pump();
  }

  onClose(): void {
    this.#streaming = undefined;
    this.#decoder.stop();
    this.#owner.closed(this.#number);
  }

  #pump(): void {
    while (this.#streaming !== undefined) {
      const next = this.#streaming.next();
      if (next.done === true) this.#streaming = undefined;
      else if (!this.#channel.write([next.value])) return;
    }
  }
}
