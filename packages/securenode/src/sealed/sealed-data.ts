// Data that its owner lets readers in to and out of, wherever it is stored [SEC-220] to [SEC-228].
import { type Random, systemRandom } from "@p2p/base";
import { encodeValue, type NodeId, sha256, type WireValue } from "@p2p/wire";
import { tagged } from "../domain-tags.js";
import { SecureError } from "../errors.js";
import { type Identity, readingKeyPair, verifySigned } from "../identity/identity.js";
import { nodeIdOfKey } from "../identity/node-id.js";
import { join } from "../primitives/join.js";
import { isEqual } from "../secrets/is-equal.js";
import { wipe } from "../secrets/wipe.js";
import { decodeContent, openContent, sealContent } from "./content.js";
import { type DataHead, type DataParts, decodeData, encodeHead } from "./data-format.js";
import { maxReaders, orderedReaders } from "./reader-keys.js";
import { type StanzaUse, secretBytes, unwrapSecret, wrapSecret } from "./stanza.js";

/** What only the owner can do. */
export interface OwnerOptions {
  readonly owner: Identity;
  /** Default: {@link systemRandom}. */
  readonly random?: Random;
}

export interface SealDataOptions extends OwnerOptions {
  /** Public keys of who can read it besides the owner: at most 255. Default: nobody. */
  readonly readers?: readonly Uint8Array[];
  /** What it is for, such as the key that it is stored under: it is taken with the same context only. Default: "". */
  readonly context?: string;
}

export interface ParseDataOptions {
  /** Whose it must be. Default: whoever's. */
  readonly owner?: NodeId;
  /** That of the sealing. Default: "". */
  readonly context?: string;
  /** The newest version that is known: what is older is refused. Default: 1, anything. */
  readonly atLeast?: number;
}

/**
 * A version of the data: signed by its owner, encrypted for its readers. Never changes; `grant`, `revoke` and `update` give the
 * next version, whose `bytes` are stored in its place. What was read stays read.
 */
export class SealedData {
  /** What is stored or sent; not to be changed. */
  readonly bytes: Uint8Array;
  readonly owner: NodeId;
  /** From 1 up: who stores or reads the data keeps the newest one that it saw. */
  readonly version: number;
  /** Who can read it, the owner among them. */
  readonly readers: readonly NodeId[];
  readonly #parts: DataParts;
  readonly #context: string;

  private constructor(bytes: Uint8Array, parts: DataParts, context: string) {
    this.bytes = bytes;
    this.owner = nodeIdOfKey(parts.owner);
    this.version = parts.version;
    this.readers = parts.readers.map((reader) => nodeIdOfKey(reader));
    this.#parts = parts;
    this.#context = context;
  }

  /** Version 1 of new data. @throws SecureError `bad-key`, RangeError for too many readers, WireError */
  static seal(data: WireValue, { readers = [], context = "", ...options }: SealDataOptions): SealedData {
    return SealedData.#sealAnew(data, 1, readers, context, options);
  }

  /**
   * Reads and verifies what was stored or sent; everybody can.
   * @throws SecureError `bad-sealed`, `sealed-forged`, `wrong-owner`, `stale-data`
   */
  static parse(bytes: Uint8Array, { owner, context = "", atLeast = 1 }: ParseDataOptions = {}): SealedData {
    const own = bytes.slice();
    const parts = decodeData(own);
    const data = new SealedData(own, parts, context);
    const peer = data.owner;
    if (owner !== undefined && owner !== peer) {
      throw new SecureError("wrong-owner", `the data is to be of ${owner}, and is of another`, { peer });
    }
    if (!verifySigned(parts.owner, "sealedData", signedPart(parts.head, parts.sealed, context), parts.signature)) {
      throw new SecureError("sealed-forged", "its owner did not sign this, or not for this context", { peer });
    }
    if (parts.version >= atLeast) return data;
    const text = `version ${parts.version} is older than ${atLeast}, which is known; ask elsewhere for the newest`;
    throw new SecureError("stale-data", text, { peer });
  }

  /** What a reader reads. @throws SecureError `not-a-reader`; `sealed-forged`, `bad-sealed` when the owner made a mistake */
  open(reader: Identity): WireValue {
    const { owner, sealed } = this.#parts;
    const secret = this.#secretFor(reader);
    const content = openContent(secret, contentAd(owner, this.#context), sealed);
    wipe(secret);
    if (content === undefined) throw this.#mistaken();
    return decodeContent(content);
  }

  /** The next version, with one more reader; the content stays as it is. Of one who is a reader already: this version. */
  grant(reader: Uint8Array, { owner, random = systemRandom }: OwnerOptions): SealedData {
    const { readers, stanzas, check, sealed } = this.#parts;
    const version = this.#nextVersion(owner);
    if (this.#has(reader)) return this;
    const all = orderedReaders([...readers, reader], maxReaders);
    const secret = this.#secretFor(owner);
    const added = wrapSecret(secret, reader, useFor(reader, owner.publicKey, check, this.#context), random);
    wipe(secret);
    const stanzaOf = (key: Uint8Array): Uint8Array => stanzas[readers.indexOf(key)] ?? added;
    const head = { version, owner: owner.publicKey, check, readers: all, stanzas: all.map(stanzaOf) };
    return SealedData.#sign(head, sealed, owner, this.#context);
  }

  /** The next version, under a new key that the reader does not get. Of one who is no reader: this version. */
  revoke(reader: Uint8Array, options: OwnerOptions): SealedData {
    const version = this.#nextVersion(options.owner);
    if (isEqual(reader, options.owner.publicKey)) throw new TypeError("the owner is always a reader");
    if (!this.#has(reader)) return this;
    const staying = this.#parts.readers.filter((key) => !isEqual(key, reader));
    return SealedData.#sealAnew(this.open(options.owner), version, staying, this.#context, options);
  }

  /** The next version, with other data, under a new key for the same readers. @throws WireError */
  update(data: WireValue, options: OwnerOptions): SealedData {
    return SealedData.#sealAnew(data, this.#nextVersion(options.owner), this.#parts.readers, this.#context, options);
  }

  static #sealAnew(
    data: WireValue,
    version: number,
    others: readonly Uint8Array[],
    context: string,
    { owner, random = systemRandom }: OwnerOptions,
  ): SealedData {
    const content = encodeValue(data);
    const readers = orderedReaders([owner.publicKey, ...others], maxReaders);
    const secret = random.bytes(secretBytes);
    const check = checkOf(secret);
    const stanzas = readers.map((reader) =>
      wrapSecret(secret, reader, useFor(reader, owner.publicKey, check, context), random),
    );
    const sealed = sealContent(secret, contentAd(owner.publicKey, context), content);
    wipe(secret);
    return SealedData.#sign({ version, owner: owner.publicKey, check, readers, stanzas }, sealed, owner, context);
  }

  static #sign(parts: DataHead, sealed: Uint8Array, owner: Identity, context: string): SealedData {
    const head = encodeHead(parts);
    const signature = owner.sign("sealedData", signedPart(head, sealed, context));
    const bytes = join([head, sealed, signature]);
    return new SealedData(bytes, decodeData(bytes), context);
  }

  #has(reader: Uint8Array): boolean {
    return this.#parts.readers.some((key) => isEqual(key, reader));
  }

  #nextVersion(owner: Identity): number {
    if (owner.id !== this.owner) throw new TypeError("only its owner makes versions of the data");
    if (this.version < Number.MAX_SAFE_INTEGER) return this.version + 1;
    throw new RangeError("there is no version after this one");
  }

  #secretFor(identity: Identity): Uint8Array {
    const { readers, stanzas, owner, check } = this.#parts;
    const index = readers.findIndex((key) => isEqual(key, identity.publicKey));
    const stanza = stanzas[index];
    if (stanza === undefined) {
      throw new SecureError("not-a-reader", `it is not sealed for ${identity.id}; ask its owner for it`, {
        peer: this.owner,
      });
    }
    const use = useFor(identity.publicKey, owner, check, this.#context);
    const secret = unwrapSecret(stanza, readingKeyPair(identity), use);
    if (secret === undefined || !isEqual(checkOf(secret), check)) throw this.#mistaken();
    return secret;
  }

  /** The owner signed what does not open: nobody else can have made it. */
  #mistaken(): SecureError {
    return new SecureError("sealed-forged", "its owner sealed it wrongly for this reader", { peer: this.owner });
  }
}

function signedPart(head: Uint8Array, sealed: Uint8Array, context: string): Uint8Array {
  return join([sha256(head), sha256(sealed), bytesOf(context)]);
}

function useFor(reader: Uint8Array, owner: Uint8Array, check: Uint8Array, context: string): StanzaUse<never> {
  const binding = sha256(tagged("sealedData", owner, check, reader, bytesOf(context)));
  return { info: tagged("sealedData"), binding };
}

function contentAd(owner: Uint8Array, context: string): Uint8Array {
  return tagged("sealedData", owner, bytesOf(context));
}

/** Tells nothing of the secret, and no other makes it: all readers get the same one. */
function checkOf(secret: Uint8Array): Uint8Array {
  const text = tagged("contentCheck", secret);
  const check = sha256(text);
  wipe(text);
  return check;
}

function bytesOf(context: string): Uint8Array {
  return new TextEncoder().encode(context);
}
