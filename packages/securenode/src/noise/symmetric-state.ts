// SymmetricState of the Noise specification, revision 34, section 5.2, over SHA-256 [SEC-030].
import { sha256 } from "@p2p/wire";
import { join } from "../primitives/join.js";
import { wipe } from "../secrets/wipe.js";
import { CipherState } from "./cipher-state.js";
import { deriveKeys } from "./key-derivation.js";

const hashBytes = 32;

export class SymmetricState {
  #chainingKey: Uint8Array;
  #hash: Uint8Array;
  #cipher: CipherState | undefined;

  constructor(protocolName: string) {
    const name = new TextEncoder().encode(protocolName);
    if (name.length <= hashBytes) {
      this.#hash = new Uint8Array(hashBytes);
      this.#hash.set(name);
    } else this.#hash = sha256(name);
    this.#chainingKey = this.#hash.slice();
  }

  /** The hash of all that was said so far, 32 bytes. */
  get hash(): Uint8Array {
    return this.#hash;
  }

  mixHash(data: Uint8Array): void {
    this.#hash = sha256(join([this.#hash, data]));
  }

  mixKey(material: Uint8Array): void {
    const [chainingKey, key] = deriveKeys(this.#chainingKey, material, 2);
    this.#advance(chainingKey, key);
  }

  mixKeyAndHash(material: Uint8Array): void {
    const [chainingKey, hash, key] = deriveKeys(this.#chainingKey, material, 3);
    if (hash !== undefined) this.mixHash(hash);
    this.#advance(chainingKey, key);
  }

  /** Encrypts once there is a key; until then the plaintext goes as it is. */
  encryptAndHash(plaintext: Uint8Array): Uint8Array {
    const sealed = this.#cipher === undefined ? plaintext : join(this.#cipher.seal(this.#hash, [plaintext]));
    this.mixHash(sealed);
    return sealed;
  }

  /** The plaintext, or undefined when it does not verify. */
  decryptAndHash(sealed: Uint8Array): Uint8Array | undefined {
    const opened = this.#cipher === undefined ? [sealed] : this.#cipher.open(this.#hash, [sealed]);
    this.mixHash(sealed);
    return opened === undefined ? undefined : join(opened);
  }

  /** The keys of both ways, the initiator's first; this state is of no use after that. */
  split(): readonly CipherState[] {
    const keys = deriveKeys(this.#chainingKey, new Uint8Array(0), 2);
    const ways = keys.map((key) => new CipherState(key));
    wipe(this.#chainingKey, ...keys);
    return ways;
  }

  #advance(chainingKey: Uint8Array | undefined, key: Uint8Array | undefined): void {
    if (chainingKey === undefined || key === undefined) throw new TypeError("keys are derived in twos or threes");
    wipe(this.#chainingKey);
    this.#chainingKey = chainingKey;
    this.#cipher = new CipherState(key);
    wipe(key);
  }
}
