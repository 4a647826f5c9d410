// `noise(...)`: encrypted channels with proven ids, for the option `security` of a node [SEC-030] to [SEC-064].
import {
  BaseError,
  type Channel,
  checkOptions,
  Emitter,
  type EventListener,
  type ListenOptions,
  type NamesOf,
  type Proofs,
  type SecureChannel,
  type Security,
  type SecurityContext,
  type Signing,
  type SigningContext,
} from "@p2p/base";
import type { NodeId } from "@p2p/wire";
import { drawDhKey } from "#x25519";
import { SecureError } from "../errors.js";
import { checkIdentity, type Identity } from "../identity/identity.js";
import { protocolName } from "../noise/handshake-state.js";
import { OwnedProofs } from "../owned/owned-proofs.js";
import type { DhKey } from "../primitives/primitives.js";
import { checkMessagePolicy, type MessageOptions, MessageSigning } from "../signed/message-signing.js";
import { Door, type Gate, type PeerList } from "./gate.js";
import { Handshake } from "./handshake.js";
import type { RekeyLimits } from "./records.js";
import { runHandshake } from "./run-handshake.js";
import { wrongPeer } from "./verdict.js";

export interface NoiseOptions extends Partial<RekeyLimits>, MessageOptions {
  /** Who this node is; its id becomes the node's. */
  readonly identity: Identity;
  /** 32 bytes that all nodes of a private network share; who has them not cannot connect. Default: none. */
  readonly networkKey?: Uint8Array;
  /** Ids and hosts that may connect, and nobody else. Default: all. */
  readonly allow?: PeerList;
  /** Ids and hosts that may not. Default: none. */
  readonly deny?: PeerList;
  /** Callbacks that decide for each peer. Default: none. */
  readonly gate?: Gate;
}

export const noiseOptionNames: NamesOf<NoiseOptions> = {
  identity: true,
  networkKey: true,
  allow: true,
  deny: true,
  gate: true,
  rekeyAfterRecords: true,
  rekeyAfterMs: true,
  messages: true,
  replayStore: true,
  freshnessMs: true,
  replaySenders: true,
};

export const defaultRekeyLimits: RekeyLimits = Object.freeze({ rekeyAfterRecords: 2 ** 32, rekeyAfterMs: 3_600_000 });

/** What happens to channels, and to messages that come through others. */
export interface NoiseEvents {
  /** A peer has proven its id, and is let in. */
  readonly secured: readonly [id: NodeId, address: string, role: "dialer" | "acceptor"];
  /** A channel did not come to be: the peer, or somebody in between, failed, or is not wanted. */
  readonly refused: readonly [error: BaseError | SecureError, address: string, role: "dialer" | "acceptor"];
  /** Somebody altered, cut or repeated what a peer sent; the channel is closed. */
  readonly forged: readonly [error: SecureError, id: NodeId, address: string];
  /** A message of another node was taken, signed or (where that is not required) not. */
  readonly messageAccepted: readonly [from: NodeId, isSigned: boolean];
  /** A message was left aside, for its time or because it was heard before: nobody's fault. */
  readonly messageRefused: readonly [error: SecureError, from: NodeId, via: NodeId | undefined];
  /** The neighbour `via` brought a message that `from` did not send so. */
  readonly messageForged: readonly [error: SecureError, from: NodeId, via: NodeId | undefined];
  /** A listener failed, or the store of replay windows. */
  readonly error: readonly [error: Error];
}

const noiseEventNames: NamesOf<NoiseEvents> = {
  secured: true,
  refused: true,
  forged: true,
  messageAccepted: true,
  messageRefused: true,
  messageForged: true,
  error: true,
};

/** The security layer of one node. */
export interface NoiseSecurity extends Security {
  readonly nodeId: NodeId;
  /** What tables and dictionaries prove and check owned keys by. */
  readonly proofs: Proofs;
  signing(context: SigningContext): Signing | undefined;
  /** Adds a listener. @returns what removes it */
  on<Name extends keyof NoiseEvents>(
    event: Name,
    listener: EventListener<NoiseEvents[Name]>,
    options?: ListenOptions,
  ): () => void;
}

/** Noise XX over X25519, ChaCha20-Poly1305 and SHA-256, with ids proven by Ed25519; signed messages. @throws TypeError, RangeError */
export function noise(options: NoiseOptions): NoiseSecurity {
  return new NoiseLayer(options);
}

/** A failure, or a peer that took too long; not the end of this node, nor a caller that gave up. */
function isPeersDoing(error: unknown, signal: AbortSignal): error is BaseError | SecureError {
  if (error instanceof BaseError) return !signal.aborted || error.code === "handshake-timeout";
  return error instanceof SecureError && !signal.aborted;
}

class NoiseLayer implements NoiseSecurity {
  readonly name: string;
  readonly nodeId: NodeId;
  readonly proofs: Proofs;
  readonly #identity: Identity;
  readonly #networkKey: Uint8Array | undefined;
  readonly #rekey: RekeyLimits;
  readonly #door: Door;
  readonly #messages: MessageOptions;
  readonly #events = new Emitter<NoiseEvents>("of noise", noiseEventNames);
  /** Drawn at the first handshake, and kept for all: the signature of each tells whose it is. */
  #staticKey: DhKey | undefined;

  constructor(options: NoiseOptions) {
    checkOptions("of noise", noiseOptionNames, options);
    const { identity, networkKey, ...rest } = options;
    checkIdentity(identity);
    if (networkKey !== undefined && !(networkKey instanceof Uint8Array && networkKey.length === 32)) {
      throw new TypeError("the option `networkKey` has 32 bytes, in a Uint8Array");
    }
    checkMessagePolicy(rest.messages);
    const { rekeyAfterRecords, rekeyAfterMs } = { ...defaultRekeyLimits, ...rest };
    if (!(rekeyAfterRecords >= 1 && rekeyAfterMs > 0)) throw new RangeError("a key is used for one record at least");
    this.name = protocolName(networkKey !== undefined);
    this.nodeId = identity.id;
    this.proofs = new OwnedProofs(identity);
    this.#identity = identity;
    this.#networkKey = networkKey?.slice();
    this.#rekey = { rekeyAfterRecords, rekeyAfterMs };
    this.#door = new Door(rest);
    this.#messages = rest;
  }

  on<Name extends keyof NoiseEvents>(
    event: Name,
    listener: EventListener<NoiseEvents[Name]>,
    options?: ListenOptions,
  ): () => void {
    return this.#events.on(event, listener, options);
  }

  signing(context: SigningContext): Signing | undefined {
    const { messages = "off" } = this.#messages;
    if (messages === "off") return undefined;
    const events = this.#events;
    return new MessageSigning(this.#identity, messages, this.#messages, context, {
      accepted: (from, isSigned) => {
        if (events.has("messageAccepted")) events.emit("messageAccepted", from, isSigned);
      },
      refused: (error, from, via) => events.emit("messageRefused", error, from, via),
      forged: (error, from, via) => events.emit("messageForged", error, from, via),
      failed: (error) => events.emit("error", error),
    });
  }

  checkDial(address: string, expectedId?: NodeId): void {
    const refusal = this.#door.dial(address, expectedId);
    if (refusal === undefined) return;
    this.#events.emit("refused", refusal.error, address, "dialer");
    throw refusal.error;
  }

  async secure(
    channel: Channel,
    role: "dialer" | "acceptor",
    context: SecurityContext,
  ): Promise<SecureChannel & { readonly remoteId: NodeId }> {
    const address = channel.remoteAddress;
    try {
      const secured = await this.#secure(channel, role, context);
      this.#events.emit("secured", secured.remoteId, address, role);
      return secured;
    } catch (error) {
      if (isPeersDoing(error, context.signal)) this.#events.emit("refused", error, address, role);
      throw error;
    }
  }

  #secure(
    inner: Channel,
    role: "dialer" | "acceptor",
    context: SecurityContext,
  ): Promise<SecureChannel & { readonly remoteId: NodeId }> {
    const { expectedId, networkId, random } = context;
    const peer = inner.remoteAddress;
    if (role === "acceptor") {
      const refusal = this.#door.accept(peer);
      if (refusal !== undefined) {
        // Without a word: nothing was spent on it yet.
        inner.open({ onData: () => {}, onDrain: () => {}, onClose: () => {} });
        inner.destroy();
        return Promise.reject(refusal.error);
      }
    }
    const drawKey = (): DhKey => drawDhKey(random);
    this.#staticKey ??= drawKey();
    const networkKey = this.#networkKey;
    const handshake = new Handshake({
      role,
      identity: this.#identity,
      staticKey: this.#staticKey,
      drawKey,
      networkId,
      peer,
      judge: (id) =>
        expectedId !== undefined && expectedId !== id
          ? wrongPeer(id, expectedId, peer)
          : this.#door.peer(id, peer, role),
      ...(networkKey === undefined ? {} : { networkKey }),
    });
    const onBroken = (error: SecureError, { remoteId }: { readonly remoteId: NodeId }): void => {
      this.#events.emit("forged", error, remoteId, peer);
    };
    return runHandshake({ inner, role, handshake, context, rekey: this.#rekey, onBroken });
  }
}
