// What handshake messages carry: who the sender is, or why it does not talk [SEC-033] [SEC-034] [SEC-037].
import { encodeValue, isUnsigned } from "@p2p/wire";
import { keyBytes } from "../identity/node-id.js";
import { decodeMap, isBytes } from "../wire-map.js";

/** The key of an identity, and its signature over the handshake. */
export interface IdentityPayload {
  readonly kind: "identity";
  /** Ed25519, 32 bytes. */
  readonly publicKey: Uint8Array;
  /** 64 bytes. */
  readonly signature: Uint8Array;
}

/** A refusal: a close code of the registry and a text for people. */
export interface RefusalPayload {
  readonly kind: "refusal";
  readonly code: number;
  readonly text: string;
}

export type Payload = IdentityPayload | RefusalPayload;

const maxPayloadBytes = 900;
const maxTextLength = 256;
const signatureBytes = 64;

export function encodePayload(payload: Payload): Uint8Array {
  return payload.kind === "identity"
    ? encodeValue({ key: payload.publicKey, sig: payload.signature })
    : encodeValue({ code: payload.code, text: payload.text.slice(0, maxTextLength).replace(/\p{Cs}/gu, "\ufffd") });
}

/** Undefined for anything else. Keys that are not known are ignored. */
export function decodePayload(bytes: Uint8Array): Payload | undefined {
  const { key, sig, code, text } = decodeMap(bytes, maxPayloadBytes) ?? {};
  if (isBytes(key, keyBytes) && isBytes(sig, signatureBytes)) {
    return { kind: "identity", publicKey: key.slice(), signature: sig.slice() };
  }
  if (isUnsigned(code) && typeof text === "string" && text.length <= maxTextLength) {
    return { kind: "refusal", code, text: text.replace(/[\p{Cc}\p{Cf}]/gu, " ") };
  }
  return undefined;
}
