// The handshake: a map in the first frame of each side, and the judgement about the peer's [BASE-001] to [BASE-029].
import { base58, isUnsigned, type WireValue } from "@p2p/wire";
import { BaseError } from "../errors.js";
import { type CloseReason, ourReason } from "./close-reason.js";
import { compareBytes } from "./duplicates.js";

export interface Handshake {
  /** Major and minor version of the protocol. */
  readonly version: readonly [major: number, minor: number];
  /** 32 bytes. */
  readonly network: Uint8Array;
  /** Where the node listens. */
  readonly addresses: readonly string[];
  /** Codecs that it inflates, most wanted first; codec 0 goes without saying. */
  readonly codecs: readonly number[];
  readonly features: readonly string[];
  /** Features without which it does not talk; all of them are among `features`. */
  readonly needs: readonly string[];
  /** 8 random bytes, drawn at each start of the node. */
  readonly boot: Uint8Array;
  /** The longest frame body that it takes. */
  readonly maxFrameBytes: number;
}

/** The version that this package speaks. */
export const ownVersion: readonly [number, number] = Object.freeze([1, 0]);

/** Bounds of the lists and texts of a handshake [BASE-009]. */
export const handshakeBounds = {
  addresses: 16,
  addressLength: 512,
  codecs: 16,
  features: 64,
  featureLength: 64,
} as const;

/** The map of a handshake message, the one item after its subtype. */
export function encodeHandshake(handshake: Handshake): WireValue {
  return {
    v: handshake.version,
    net: handshake.network,
    // Of a node that listens on more, those named first.
    addrs: handshake.addresses.slice(0, handshakeBounds.addresses),
    codecs: handshake.codecs,
    features: handshake.features,
    needs: handshake.needs,
    boot: handshake.boot,
    max: handshake.maxFrameBytes,
  };
}

/** Reads the map; keys that are not known are ignored. @throws BaseError `bad-message`: close with `protocol`. */
export function decodeHandshake(value: WireValue | undefined): Handshake {
  if (!isMap(value)) throw bad("its item", "a map");
  const [major, minor] = list(value, "v", isUnsigned, 8);
  if (major === undefined || minor === undefined) throw bad("v", "an array of two versions");
  const maxFrameBytes = value.max;
  if (!isUnsigned(maxFrameBytes) || maxFrameBytes < 1) throw bad("max", "a positive integer");
  return {
    version: [major, minor],
    network: bytes(value, "net", 32),
    addresses: list(value, "addrs", isText(handshakeBounds.addressLength), handshakeBounds.addresses),
    codecs: list(value, "codecs", isUnsigned, handshakeBounds.codecs),
    features: list(value, "features", isText(handshakeBounds.featureLength), handshakeBounds.features),
    needs:
      value.needs === undefined
        ? []
        : list(value, "needs", isText(handshakeBounds.featureLength), handshakeBounds.features),
    boot: bytes(value, "boot", 8),
    maxFrameBytes,
  };
}

/** One side of a connection that is being judged. */
export interface Party {
  /** 48 bytes. */
  readonly id: Uint8Array;
  readonly handshake: Handshake;
}

/**
 * Why this node does not talk to that peer, or undefined. The peer comes to the same judgement, so that both can tell
 * their people, whoever's close arrives [BASE-012] to [BASE-017].
 */
export function judgeHandshake(own: Party, peer: Party): CloseReason | undefined {
  const [major, minor] = peer.handshake.version;
  if (major !== own.handshake.version[0]) {
    const ours = own.handshake.version.join(".");
    return ourReason("version", `protocol ${ours} here, ${major}.${minor} there; update the older node`);
  }
  if (compareBytes(own.handshake.network, peer.handshake.network) !== 0) {
    return ourReason(
      "wrongNetwork",
      `network ${short(own.handshake.network)} here, ${short(peer.handshake.network)} there; names and security must agree`,
    );
  }
  if (compareBytes(own.id, peer.id) === 0) return ourReason("self", "this address is the node itself");
  const missingThere = missing(own.handshake.needs, peer.handshake.features);
  const missingHere = missing(peer.handshake.needs, own.handshake.features);
  if (missingThere.length === 0 && missingHere.length === 0) return undefined;
  const parts = [sentence(missingThere, "the other node lacks"), sentence(missingHere, "this node lacks")];
  return ourReason("featureMissing", parts.filter((part) => part !== "").join("; "));
}

/** Looks at the first header only: no frame but the handshake is read before it is judged [BASE-004] [BASE-005]. */
export class OpeningGate {
  #word = 0;
  #seen = 0;

  /** What is wrong with the first frame of the stream that begins with these chunks, or undefined. */
  look(chunk: Uint8Array, maxBytes: number): CloseReason | undefined {
    for (let index = 0; this.#seen < 4 && index < chunk.length; index++, this.#seen++) {
      this.#word = ((this.#word << 8) | (chunk[index] ?? 0)) >>> 0;
    }
    if (this.#seen < 4) return undefined;
    const length = this.#word & 0x0fff_ffff;
    if (length > maxBytes) return ourReason("tooLarge", `a first frame of ${length} bytes; ${maxBytes} are allowed`);
    if (this.#word >>> 28 !== 0) return ourReason("badFrame", "a compressed frame before the handshake");
    return undefined;
  }
}

function missing(needs: readonly string[], features: readonly string[]): readonly string[] {
  return needs.filter((need) => !features.includes(need));
}

function sentence(names: readonly string[], subject: string): string {
  return names.length === 0 ? "" : `${subject} ${names.join(", ")}`;
}

/** Enough of a network id to tell two apart. */
function short(network: Uint8Array): string {
  return base58.encode(network).slice(0, 8);
}

function isMap(value: WireValue | undefined): value is { readonly [key: string]: WireValue } {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Uint8Array);
}

function isText(maxLength: number): (value: unknown) => value is string {
  return (value): value is string => typeof value === "string" && value.length <= maxLength;
}

function bytes(map: { readonly [key: string]: WireValue }, key: string, length: number): Uint8Array {
  const value = map[key];
  if (!(value instanceof Uint8Array) || value.length !== length) throw bad(key, `${length} bytes`);
  // A copy: the view would keep the whole chunk it came in.
  return value.slice();
}

function list<T>(
  map: { readonly [key: string]: WireValue },
  key: string,
  isItem: (value: unknown) => value is T,
  maxItems: number,
): readonly T[] {
  const value = map[key];
  if (!Array.isArray(value) || value.length > maxItems || !value.every(isItem)) {
    throw bad(key, `a list of at most ${maxItems} proper items`);
  }
  return value;
}

function bad(what: string, wanted: string): BaseError {
  return new BaseError("bad-message", `${what} of a handshake is not ${wanted}`);
}
