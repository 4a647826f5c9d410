// What both sides of a channel must agree on before a word is said: protocol, version and network [SEC-032].
import { tagged } from "../domain-tags.js";

/** @param networkId 32 bytes: nodes of another network, or of another security, do not understand each other */
export function prologueOf(networkId: Uint8Array): Uint8Array {
  if (networkId.length !== 32) throw new TypeError("a network id has 32 bytes");
  return tagged("channel", networkId);
}
