// Which keys belong to an identity, what their owner signs, and whether what others bring was signed so. [CHORD-271] [CHORD-273]
import { encodeStatement, type OwnedRecord, ownerOf, type Proofs } from "@p2p/base";
import { decodeValue, type NodeId, WireError } from "@p2p/wire";
import { isSameBytes } from "../store/owned-write.js";
import { ownedWrite, type StoredValue, type Write } from "../store/record.js";
import { textOf } from "../store/record-store.js";

export interface OwnedKeysParts {
  readonly self: NodeId;
  /** 32 bytes. */
  readonly networkId: Uint8Array;
  /** Undefined: no key is owned. */
  readonly proofs: Proofs | undefined;
  /** In ms, monotonic. */
  readonly nowMs: () => number;
  /** What is kept of a key: it was checked before. */
  readonly kept: (key: Uint8Array) => Write | undefined;
  /** A node brought what the owner of a key did not write. */
  readonly forged: (by: NodeId, key: Uint8Array) => void;
}

/** Writes that were checked last, and are not again: several holders of a key answer with the same one. */
const maxRecent = 64;
/** For how long nothing of a node that brought a forgery is checked, in ms, and how many such nodes are remembered. */
const distrustMs = 60_000;
const maxDistrusted = 1_024;

const at = "@".charCodeAt(0);
const fromUtf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

export class OwnedKeys {
  readonly #parts: OwnedKeysParts;
  readonly #recent = new Map<string, Write>();
  readonly #distrusted = new Map<NodeId, number>();

  constructor(parts: OwnedKeysParts) {
    this.#parts = parts;
  }

  /** Whether keys can be owned here at all. */
  get isPossible(): boolean {
    return this.#parts.proofs !== undefined;
  }

  /** Who alone can write the key; undefined: everybody. */
  ownerOf(key: Uint8Array): NodeId | undefined {
    if (this.#parts.proofs === undefined || key[0] !== at) return undefined;
    const text = keyText(key);
    return text === undefined ? undefined : ownerOf(text);
  }

  /** A write of a key of this node. @param sequence above all that were given before */
  sign(key: Uint8Array, sequence: number, value: StoredValue): Write {
    const { proofs, self } = this.#parts;
    if (proofs === undefined) throw new Error("no key is owned here");
    const version = { timeUs: sequence, origin: self };
    const write = ownedWrite(version, value, proofs.prove(this.#statement(key, sequence, value)));
    this.#keepRecent(key, write);
    return write;
  }

  /** Whether the owner of the key vouches for the write. If it does not, who brought it is told of. */
  isGenuine(by: NodeId, key: Uint8Array, write: Write): boolean {
    const { self, nowMs, forged } = this.#parts;
    if (this.#isKnown(key, write)) return true;
    const untilMs = this.#distrusted.get(by) ?? Number.NEGATIVE_INFINITY;
    if (nowMs() >= untilMs && this.isProven(key, write)) {
      this.#keepRecent(key, write);
      return true;
    }
    if (by === self) return false;
    if (nowMs() >= untilMs) this.#distrust(by);
    forged(by, key);
    return false;
  }

  /** The same, where nobody brought it: what is on disk. */
  isProven(key: Uint8Array, { version, value, holders, proof }: Write): boolean {
    const { proofs } = this.#parts;
    const owner = this.ownerOf(key);
    if (owner === undefined || proofs === undefined) return proof === undefined;
    if (proof === undefined || holders !== undefined || version.origin !== owner) return false;
    try {
      return proofs.isProof(proof, owner, this.#statement(key, version.timeUs, value));
    } catch (error) {
      // Bytes that are no value: no owner can have signed them.
      if (error instanceof WireError) return false;
      throw error;
    }
  }

  /** The write as others can check it, outside the network too. @throws WireError for a value that is none */
  recordOf(key: Uint8Array, { version, value, proof }: Write): OwnedRecord | undefined {
    const text = keyText(key);
    if (proof === undefined || text === undefined) return undefined;
    const shown = { realm: "chord", key: text, sequence: version.timeUs, proof: proof.slice() } as const;
    return { ...shown, value: value === undefined ? undefined : decodeValue(new Uint8Array(value)) };
  }

  #statement(key: Uint8Array, sequence: number, stored: StoredValue): Uint8Array {
    const value = stored === undefined ? undefined : decodeValue(stored);
    return encodeStatement(this.#parts.networkId, { realm: "chord", key: keyText(key) ?? "", sequence, value });
  }

  #isKnown(key: Uint8Array, write: Write): boolean {
    const { kept } = this.#parts;
    return isSameWrite(write, this.#recent.get(textOf(key))) || isSameWrite(write, kept(key));
  }

  #keepRecent(key: Uint8Array, write: Write): void {
    const text = textOf(key);
    this.#recent.delete(text);
    // What comes in a message is a view of all of it.
    const { version, value, proof = new Uint8Array(0) } = write;
    this.#recent.set(text, ownedWrite(version, value && new Uint8Array(value), new Uint8Array(proof)));
    forgetOldest(this.#recent, maxRecent);
  }

  #distrust(node: NodeId): void {
    this.#distrusted.delete(node);
    this.#distrusted.set(node, this.#parts.nowMs() + distrustMs);
    forgetOldest(this.#distrusted, maxDistrusted);
  }
}

function isSameWrite(a: Write, b: Write | undefined): boolean {
  if (b === undefined || a.holders !== undefined || a.proof === undefined || b.proof === undefined) return false;
  const isSameVersion = a.version.timeUs === b.version.timeUs && a.version.origin === b.version.origin;
  return isSameVersion && isSameBytes(a.value, b.value) && isSameBytes(a.proof, b.proof);
}

function forgetOldest(map: Map<string, unknown>, most: number): void {
  for (const oldest of map.keys()) {
    if (map.size <= most) return;
    map.delete(oldest);
  }
}

function keyText(key: Uint8Array): string | undefined {
  try {
    return fromUtf8.decode(key);
  } catch {
    return undefined;
  }
}
