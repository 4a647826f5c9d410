// CipherState of the Noise specification, revision 34, section 5.1, with Rekey of 4.2 [SEC-030] [SEC-045].
import { aeadKey } from "#aead";
import { join } from "../primitives/join.js";
import type { AeadKey } from "../primitives/primitives.js";
import { wipe } from "../secrets/wipe.js";

/** The nonce that only Rekey uses; no message gets it. */
const rekeyNonce: Uint8Array = Uint8Array.of(0, 0, 0, 0, 255, 255, 255, 255, 255, 255, 255, 255);

const nothing: Uint8Array = new Uint8Array(0);

const zeroes: Uint8Array = new Uint8Array(32);

/** Beyond it a number of this language loses the last bit. Two thousand years of messages, one a microsecond, lie before. */
const lastNonce = Number.MAX_SAFE_INTEGER;

/** One key and the number of the next message under it. */
export class CipherState {
  /** Imported at first use: half of the keys of a handshake never seal anything. */
  #imported: AeadKey | undefined;
  readonly #raw: Uint8Array;
  #next: number;
  readonly #nonce = new Uint8Array(12);
  readonly #nonceView = new DataView(this.#nonce.buffer);

  /**
   * @param key 32 bytes, copied
   * @param next number of the first message. Default: 0; for tests
   */
  constructor(key: Uint8Array, next = 0) {
    this.#raw = key.slice();
    this.#next = next;
  }

  /** How many messages have passed. */
  get messages(): number {
    return this.#next;
  }

  /** No further message can be numbered. */
  get isExhausted(): boolean {
    return this.#next >= lastNonce;
  }

  /** @throws RangeError when the numbers are used up: the caller closes long before */
  seal(ad: Uint8Array, parts: readonly Uint8Array[]): Uint8Array[] {
    const sealed = this.#key.seal(this.#takeNonce(), ad, parts);
    this.#next++;
    return sealed;
  }

  /** The plaintext, or undefined when it does not verify: the number is not used up then. */
  open(ad: Uint8Array, parts: readonly Uint8Array[]): Uint8Array[] | undefined {
    const opened = this.#key.open(this.#takeNonce(), ad, parts);
    if (opened !== undefined) this.#next++;
    return opened;
  }

  /** Replaces the key by one made from it; the old one cannot be found from the new one. The numbers go on. */
  rekey(): void {
    const made = join(this.#key.seal(rekeyNonce, nothing, [zeroes]));
    this.#imported = aeadKey(made.subarray(0, 32));
    wipe(made);
  }

  get #key(): AeadKey {
    if (this.#imported === undefined) {
      this.#imported = aeadKey(this.#raw);
      wipe(this.#raw);
    }
    return this.#imported;
  }

  #takeNonce(): Uint8Array {
    if (this.isExhausted) throw new RangeError("the numbers of this key are used up");
    this.#nonceView.setUint32(4, this.#next >>> 0, true);
    this.#nonceView.setUint32(8, Math.floor(this.#next / 2 ** 32), true);
    return this.#nonce;
  }
}
