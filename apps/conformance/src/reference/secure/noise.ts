// Noise XX and XXpsk3 over X25519, ChaCha20-Poly1305 and SHA-256, written from revision 34 of its specification.
import { createHmac, createPrivateKey, createPublicKey, diffieHellman, randomBytes } from "node:crypto";
import { bigEndian } from "../msgpack.js";
import { concat, fromHex } from "../value.js";
import { hash } from "./identity.js";
import { open, seal } from "./xchacha.js";

export const plainName = "Noise_XX_25519_ChaChaPoly_SHA256";
export const keyedName = "Noise_XXpsk3_25519_ChaChaPoly_SHA256";

/** What both sides must have agreed on. */
export interface NoiseParameters {
  readonly name: string;
  readonly prologue: Uint8Array;
  /** 32 bytes, mixed in at the end of the third message. */
  readonly networkKey?: Uint8Array;
}

export interface DhPair {
  readonly secret: Uint8Array;
  readonly publicKey: Uint8Array;
}

const secretPrefix = fromHex("302e020100300506032b656e04220420");
const publicPrefix = fromHex("302a300506032b656e032100");

const privateKeyOf = (secret: Uint8Array) =>
  createPrivateKey({ key: Buffer.from(concat([secretPrefix, secret])), format: "der", type: "pkcs8" });

export function drawPair(): DhPair {
  return pairOf(new Uint8Array(randomBytes(32)));
}

export function pairOf(secret: Uint8Array): DhPair {
  const der = createPublicKey(privateKeyOf(secret)).export({ format: "der", type: "spki" });
  return { secret, publicKey: new Uint8Array(der.subarray(publicPrefix.length)) };
}

/** @throws Error where they agree on zeroes */
export function agree({ secret }: DhPair, publicKey: Uint8Array): Uint8Array {
  const other = createPublicKey({ key: Buffer.from(concat([publicPrefix, publicKey])), format: "der", type: "spki" });
  return new Uint8Array(diffieHellman({ privateKey: privateKeyOf(secret), publicKey: other }));
}

function derive(chainingKey: Uint8Array, input: Uint8Array, count: number): Uint8Array[] {
  const mac = (key: Uint8Array, ...parts: readonly Uint8Array[]): Uint8Array =>
    new Uint8Array(createHmac("sha256", key).update(concat(parts)).digest());
  const key = mac(chainingKey, input);
  const outputs: Uint8Array[] = [];
  for (let number = 1; number <= count; number++) {
    outputs.push(mac(key, outputs.at(-1) ?? new Uint8Array(0), Uint8Array.of(number)));
  }
  return outputs;
}

const none = new Uint8Array(0);

/** One direction's key, and the number that is next. */
export class Cipher {
  #key: Uint8Array;
  #number = 0n;

  constructor(key: Uint8Array) {
    this.#key = key;
  }

  #nonce(number: bigint): Uint8Array {
    return concat([new Uint8Array(4), bigEndian(number, 8).reverse()]);
  }

  seal(text: Uint8Array, ad: Uint8Array = none): Uint8Array {
    return seal(this.#key, this.#nonce(this.#number++), ad, text);
  }

  open(sealed: Uint8Array, ad: Uint8Array = none): Uint8Array | undefined {
    return open(this.#key, this.#nonce(this.#number++), ad, sealed);
  }

  /** Noise's Rekey; numbers go on. */
  rekey(): void {
    this.#key = seal(this.#key, this.#nonce(2n ** 64n - 1n), none, new Uint8Array(32)).subarray(0, 32);
  }
}

/** One side of a handshake: its messages in turn. What does not verify reads as undefined. */
export class NoiseHandshake {
  readonly ephemeral: DhPair;
  readonly #isInitiator: boolean;
  readonly #networkKey: Uint8Array | undefined;
  readonly #static: DhPair;
  #chainingKey: Uint8Array;
  #cipher: Cipher | undefined;
  #hash: Uint8Array;
  #theirEphemeral: Uint8Array = none;
  #theirStatic: Uint8Array = none;

  constructor(
    isInitiator: boolean,
    { name, prologue, networkKey }: NoiseParameters,
    pairs: Partial<Record<"ephemeral" | "static", DhPair>> = {},
  ) {
    this.#isInitiator = isInitiator;
    this.#networkKey = networkKey;
    this.ephemeral = pairs.ephemeral ?? drawPair();
    this.#static = pairs.static ?? drawPair();
    const text = new TextEncoder().encode(name);
    this.#hash = text.length <= 32 ? concat([text, new Uint8Array(32 - text.length)]) : hash("sha256", text);
    this.#chainingKey = this.#hash;
    this.#mixHash(prologue);
  }

  /** The handshake hash: what signatures are over. */
  get hash(): Uint8Array {
    return this.#hash;
  }

  /** The peer's ephemeral key. */
  get theirEphemeral(): Uint8Array {
    return this.#theirEphemeral;
  }

  writeFirst(): Uint8Array {
    this.#mixEphemeral(this.ephemeral.publicKey);
    // With a pre-shared key even the empty payload is sealed.
    return concat([this.ephemeral.publicKey, this.#sealPart(none)]);
  }

  readFirst(message: Uint8Array): void {
    this.#theirEphemeral = message.subarray(0, 32);
    this.#mixEphemeral(this.#theirEphemeral);
    this.#openPart(message.subarray(32));
  }

  /** @param payload of the handshake hash as it is before the payload is sealed */
  writeSecond(payload: (hash: Uint8Array) => Uint8Array): Uint8Array {
    this.#mixEphemeral(this.ephemeral.publicKey);
    this.#mixKey(agree(this.ephemeral, this.#theirEphemeral));
    const ownStatic = this.#sealPart(this.#static.publicKey);
    this.#mixKey(agree(this.#static, this.#theirEphemeral));
    return concat([this.ephemeral.publicKey, ownStatic, this.#sealPart(payload(this.#hash))]);
  }

  readSecond(message: Uint8Array): { readonly payload: Uint8Array; readonly hash: Uint8Array } | undefined {
    this.#theirEphemeral = message.subarray(0, 32);
    this.#mixEphemeral(this.#theirEphemeral);
    this.#mixKey(agree(this.ephemeral, this.#theirEphemeral));
    const theirStatic = this.#openPart(message.subarray(32, 80));
    if (theirStatic === undefined) return undefined;
    this.#theirStatic = theirStatic;
    this.#mixKey(agree(this.ephemeral, theirStatic));
    return this.#openPayload(message.subarray(80));
  }

  writeThird(payload: (hash: Uint8Array) => Uint8Array): Uint8Array {
    const ownStatic = this.#sealPart(this.#static.publicKey);
    // A static key that a case made up agrees with nobody: the peer has to notice before it matters.
    if (this.#static.secret.length > 0) this.#mixKey(agree(this.#static, this.#theirEphemeral));
    this.#mixNetworkKey();
    return concat([ownStatic, this.#sealPart(payload(this.#hash))]);
  }

  readThird(message: Uint8Array): { readonly payload: Uint8Array; readonly hash: Uint8Array } | undefined {
    const theirStatic = this.#openPart(message.subarray(0, 48));
    if (theirStatic === undefined) return undefined;
    this.#theirStatic = theirStatic;
    this.#mixKey(agree(this.ephemeral, this.#theirStatic));
    this.#mixNetworkKey();
    return this.#openPayload(message.subarray(48));
  }

  /** The ciphers of the two directions, once the third message is done. */
  split(): { readonly sending: Cipher; readonly receiving: Cipher } {
    const [first = none, second = none] = derive(this.#chainingKey, none, 2);
    const [ofInitiator, ofResponder] = [new Cipher(first), new Cipher(second)];
    return this.#isInitiator
      ? { sending: ofInitiator, receiving: ofResponder }
      : { sending: ofResponder, receiving: ofInitiator };
  }

  #openPayload(sealed: Uint8Array): { readonly payload: Uint8Array; readonly hash: Uint8Array } | undefined {
    const before = this.#hash;
    const payload = this.#openPart(sealed);
    return payload && { payload, hash: before };
  }

  #mixHash(bytes: Uint8Array): void {
    this.#hash = hash("sha256", this.#hash, bytes);
  }

  #mixKey(input: Uint8Array): void {
    const [chainingKey = none, key = none] = derive(this.#chainingKey, input, 2);
    this.#chainingKey = chainingKey;
    this.#cipher = new Cipher(key);
  }

  /** Where a pre-shared key is used, ephemeral keys are mixed into the key as well. */
  #mixEphemeral(publicKey: Uint8Array): void {
    this.#mixHash(publicKey);
    if (this.#networkKey !== undefined) this.#mixKey(publicKey);
  }

  #mixNetworkKey(): void {
    if (this.#networkKey === undefined) return;
    const [chainingKey = none, mixed = none, key = none] = derive(this.#chainingKey, this.#networkKey, 3);
    this.#chainingKey = chainingKey;
    this.#mixHash(mixed);
    this.#cipher = new Cipher(key);
  }

  #sealPart(text: Uint8Array): Uint8Array {
    const sealed = this.#cipher?.seal(text, this.#hash) ?? text;
    this.#mixHash(sealed);
    return sealed;
  }

  #openPart(sealed: Uint8Array): Uint8Array | undefined {
    const text = this.#cipher === undefined ? sealed : this.#cipher.open(sealed, this.#hash);
    this.#mixHash(sealed);
    return text;
  }
}
