// The envelope of a signed message: the last item of its body, whose last bytes are the proof [SEC-070] to [SEC-073].
import { type Body, isUnsigned, type NodeId, nodeIdToBytes, type WireValue } from "@p2p/wire";
import { keyBytes } from "../identity/node-id.js";
import { isBytes } from "../wire-map.js";
import { decodeProof, headerBytesOf, type Proof, shortestProofBytes } from "./proof.js";

const mark = "p2p/env";

/** What an envelope says. */
export interface Envelope {
  /** Ed25519, 32 bytes; the id that it makes has to be the sender of the body. */
  readonly publicKey: Uint8Array;
  /** Grows with each message of the sender, also over restarts. */
  readonly sequence: number;
  /** 48 bytes: the node that the message is for. Undefined when it is for all. */
  readonly to: Uint8Array | undefined;
  readonly proof: Proof;
  /** The bytes of the proof in the body. */
  readonly proofBytes: number;
}

/** The item to encode last in a body, with zeroes in the place of the shortest proof. @param to the node it is for, unless for all */
export function envelopeItem(publicKey: Uint8Array, sequence: number, to?: NodeId): WireValue {
  const proof = new Uint8Array(shortestProofBytes);
  return to === undefined ? [mark, publicKey, sequence, proof] : [mark, publicKey, sequence, nodeIdToBytes(to), proof];
}

/** The envelope of a body; `absent` when its last item is none, `malformed` when it is one that cannot be. */
export function envelopeOf({ items }: Pick<Body, "items">): Envelope | "absent" | "malformed" {
  const last = items.at(-1);
  if (!Array.isArray(last) || last[0] !== mark) return "absent";
  const [, publicKey, sequence, ...rest]: readonly WireValue[] = last;
  const bytes = rest.at(-1);
  if (!isBytes(publicKey, keyBytes) || !isUnsigned(sequence) || !(bytes instanceof Uint8Array)) return "malformed";
  const proof = decodeProof(bytes);
  const to = rest.length === 2 ? rest[0] : undefined;
  if (proof === undefined || rest.length > 2 || !(to === undefined || isBytes(to, 48))) return "malformed";
  return { publicKey, sequence, to, proof, proofBytes: bytes.length };
}

/**
 * What a body says: all before the proof and its header. @param proofBytes of a header that is not the shortest a byte is left,
 * and the message is not what was signed
 */
export function coveredBytes(rawBody: Uint8Array, proofBytes: number): Uint8Array {
  return rawBody.subarray(0, rawBody.length - proofBytes - headerBytesOf(proofBytes));
}
