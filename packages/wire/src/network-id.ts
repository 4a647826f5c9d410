// Network ids: who may talk to whom at all. [WIRE-055]
import { sha256 } from "#hash";

/** The version that network ids and handshakes name. */
export const protocolVersion = "1.0";

/**
 * The 32-byte id of a network: SHA-256 of its name, the name of its security and the protocol version.
 *
 * @param security name of the security layer. Default "Plaintext". Section 6 of spec/wire.md.
 */
export function networkId(name: string, security = "Plaintext"): Uint8Array {
  return sha256(new TextEncoder().encode(name + security + protocolVersion));
}
