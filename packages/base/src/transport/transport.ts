// The seams that every transport (tcp, memory, tls, websocket, a simulator) and every security layer fits
// [BASE-103] to [BASE-112]. The published contract suite of `@p2p/base/testing` checks an implementation.
import type { NodeId } from "@p2p/wire";
import type { Signing, SigningContext } from "../messages/signing.js";
import type { Proofs } from "../owned/proofs.js";
import type { Clock } from "../runtime/clock.js";
import type { Random } from "../runtime/random.js";

/** What a channel tells its owner. One object a channel; calls come one at a time, never inside a call of the owner. */
export interface ChannelHandler {
  /** Bytes in order, in any chunking. They may be kept, and are never changed: not by the channel, nor by the owner. */
  onData(chunk: Uint8Array): void;
  /** A `write` that returned false may go on. May also come when nobody waits. */
  onDrain(): void;
  /** The channel's `heldBytes` has changed. */
  onHeld?(): void;
  /** The peer finished writing. Without this method the channel then ends its own side by itself. */
  onEnd?(): void;
  /** Exactly once, and the last call: both ways are over; with an error unless both sides ended in order. */
  onClose(error?: Error): void;
}

/** An ordered, reliable stream of bytes both ways. */
export interface Channel {
  /** Where the peer's end is, `scheme://host:port`. */
  readonly remoteAddress: string;
  /** Where this end is, `scheme://host:port`. */
  readonly localAddress: string;
  /** Binds the handler, once. Nothing is read before, and no call of the handler comes before this returns. */
  open(handler: ChannelHandler): void;
  /**
   * Sends chunks, in order. The channel owns them from now on: they must never change.
   * @returns false when the caller should wait for `onDrain`; the chunks are taken all the same. After `end`,
   * `destroy` or a failure the chunks are dropped and the answer is false: `onClose` is what follows.
   */
  write(chunks: readonly Uint8Array[]): boolean;
  /** Bytes taken by `write` and not yet given to the network. */
  readonly bufferedBytes: number;
  /**
   * A figure that goes down whenever the network takes some of them, for channels whose `bufferedBytes` goes down by
   * whole writes only: by it a slow reader is told from one that takes nothing [BASE-074].
   */
  readonly untakenBytes?: number;
  /**
   * Bytes of the peer that it keeps because they are no whole unit yet, such as a record of an encrypted channel: they are
   * bytes of the node's memory budget [BASE-132]. Whoever has some calls `onHeld`. Absent where nothing is kept.
   */
  readonly heldBytes?: number;
  /** Stops `onData` (and what follows it in the stream), so that in the end the peer's `write` returns false. */
  pause(): void;
  /** Lets `onData` go on. */
  resume(): void;
  /** Sends what is buffered, then finishes this side. Bytes of the peer still come until it ends too. */
  end(): void;
  /** Drops the channel and what it buffers now; the peer sees a reset. `onClose(error)` follows. */
  destroy(error?: Error): void;
}

export interface Listener {
  /** The address really bound, e.g. `tcp://127.0.0.1:40123` for a listen on port 0. */
  readonly address: string;
  /** Accepts no more and frees the address; accepted channels live on. Closing twice is harmless. */
  close(): Promise<void>;
}

export interface DialOptions {
  /** Gives up the dial: it then rejects with `signal.reason`. Without effect on a channel already made. */
  readonly signal: AbortSignal;
}

export interface Transport {
  /** The address scheme it serves, without `://`. */
  readonly scheme: string;
  /** Opens a channel. @throws BaseError `address-invalid`, `dial-*`; `signal.reason` when aborted. */
  dial(address: string, options: DialOptions): Promise<Channel>;
  /** Accepts channels; a channel not opened by `onChannel` stays unread. @throws BaseError `listen-*`. */
  listen(address: string, onChannel: (channel: Channel) => void): Promise<Listener>;
}

export interface SecurityContext {
  /** Gives up: `secure` then destroys the channel and rejects with `signal.reason`. */
  readonly signal: AbortSignal;
  readonly clock: Clock;
  readonly random: Random;
  /** The id that the peer must prove (an address with a pin was dialled). */
  readonly expectedId?: NodeId;
  /** 32 bytes; both sides must have the same. */
  readonly networkId: Uint8Array;
}

export interface SecureChannel {
  readonly channel: Channel;
  /** The id that the peer has proven. */
  readonly remoteId?: NodeId;
}

/** A layer between transport and session, such as a Noise channel. */
export interface Security {
  /** Goes into the network id, so that nodes of different security never talk. */
  readonly name: string;
  /** This node's id, when the security's key decides it. */
  readonly nodeId?: NodeId;
  /** Asked before an address is dialled; `expectedId` is its pin. Throws to refuse. Without it, every address is dialled. */
  checkDial?(address: string, expectedId?: NodeId): void;
  /**
   * Opens `channel`, agrees with the peer, and gives the channel to use instead. On failure destroys it and throws: a
   * BaseError with a `reason` is told as it is (such as `wrong-peer`), all else as the cause of `security-failed`. A
   * channel that fails later may close with such an error, too: its reason is then that of the connection.
   */
  secure(channel: Channel, role: "dialer" | "acceptor", context: SecurityContext): Promise<SecureChannel>;
  /**
   * The signatures of a node's messages that travel through others; asked for once, by the node's constructor. Without it,
   * or when there are none, what comes through others is a claim.
   */
  signing?(context: SigningContext): Signing | undefined;
  /** What the node vouches for itself, and others for themselves. Without it, no key can be owned for good. */
  readonly proofs?: Proofs;
}
