// A channel has one handler for all its life; behind this one the handshake gives its place to the encrypted channel.
import type { ChannelHandler } from "@p2p/base";

/** Takes all that a transport's channel tells. */
export type Receiver = Required<Omit<ChannelHandler, "onHeld">>;

export class Relay implements Receiver {
  target: Receiver;

  constructor(target: Receiver) {
    this.target = target;
  }

  onData(chunk: Uint8Array): void {
    this.target.onData(chunk);
  }

  onDrain(): void {
    this.target.onDrain();
  }

  onEnd(): void {
    this.target.onEnd();
  }

  onClose(error?: Error): void {
    this.target.onClose(error);
  }
}
