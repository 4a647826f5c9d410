// What a peer's wildcard address means to those who talk with it [BASE-128].
import { formatAddress, parseAddress } from "./address.js";

/**
 * An address of a peer's handshake, as this node may dial it: a peer that listens on a wildcard (`0.0.0.0`, `[::]`) says
 * "where you see me", so the host is taken from the channel. Other addresses come back in canonical form.
 * @param told an address that the peer gave
 * @param remoteAddress the other end of the channel it came on
 * @throws BaseError `address-invalid`
 */
export function observedAddress(told: string, remoteAddress: string): string {
  const address = parseAddress(told);
  const isWildcard = address.host === "0.0.0.0" || address.host === "::";
  return formatAddress(isWildcard ? { ...address, host: parseAddress(remoteAddress).host } : address);
}
