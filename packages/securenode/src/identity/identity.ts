// An identity: an Ed25519 key pair, and the node id that its public key decides [SEC-010] [SEC-011].
import { type Random, systemRandom } from "@p2p/base";
import { type NodeId, sha512 } from "@p2p/wire";
import { signingKey, verifyingKey } from "#ed25519";
import { dhKey } from "#x25519";
import { isPurpose, type Purpose, tagged } from "../domain-tags.js";
import { SecureError } from "../errors.js";
import type { DhKey, SigningKey } from "../primitives/primitives.js";
import { isEqual } from "../secrets/is-equal.js";
import { wipe } from "../secrets/wipe.js";
import { decodeSecretJwk, encodePublicJwk, encodeSecretJwk, type PublicJwk, type SecretJwk } from "./jwk.js";
import { keyBytes, nodeIdOfKey } from "./node-id.js";
import { decodeSecretPem, encodePublicPem, encodeSecretPem } from "./pem.js";
import { decodeKeyText, encodeKeyText } from "./text.js";

/**
 * What opens what is sealed for an identity: the X25519 key pair of the same secret [SEC-203]. For this package alone:
 * others seal and open, and agree on nothing by themselves.
 */
export let readingKeyPair: (identity: Identity) => DhKey;

/**
 * Who a node is: whoever holds the secret key. Logging, printing or serialising the object shows the id and no secret;
 * the `export…` methods are the only way out [SEC-002].
 */
export class Identity {
  /** The node id: SHA-384 of a tag and the public key, as text. */
  readonly id: NodeId;
  /** 32 bytes, not to be changed. */
  readonly publicKey: Uint8Array;
  readonly #seed: Uint8Array;
  #key: SigningKey | undefined;
  #readingKey: DhKey | undefined;

  static {
    readingKeyPair = (identity) => identity.#makeReadingKey();
  }

  private constructor(seed: Uint8Array) {
    this.#seed = seed.slice();
    this.#key = signingKey(this.#seed);
    this.publicKey = this.#key.publicKey;
    this.id = nodeIdOfKey(this.publicKey);
  }

  /** A new identity. @param random default: the platform's cryptographic source */
  static generate(random: Random = systemRandom): Identity {
    return Identity.fromSeed(random.bytes(keyBytes));
  }

  /** The identity of a 32-byte Ed25519 seed, which is copied. @throws SecureError `bad-key` */
  static fromSeed(seed: Uint8Array): Identity {
    if (seed.length !== keyBytes) throw new SecureError("bad-key", `a secret key has ${keyBytes} bytes`);
    return new Identity(seed);
  }

  /** Reads a PKCS#8 secret key. @throws SecureError `bad-key` */
  static fromPem(pem: string): Identity {
    return Identity.fromSeed(decodeSecretPem(pem));
  }

  /** Reads a secret JSON Web Key. @throws SecureError `bad-key`, also when its two keys are not a pair */
  static fromJwk(jwk: SecretJwk): Identity {
    const { seed, publicKey } = decodeSecretJwk(jwk);
    const identity = Identity.fromSeed(seed);
    if (isEqual(identity.publicKey, publicKey)) return identity;
    throw new SecureError("bad-key", "the public key in the JSON Web Key is not that of its secret key");
  }

  /** Reads the line of {@link exportText}. @throws SecureError `bad-key` */
  static fromText(text: string): Identity {
    return Identity.fromSeed(decodeKeyText("secret", text));
  }

  /** The public key as SubjectPublicKeyInfo in PEM. */
  get publicPem(): string {
    return encodePublicPem(this.publicKey);
  }

  get publicJwk(): PublicJwk {
    return encodePublicJwk(this.publicKey);
  }

  /** The public key as one line. */
  get publicText(): string {
    return encodeKeyText("public", this.publicKey);
  }

  /** The secret key as PKCS#8 in PEM, not encrypted: who has it is this identity. */
  exportPem(): string {
    this.#mustLive();
    return encodeSecretPem(this.#seed);
  }

  /** The secret key as JSON Web Key, not encrypted. */
  exportJwk(): SecretJwk {
    this.#mustLive();
    return encodeSecretJwk(this.publicKey, this.#seed);
  }

  /** The secret key as one line, not encrypted. */
  exportText(): string {
    this.#mustLive();
    return encodeKeyText("secret", this.#seed);
  }

  /** The 32-byte secret seed, a copy that the caller overwrites when done. */
  exportSeed(): Uint8Array {
    this.#mustLive();
    return this.#seed.slice();
  }

  /** Signs bytes for one purpose: the signature is worth nothing for another. @returns 64 bytes @throws TypeError for what is no bytes */
  sign(purpose: Purpose, message: Uint8Array): Uint8Array {
    checkSigned(purpose, message);
    return this.#mustLive().sign(tagged(purpose, message));
  }

  /** Forgets the secret key; what is public stays. Harmless when repeated. */
  destroy(): void {
    wipe(this.#seed);
    this.#key = undefined;
    this.#readingKey = undefined;
  }

  toString(): string {
    return this.id;
  }

  toJSON(): { readonly id: NodeId } {
    return { id: this.id };
  }

  #makeReadingKey(): DhKey {
    this.#mustLive();
    if (this.#readingKey !== undefined) return this.#readingKey;
    const hashed = sha512(this.#seed);
    this.#readingKey = dhKey(hashed.subarray(0, keyBytes));
    wipe(hashed);
    return this.#readingKey;
  }

  #mustLive(): SigningKey {
    if (this.#key === undefined) throw new TypeError("the identity was destroyed");
    return this.#key;
  }
}

/** @throws TypeError for what callers without types may give in the place of an identity, such as its id */
export function checkIdentity(identity: Identity): void {
  if (identity instanceof Identity) return;
  throw new TypeError("the option `identity` is an Identity: `Identity.generate()`, or one that was kept");
}

/** All texts of one length would be the same bytes. */
function checkSigned(purpose: Purpose, message: Uint8Array): void {
  if (!isPurpose(purpose))
    throw new TypeError(`there is no purpose "${String(purpose)}"; applications use "application"`);
  if (message instanceof Uint8Array) return;
  throw new TypeError("what is signed are bytes, in a Uint8Array: of a text, `new TextEncoder().encode(text)`");
}

/** Whether the holder of a public key signed the bytes for this purpose. @throws TypeError for what is no bytes */
export function verifySigned(
  publicKey: Uint8Array,
  purpose: Purpose,
  message: Uint8Array,
  signature: Uint8Array,
): boolean {
  checkSigned(purpose, message);
  return verifyingKey(publicKey).verify(tagged(purpose, message), signature);
}
