// Signed messages, alone or many under one signature, written from the chapter.
import { type Packable, pack } from "../msgpack.js";
import { unpack } from "../unpack.js";
import { concat, isSameBytes, type Value } from "../value.js";
import type { SecureDefects } from "./defects.js";
import { isSignature, publicKeyOf, signWith } from "./ed25519.js";
import { idOfKey, tag } from "./identity.js";
import { coveredOf, leafOf, type MessageProof, packProof, rootOf, treeOf, unpackProof } from "./message-tree.js";

const none: SecureDefects = new Set();

export interface SignedParts {
  /** Whose body it is; its id is the sender's. */
  readonly seed: Uint8Array;
  readonly networkId: Uint8Array;
  readonly type?: number;
  readonly items: readonly Packable[];
  /** µs. */
  readonly time: number;
  readonly sequence: number;
  readonly to?: Uint8Array;
  /** Who signs, where it is not the sender. */
  readonly signer?: Uint8Array;
  /** Whose key is in the envelope, where it is not the sender's. */
  readonly keyOf?: Uint8Array;
  /** In the place of the sender's id. */
  readonly sender?: Uint8Array;
}

/** The body of a message with this proof. */
function bodyWith(parts: SignedParts, proof: Uint8Array, defects: SecureDefects): Uint8Array {
  const { seed, type = 0, items, time, sequence, to, keyOf = seed, sender } = parts;
  const [key, id] = [publicKeyOf(keyOf), sender ?? idOfKey(publicKeyOf(seed))];
  const rest = to === undefined ? [] : [to];
  const envelope: Packable = ["p2p/env", key, sequence, ...rest, proof];
  // Something then stands in an item behind the envelope.
  const behind = defects.has("envelope-not-last") ? [new Uint8Array(64)] : [];
  return pack([type, id, time, ...items, envelope, ...behind]);
}

function signedBytes(networkId: Uint8Array, root: Uint8Array, defects: SecureDefects): Uint8Array {
  const purpose = defects.has("envelope-no-tag") ? new Uint8Array(0) : tag("envelope");
  const network = defects.has("envelope-no-network") ? new Uint8Array(32) : networkId;
  return concat([purpose, network, root]);
}

function leafOfBody(body: Uint8Array, proofBytes: number, defects: SecureDefects): Uint8Array {
  const headerBytes = defects.has("leaf-with-header") ? (proofBytes < 256 ? 2 : 3) : 0;
  const covered = coveredOf(body, proofBytes);
  return leafOf(body.subarray(0, covered.length + headerBytes), defects);
}

/** The bodies of messages under one signature, which the signer of the first makes. @param change alters the proofs */
export function signedTogether(
  all: readonly SignedParts[],
  defects: SecureDefects = none,
  change: (proof: MessageProof, index: number) => MessageProof = (proof) => proof,
): readonly Uint8Array[] {
  const [first] = all;
  if (first === undefined) return [];
  const leaves = all.map((parts) => leafOfBody(bodyWith(parts, new Uint8Array(64), none), 64, defects));
  const { root, ways } = treeOf(leaves, defects);
  const signature = signWith(first.signer ?? first.seed, signedBytes(first.networkId, root, defects));
  return all.map((parts, index) => {
    // As many ways as leaves.
    const way = ways[index] ?? { sides: 0, path: [] };
    return bodyWith(parts, packProof(change({ ...way, signature }, index)), defects);
  });
}

export function signedBody(parts: SignedParts, defects: SecureDefects = none): Uint8Array {
  const [body = new Uint8Array(0)] = signedTogether([parts], defects);
  return body;
}

export interface ReadEnvelope {
  readonly key: Uint8Array;
  readonly sequence: number;
  readonly to: Uint8Array | undefined;
  /** Undefined for bytes that are none. */
  readonly proof: MessageProof | undefined;
  /** 32 bytes; empty without a proof. */
  readonly root: Uint8Array;
  /** Whether it holds, for the sender of the body and the network. */
  readonly holds: boolean;
}

/** The envelope of a body, if its last item is one. */
export function readEnvelope(
  networkId: Uint8Array,
  body: Uint8Array,
  defects: SecureDefects = none,
): ReadEnvelope | undefined {
  const [, sender, , ...items] = unpack(body) as readonly Value[];
  const last = items.at(defects.has("envelope-not-last") ? -2 : -1);
  if (!Array.isArray(last) || last[0] !== "p2p/env" || last.length < 4) return undefined;
  const [, key, sequence] = last as [unknown, Uint8Array, number];
  // The form of envelopes, of which the mark was seen.
  const bytes = last.at(-1) as Uint8Array;
  const to = last.length === 5 ? (last[3] as Uint8Array) : undefined;
  const proof = unpackProof(bytes);
  const read = { key, sequence: Number(sequence), to, proof };
  if (proof === undefined) return { ...read, root: new Uint8Array(0), holds: false };
  const root = rootOf(leafOfBody(body, bytes.length, defects), proof, defects);
  const isSender = sender instanceof Uint8Array && isSameBytes(idOfKey(key), sender);
  const isSigned = isSignature(key, signedBytes(networkId, root, defects), proof.signature);
  return { ...read, root, holds: isSender && isSigned };
}
