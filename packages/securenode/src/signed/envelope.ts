// The envelope of a signed message: the last item of its body, whose last bytes are the signature [SEC-070] to [SEC-074].
import type { Body, WireValue } from "@p2p/wire";
import { nodeIdToBytes } from "@p2p/wire";
import { type Identity, verifySigned } from "../identity/identity.js";
import { keyBytes, nodeIdOfKey } from "../identity/node-id.js";
import { join } from "../primitives/join.js";
import { isEqual } from "../secrets/is-equal.js";
import { isBytes, isUint } from "../wire-map.js";

const signatureBytes = 64;
const mark = "p2p/env";

/** What an envelope says. */
export interface Envelope {
  /** Ed25519, 32 bytes; the id that it makes is the sender of the body. */
  readonly publicKey: Uint8Array;
  /** Grows with each message of the sender, also over restarts. */
  readonly sequence: number;
  /** 64 bytes. */
  readonly signature: Uint8Array;
}

/** The item to encode last in a body, with zeroes in the place of the signature. */
export function envelopeItem(publicKey: Uint8Array, sequence: number): WireValue {
  return [mark, publicKey, sequence, new Uint8Array(signatureBytes)];
}

/** Puts the signature into an encoded body whose last item is of {@link envelopeItem}. */
export function signBody(identity: Identity, networkId: Uint8Array, rawBody: Uint8Array): void {
  const end = rawBody.length - signatureBytes;
  rawBody.set(identity.sign("envelope", signedPart(networkId, rawBody)), end);
}

/** The envelope of a body; `absent` when its last item is none, `malformed` when it is one that cannot be. */
export function envelopeOf({ items, sender }: Pick<Body, "items" | "sender">): Envelope | "absent" | "malformed" {
  const last = items.at(-1);
  if (!Array.isArray(last) || last[0] !== mark) return "absent";
  const [, publicKey, sequence, signature]: readonly WireValue[] = last;
  if (last.length !== 4 || !isBytes(publicKey, keyBytes) || !isUint(sequence) || !isBytes(signature, signatureBytes)) {
    return "malformed";
  }
  return isEqual(nodeIdToBytes(nodeIdOfKey(publicKey)), sender) ? { publicKey, sequence, signature } : "malformed";
}

/** Whether the signature holds. @param rawBody the bytes of the body that the envelope is of */
export function isSignedBody(envelope: Envelope, networkId: Uint8Array, rawBody: Uint8Array): boolean {
  return verifySigned(envelope.publicKey, "envelope", signedPart(networkId, rawBody), envelope.signature);
}

function signedPart(networkId: Uint8Array, rawBody: Uint8Array): Uint8Array {
  return join([networkId, rawBody.subarray(0, rawBody.length - signatureBytes)]);
}
