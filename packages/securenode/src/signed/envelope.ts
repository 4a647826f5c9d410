// The envelope of a signed message: the last item of its body, whose last bytes are the signature [SEC-070] to [SEC-073].
import { type Body, type NodeId, nodeIdToBytes, type WireValue } from "@p2p/wire";
import { keyBytes } from "../identity/node-id.js";
import { join } from "../primitives/join.js";
import { isBytes, isUint } from "../wire-map.js";

const signatureBytes = 64;
const mark = "p2p/env";

/** What an envelope says. */
export interface Envelope {
  /** Ed25519, 32 bytes; the id that it makes has to be the sender of the body. */
  readonly publicKey: Uint8Array;
  /** Grows with each message of the sender, also over restarts. */
  readonly sequence: number;
  /** 48 bytes: the node that the message is for. Undefined when it is for all. */
  readonly to: Uint8Array | undefined;
  /** 64 bytes. */
  readonly signature: Uint8Array;
}

/** The item to encode last in a body, with zeroes in the place of the signature. @param to the node it is for, unless for all */
export function envelopeItem(publicKey: Uint8Array, sequence: number, to?: NodeId): WireValue {
  const signature = new Uint8Array(signatureBytes);
  return to === undefined
    ? [mark, publicKey, sequence, signature]
    : [mark, publicKey, sequence, nodeIdToBytes(to), signature];
}

/** Puts a signature into an encoded body whose last item is of {@link envelopeItem}. */
export function insertSignature(rawBody: Uint8Array, signature: Uint8Array): void {
  rawBody.set(signature, rawBody.length - signatureBytes);
}

/** The envelope of a body; `absent` when its last item is none, `malformed` when it is one that cannot be. */
export function envelopeOf({ items }: Pick<Body, "items">): Envelope | "absent" | "malformed" {
  const last = items.at(-1);
  if (!Array.isArray(last) || last[0] !== mark) return "absent";
  const [, publicKey, sequence, ...rest]: readonly WireValue[] = last;
  const signature = rest.at(-1);
  if (!isBytes(publicKey, keyBytes) || !isUint(sequence) || !isBytes(signature, signatureBytes)) return "malformed";
  if (rest.length === 1) return { publicKey, sequence, to: undefined, signature };
  const [to] = rest;
  return rest.length === 2 && isBytes(to, 48) ? { publicKey, sequence, to, signature } : "malformed";
}

/**
 * What is signed, behind the tag of the purpose: the network and the body without the place of the signature, so that it holds
 * in one network alone.
 */
export function signedBytesOfBody(networkId: Uint8Array, rawBody: Uint8Array): Uint8Array {
  return join([networkId, rawBody.subarray(0, rawBody.length - signatureBytes)]);
}
