// HandshakeState of the Noise specification, revision 34, section 5.3, for the patterns XX and XXpsk3 [SEC-030] [SEC-031].
import { dhPublicKey } from "#x25519";
import { join } from "../primitives/join.js";
import { type DhKey, type DhPublicKey, tagBytes } from "../primitives/primitives.js";
import { wipe } from "../secrets/wipe.js";
import type { CipherState } from "./cipher-state.js";
import { SymmetricState } from "./symmetric-state.js";

type Token = "e" | "s" | "ee" | "es" | "se" | "psk";

/** -> e; <- e, ee, s, es; -> s, se and with a network key psk. */
const messages: readonly (readonly Token[])[] = [["e"], ["e", "ee", "s", "es"], ["s", "se", "psk"]];

const keyBytes = 32;

/** Why a handshake message is refused. */
export type HandshakeFault = "short" | "low-order" | "forged";

export interface HandshakeStateOptions {
  readonly isInitiator: boolean;
  /** What both sides must agree on beforehand. */
  readonly prologue: Uint8Array;
  readonly staticKey: DhKey;
  /** Drawn for this handshake alone. */
  readonly ephemeralKey: DhKey;
  /** 32 bytes that both sides know: the pattern is then XXpsk3. */
  readonly psk?: Uint8Array;
}

/** The name of the protocol, which the hash of a handshake begins with. */
export function protocolName(hasPsk: boolean): string {
  return `Noise_XX${hasPsk ? "psk3" : ""}_25519_ChaChaPoly_SHA256`;
}

export class HandshakeState {
  readonly #symmetric: SymmetricState;
  readonly #isInitiator: boolean;
  readonly #ephemeral: DhKey;
  readonly #psk: Uint8Array | undefined;
  #static: DhKey;
  #remoteEphemeral: DhPublicKey | undefined;
  #remoteStatic: DhPublicKey | undefined;
  #next = 0;

  constructor(options: HandshakeStateOptions) {
    this.#isInitiator = options.isInitiator;
    this.#static = options.staticKey;
    this.#ephemeral = options.ephemeralKey;
    this.#psk = options.psk;
    this.#symmetric = new SymmetricState(protocolName(options.psk !== undefined));
    this.#symmetric.mixHash(options.prologue);
  }

  /** The other's static key, 32 bytes, once it came. */
  get remoteStatic(): Uint8Array | undefined {
    return this.#remoteStatic?.bytes;
  }

  get remoteEphemeral(): Uint8Array | undefined {
    return this.#remoteEphemeral?.bytes;
  }

  /** The hash of the handshake so far: after the last message it names the channel. */
  get hash(): Uint8Array {
    return this.#symmetric.hash;
  }

  /** Another static key, as long as the own one has not been sent. */
  replaceStatic(key: DhKey): void {
    this.#static = key;
  }

  /**
   * The next message. @param payload given the hash of all before it, which no other handshake has
   * @returns the message, or the fault of the peer's keys
   */
  write(payload: (hash: Uint8Array) => Uint8Array): Uint8Array | HandshakeFault {
    const parts: Uint8Array[] = [];
    for (const token of this.#tokens()) {
      if (token === "e") {
        parts.push(this.#ephemeral.publicKey);
        this.#mixEphemeral(this.#ephemeral.publicKey);
      } else if (token === "s") parts.push(this.#symmetric.encryptAndHash(this.#static.publicKey));
      else if (!this.#mix(token)) return "low-order";
    }
    parts.push(this.#symmetric.encryptAndHash(payload(this.#symmetric.hash)));
    this.#next++;
    return join(parts);
  }

  /** Reads the next message. @returns its payload and the hash of all before it, or the fault */
  read(message: Uint8Array): { readonly payload: Uint8Array; readonly hash: Uint8Array } | HandshakeFault {
    let rest = message;
    for (const token of this.#tokens()) {
      if (token === "e") {
        if (rest.length < keyBytes) return "short";
        this.#remoteEphemeral = dhPublicKey(rest.slice(0, keyBytes));
        rest = rest.subarray(keyBytes);
        this.#mixEphemeral(this.#remoteEphemeral.bytes);
      } else if (token === "s") {
        const sealedBytes = keyBytes + tagBytes;
        if (rest.length < sealedBytes) return "short";
        const opened = this.#symmetric.decryptAndHash(rest.subarray(0, sealedBytes));
        if (opened === undefined) return "forged";
        this.#remoteStatic = dhPublicKey(opened);
        rest = rest.subarray(sealedBytes);
      } else if (!this.#mix(token)) return "low-order";
    }
    const { hash } = this.#symmetric;
    const payload = this.#symmetric.decryptAndHash(rest);
    if (payload === undefined) return "forged";
    this.#next++;
    return { payload, hash };
  }

  /** The keys of the channel: for what this side sends, and for what it receives. */
  split(): { readonly send: CipherState; readonly receive: CipherState } {
    if (this.#next !== messages.length) throw new TypeError("the handshake is not over");
    const [initiators, responders] = this.#symmetric.split();
    if (initiators === undefined || responders === undefined) throw new TypeError("a split gives two keys");
    return this.#isInitiator ? { send: initiators, receive: responders } : { send: responders, receive: initiators };
  }

  #tokens(): readonly Token[] {
    const tokens = messages[this.#next];
    if (tokens === undefined) throw new TypeError("the handshake is over");
    return this.#psk === undefined ? tokens.filter((token) => token !== "psk") : tokens;
  }

  #mixEphemeral(publicKey: Uint8Array): void {
    this.#symmetric.mixHash(publicKey);
    // Section 9.2: with a pre-shared key an ephemeral key randomises the keys, too.
    if (this.#psk !== undefined) this.#symmetric.mixKey(publicKey);
  }

  /** @returns false when a key of the peer is of low order */
  #mix(token: "ee" | "es" | "se" | "psk"): boolean {
    if (token === "psk") {
      if (this.#psk !== undefined) this.#symmetric.mixKeyAndHash(this.#psk);
      return true;
    }
    const usesOwnStatic = token === (this.#isInitiator ? "se" : "es");
    const usesRemoteStatic = token === (this.#isInitiator ? "es" : "se");
    const remote = usesRemoteStatic ? this.#remoteStatic : this.#remoteEphemeral;
    if (remote === undefined) throw new TypeError("a key that the pattern has not sent yet");
    const shared = (usesOwnStatic ? this.#static : this.#ephemeral).agree(remote);
    if (shared === undefined) return false;
    this.#symmetric.mixKey(shared);
    wipe(shared);
    return true;
  }
}
