// The handshake of a channel: messages in, messages and a verdict out; no channel, no clock [SEC-030] to [SEC-039].
import type { NodeId } from "@p2p/wire";
import { SecureError } from "../errors.js";
import { type Identity, verifySigned } from "../identity/identity.js";
import { nodeIdOfKey } from "../identity/node-id.js";
import type { CipherState } from "../noise/cipher-state.js";
import { type HandshakeFault, HandshakeState } from "../noise/handshake-state.js";
import type { DhKey } from "../primitives/primitives.js";
import { isEqual } from "../secrets/is-equal.js";
import { decodePayload, encodePayload, type IdentityPayload } from "./payload.js";
import { prologueOf } from "./prologue.js";
import { ownKey, type Refusal, refusedByPeer } from "./verdict.js";

/** The longest handshake message; it bounds what is buffered for a peer that has not proven anything [SEC-035]. */
export const maxHandshakeMessageBytes = 1_024;

export interface HandshakeOptions {
  readonly role: "dialer" | "acceptor";
  readonly identity: Identity;
  /** The static key of this start of the node. */
  readonly staticKey: DhKey;
  /** A key for this handshake alone, drawn at each call. */
  readonly drawKey: () => DhKey;
  readonly networkId: Uint8Array;
  /** 32 bytes. */
  readonly networkKey?: Uint8Array;
  /** Where the peer is, for texts. */
  readonly peer: string;
  /** Whether this node talks to a peer that has proven its id; undefined if so. */
  readonly judge: (id: NodeId) => Refusal | undefined;
}

/** The keys of a channel, and who is at the other end. */
export interface Secured {
  readonly send: CipherState;
  readonly receive: CipherState;
  readonly remoteId: NodeId;
}

export type HandshakeStep =
  | { readonly kind: "answer"; readonly message: Uint8Array }
  | { readonly kind: "done"; readonly message?: Uint8Array; readonly secured: Secured }
  /** `message` is sent before the channel is closed; `send` seals a refusal when there is no message left to carry it. */
  | { readonly kind: "refuse"; readonly message?: Uint8Array; readonly send?: CipherState; readonly refusal: Refusal }
  | { readonly kind: "fail"; readonly error: Error };

export class Handshake {
  readonly #options: HandshakeOptions;
  readonly #state: HandshakeState;
  readonly #ephemeral: DhKey;

  constructor(options: HandshakeOptions) {
    const { role, staticKey, drawKey, networkId, networkKey } = options;
    this.#options = options;
    this.#ephemeral = drawKey();
    this.#state = new HandshakeState({
      isInitiator: role === "dialer",
      prologue: prologueOf(networkId),
      staticKey,
      ephemeralKey: this.#ephemeral,
      ...(networkKey === undefined ? {} : { psk: networkKey }),
    });
  }

  /** The dialler's first message. */
  first(): Uint8Array {
    const message = this.#state.write(() => new Uint8Array(0));
    if (typeof message === "string") throw new TypeError("the first message mixes no key of the peer");
    return message;
  }

  /** Takes a message of the peer. */
  step(message: Uint8Array): HandshakeStep {
    const read = this.#state.read(message);
    if (typeof read === "string") return this.#fault(read);
    const { remoteEphemeral, remoteStatic } = this.#state;
    if (remoteEphemeral !== undefined && isEqual(remoteEphemeral, this.#ephemeral.publicKey)) {
      return this.#fail("reflected", "sends back this node's own messages");
    }
    // An acceptor's first message: the dialler has not said yet who it is.
    if (remoteStatic === undefined) return this.#answer();
    const payload = decodePayload(read.payload);
    if (payload === undefined) return this.#fail("bad-handshake", "does not say who it is");
    if (payload.kind === "refusal") {
      return { kind: "fail", error: refusedByPeer(payload.code, payload.text, this.#options.peer) };
    }
    return this.#judge(payload, read.hash);
  }

  #answer(): HandshakeStep {
    const message = this.#state.write(this.#identityPayload);
    return typeof message === "string" ? this.#fault(message) : { kind: "answer", message };
  }

  #judge({ publicKey, signature }: IdentityPayload, hash: Uint8Array): HandshakeStep {
    const { identity, judge, peer, role } = this.#options;
    if (!verifySigned(publicKey, "channelIdentity", hash, signature)) {
      return this.#fail("identity-forged", "shows an identity that did not sign this handshake");
    }
    const remoteId = nodeIdOfKey(publicKey);
    const refusal = remoteId === identity.id ? ownKey(peer) : judge(remoteId);
    if (refusal !== undefined) return this.#refuse(refusal);
    if (role === "acceptor") return { kind: "done", secured: { ...this.#state.split(), remoteId } };
    const message = this.#state.write(this.#identityPayload);
    if (typeof message === "string") return this.#fault(message);
    return { kind: "done", message, secured: { ...this.#state.split(), remoteId } };
  }

  /** Tells the peer why, and not who this node is. */
  #refuse(refusal: Refusal): HandshakeStep {
    const { role, drawKey } = this.#options;
    if (role === "acceptor") return { kind: "refuse", send: this.#state.split().send, refusal };
    // The static key would tell who else the peer knows this node as.
    this.#state.replaceStatic(drawKey());
    const message = this.#state.write(() => encodePayload({ kind: "refusal", code: refusal.code, text: refusal.text }));
    return typeof message === "string" ? this.#fault(message) : { kind: "refuse", message, refusal };
  }

  readonly #identityPayload = (hash: Uint8Array): Uint8Array => {
    const { identity } = this.#options;
    const signature = identity.sign("channelIdentity", hash);
    return encodePayload({ kind: "identity", publicKey: identity.publicKey, signature });
  };

  #fault(fault: HandshakeFault): HandshakeStep {
    switch (fault) {
      case "short":
        return this.#fail("bad-handshake", "sends a handshake message that is too short");
      case "low-order":
        return this.#fail("low-order-key", "uses a key whose secrets everybody knows");
      case "forged":
        return this.#fail(
          "handshake-forged",
          "says what does not verify: it is of another network, has another network key, or somebody is in between",
        );
    }
  }

  #fail(code: SecureError["code"], what: string): HandshakeStep {
    const { peer } = this.#options;
    return { kind: "fail", error: new SecureError(code, `${peer} ${what}`, { peer }) };
  }
}
