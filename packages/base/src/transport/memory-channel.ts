// One end of an in-memory channel: chunks pass by reference through the clock's queue [BASE-104] to [BASE-111].

import { BaseError } from "../errors.js";
import type { Clock } from "../runtime/clock.js";
import type { Channel, ChannelHandler } from "./transport.js";

export interface MemoryPairOptions {
  readonly clock: Clock;
  /** Bytes in flight from which `write` answers false. */
  readonly bufferBytes: number;
  /** The address of the first end, and so the remote address of the second. */
  readonly localAddress: string;
  readonly remoteAddress: string;
}

/** Makes the two ends of a channel. */
export function createMemoryPair(options: MemoryPairOptions): readonly [Channel, Channel] {
  const near = new MemoryChannel(options.clock, options.bufferBytes, options.localAddress, options.remoteAddress);
  const far = new MemoryChannel(options.clock, options.bufferBytes, options.remoteAddress, options.localAddress);
  near.connect(far);
  far.connect(near);
  return [near, far];
}

/** Each end holds what was sent to it and not yet read: its inbox is the other end's send buffer. */
class MemoryChannel implements Channel {
  readonly localAddress: string;
  readonly remoteAddress: string;
  readonly #clock: Clock;
  readonly #bufferBytes: number;
  #peer: MemoryChannel | undefined;
  #handler: ChannelHandler | undefined;
  #inbox: Uint8Array[] = [];
  #inboxBytes = 0;
  #isPaused = false;
  /** A write answered false and no `onDrain` has come since. */
  #isWaiting = false;
  #isTurnQueued = false;
  /** This side has ended; the peer has ended; the peer's end was told to the handler. */
  #hasEnded = false;
  #hasPeerEnded = false;
  #isEndTold = false;
  #isClosed = false;
  #closeError: Error | undefined;
  #isCloseTold = false;

  constructor(clock: Clock, bufferBytes: number, localAddress: string, remoteAddress: string) {
    this.#clock = clock;
    this.#bufferBytes = bufferBytes;
    this.localAddress = localAddress;
    this.remoteAddress = remoteAddress;
  }

  connect(peer: MemoryChannel): void {
    this.#peer = peer;
  }

  get bufferedBytes(): number {
    return this.#peer === undefined ? 0 : this.#peer.#inboxBytes;
  }

  open(handler: ChannelHandler): void {
    if (this.#handler !== undefined) throw new TypeError("a channel is opened once");
    this.#handler = handler;
    this.#queueTurn();
  }

  write(chunks: readonly Uint8Array[]): boolean {
    const peer = this.#peer;
    if (peer === undefined || this.#hasEnded) return false;
    for (const chunk of chunks) {
      if (chunk.length === 0) continue;
      peer.#inbox.push(chunk);
      peer.#inboxBytes += chunk.length;
    }
    peer.#queueTurn();
    if (peer.#inboxBytes < this.#bufferBytes) return true;
    this.#isWaiting = true;
    return false;
  }

  pause(): void {
    this.#isPaused = true;
  }

  resume(): void {
    this.#isPaused = false;
    this.#queueTurn();
  }

  end(): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    if (this.#peer === undefined) return;
    this.#peer.#hasPeerEnded = true;
    this.#peer.#queueTurn();
    this.#queueTurn();
  }

  destroy(error?: Error): void {
    const peer = this.#peer;
    if (peer === undefined) return;
    this.#close(error);
    const message = `${peer.remoteAddress} reset the channel; dial it again if it should be kept`;
    peer.#close(new BaseError("channel-reset", message, { peer: peer.remoteAddress }));
  }

  /** Drops all state but what `onClose` needs. */
  #close(error: Error | undefined): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#closeError = error;
    this.#hasEnded = true;
    this.#peer = undefined;
    this.#inbox = [];
    this.#inboxBytes = 0;
    this.#queueTurn();
  }

  #queueTurn(): void {
    if (this.#isTurnQueued || this.#handler === undefined) return;
    this.#isTurnQueued = true;
    this.#clock.queue(this.#turn);
  }

  /** All that this end has to tell its handler now. A call may pause, end or destroy: each step looks again. */
  readonly #turn = (): void => {
    this.#isTurnQueued = false;
    const handler = this.#handler;
    if (handler === undefined || this.#isCloseTold) return;
    this.#deliver(handler);
    if (this.#isWaiting && this.bufferedBytes === 0 && !this.#isClosed) {
      this.#isWaiting = false;
      handler.onDrain();
    }
    if (this.#hasPeerEnded && !this.#isEndTold && !this.#isPaused && this.#inbox.length === 0 && !this.#isClosed) {
      this.#isEndTold = true;
      if (handler.onEnd === undefined) this.end();
      else handler.onEnd();
      if (this.#peer !== undefined) this.#peer.#queueTurn();
    }
    // Both ways are over when each side's end was told: what this end sent is then read as well.
    const peer = this.#peer;
    if (peer !== undefined && this.#isEndTold && peer.#isEndTold) {
      this.#close(undefined);
      peer.#close(undefined);
    }
    if (!this.#isClosed) return;
    this.#isCloseTold = true;
    handler.onClose(this.#closeError);
  };

  /** Hands over what was there when the turn began; what comes meanwhile waits for the next one. */
  #deliver(handler: ChannelHandler): void {
    if (this.#isPaused || this.#inbox.length === 0) return;
    const chunks = this.#inbox;
    this.#inbox = [];
    let next = 0;
    while (next < chunks.length && !this.#isPaused && !this.#isClosed) {
      const chunk = chunks[next++];
      if (chunk === undefined) break;
      this.#inboxBytes -= chunk.length;
      handler.onData(chunk);
    }
    if (this.#isClosed) return;
    if (next < chunks.length) this.#inbox = [...chunks.slice(next), ...this.#inbox];
    else if (this.#inbox.length > 0) this.#queueTurn();
    if (this.#inboxBytes === 0 && this.#peer !== undefined && this.#peer.#isWaiting) this.#peer.#queueTurn();
  }
}
