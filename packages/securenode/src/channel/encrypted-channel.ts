// The encrypted channel: base's contract of channels kept over records [SEC-040] to [SEC-049].
import { BaseError, type Channel, type ChannelHandler, type Clock } from "@p2p/base";
import { SecureError } from "../errors.js";
import { join } from "../primitives/join.js";
import type { MessageCutter } from "./message-cutter.js";
import { decodePayload } from "./payload.js";
import type { RecordOpener, RecordSealer } from "./records.js";
import type { Receiver } from "./relay.js";
import { channelFailure, refusedByPeer } from "./verdict.js";

export interface EncryptedChannelParts {
  readonly inner: Channel;
  readonly sealer: RecordSealer;
  readonly opener: RecordOpener;
  /** With what came after the handshake. */
  readonly cutter: MessageCutter;
  readonly clock: Clock;
  /** Told once when the channel turns out not to be what its handshake promised. */
  readonly onBroken: (error: SecureError) => void;
}

/** Made with the inner channel paused. What it throws away it never delivers: all bytes were verified before. */
export class EncryptedChannel implements Channel, Receiver {
  readonly #inner: Channel;
  readonly #sealer: RecordSealer;
  readonly #opener: RecordOpener;
  readonly #cutter: MessageCutter;
  readonly #clock: Clock;
  readonly #onBroken: (error: SecureError) => void;
  #handler: ChannelHandler | undefined;
  #isPaused = false;
  #isTurnQueued = false;
  /** This side sent its last record. */
  #hasEnded = false;
  /** The record that ends the peer's stream came. */
  #hasPeerEnded = false;
  /** The inner stream ended. */
  #hasInnerEnded = false;
  #isEndTold = false;
  #hasRecord = false;
  #isDestroyed = false;
  #close: { readonly error: Error | undefined } | undefined;
  #isCloseTold = false;

  constructor({ inner, sealer, opener, cutter, clock, onBroken }: EncryptedChannelParts) {
    this.#inner = inner;
    this.#sealer = sealer;
    this.#opener = opener;
    this.#cutter = cutter;
    this.#clock = clock;
    this.#onBroken = onBroken;
  }

  get remoteAddress(): string {
    return this.#inner.remoteAddress;
  }

  get localAddress(): string {
    return this.#inner.localAddress;
  }

  /** Of the ciphertext, which is little longer. */
  get bufferedBytes(): number {
    return this.#inner.bufferedBytes;
  }

  get untakenBytes(): number {
    return this.#inner.untakenBytes ?? this.#inner.bufferedBytes;
  }

  /** Of records that are not whole yet, or wait while nobody listens [SEC-048]. */
  get heldBytes(): number {
    return this.#isDestroyed || this.#close !== undefined ? 0 : this.#cutter.bytes;
  }

  open(handler: ChannelHandler): void {
    if (this.#handler !== undefined) throw new TypeError("a channel is opened once");
    this.#handler = handler;
    this.#queueTurn();
  }

  write(chunks: readonly Uint8Array[]): boolean {
    if (this.#hasEnded || this.#isDestroyed || this.#close !== undefined) return false;
    const records = this.#sealer.data(chunks, this.#clock.monotonic());
    return this.#inner.write(records);
  }

  pause(): void {
    this.#isPaused = true;
    this.#inner.pause();
  }

  resume(): void {
    this.#isPaused = false;
    this.#queueTurn();
  }

  end(): void {
    if (this.#hasEnded || this.#isDestroyed) return;
    this.#hasEnded = true;
    this.#inner.write(this.#sealer.last("end", new Uint8Array(0), this.#clock.monotonic()));
    this.#inner.end();
  }

  destroy(error?: Error): void {
    if (this.#isDestroyed) return;
    this.#isDestroyed = true;
    this.#inner.destroy(error);
  }

  onData(chunk: Uint8Array): void {
    if (this.#isDestroyed) return;
    const before = this.#cutter.bytes;
    this.#cutter.push(chunk);
    const handler = this.#handler;
    if (handler === undefined) return;
    if (!this.#isPaused && !this.#isTurnQueued) this.#deliver(handler);
    if (this.heldBytes !== before) handler.onHeld?.();
  }

  onDrain(): void {
    this.#handler?.onDrain();
  }

  onEnd(): void {
    this.#hasInnerEnded = true;
    this.#endInOrder();
  }

  onClose(error?: Error): void {
    this.#close = { error: error === undefined ? undefined : this.#explained(error) };
    this.#queueTurn();
  }

  #queueTurn(): void {
    if (this.#isTurnQueued || this.#handler === undefined) return;
    this.#isTurnQueued = true;
    this.#clock.queue(this.#turn);
  }

  /** What waited while nobody listened. A call may pause or destroy: each step looks again. */
  readonly #turn = (): void => {
    this.#isTurnQueued = false;
    const handler = this.#handler;
    if (handler === undefined || this.#isCloseTold) return;
    if (this.#close !== undefined) {
      this.#isCloseTold = true;
      handler.onClose(this.#close.error);
      return;
    }
    if (this.#isPaused) return;
    this.#deliver(handler);
    handler.onHeld?.();
    if (this.#isPaused || this.#isDestroyed) return;
    this.#endInOrder();
    this.#inner.resume();
  };

  #deliver(handler: ChannelHandler): void {
    while (!this.#isPaused && !this.#isDestroyed) {
      const sealed = this.#cutter.next();
      if (sealed === undefined) return;
      try {
        this.#take(sealed, handler);
      } catch (error) {
        if (!(error instanceof SecureError)) throw error;
        this.#break(error);
      }
    }
  }

  #take(sealed: readonly Uint8Array[], handler: ChannelHandler): void {
    const { kind, body } = this.#opener.open(sealed);
    if (this.#hasPeerEnded) throw new SecureError("bad-record", "a record after the last one");
    this.#hasRecord = true;
    switch (kind) {
      case "data":
        for (const part of body) if (part.length > 0 && !this.#isDestroyed) handler.onData(part);
        return;
      case "end":
        this.#hasPeerEnded = true;
        return;
      case "close": {
        const payload = decodePayload(join(body));
        if (payload?.kind !== "refusal") throw new SecureError("bad-record", "a close without a code and a text");
        this.destroy(refusedByPeer(payload.code, payload.text, this.remoteAddress));
        return;
      }
      case "rekey":
    }
  }

  /** The inner stream is at its end: so is this one, if the peer said so. */
  #endInOrder(): void {
    const handler = this.#handler;
    if (!this.#hasInnerEnded || this.#isEndTold || this.#isDestroyed || handler === undefined || this.#isPaused) return;
    if (this.#cutter.bytes > 0 || !this.#hasPeerEnded) {
      this.#break(new SecureError("truncated", "the stream ended before its last record: the end of it was cut off"));
      return;
    }
    this.#isEndTold = true;
    if (handler.onEnd === undefined) this.end();
    else handler.onEnd();
  }

  #break(error: SecureError): void {
    this.#onBroken(error);
    this.destroy(channelFailure(error, this.remoteAddress));
  }

  /** A peer that drops the channel before a word was said may have another network key: it alone could see that. */
  #explained(error: Error): Error {
    if (this.#hasRecord || this.#isDestroyed || !(error instanceof BaseError) || error.code !== "channel-reset")
      return error;
    const peer = this.remoteAddress;
    const text = `${peer} dropped the channel right after the handshake; it may have another network key`;
    const cause = new SecureError("handshake-cut", text, { peer, cause: error });
    return new BaseError("channel-reset", text, { peer, cause });
  }
}
