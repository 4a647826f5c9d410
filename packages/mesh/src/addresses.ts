// By which hosts the entries of a view are counted. [MESH-036]
import { isLocalAddress, parseAddress } from "@p2p/base";

const none: readonly string[] = Object.freeze([]);

/** The hosts of addresses, by which entries are counted; those of this machine are left out. */
export function remoteHosts(addresses: readonly string[]): readonly string[] {
  // Only what parses came this far.
  const hosts = addresses.filter((address) => !isLocalAddress(address)).map((address) => parseAddress(address).host);
  // A copy, as an array that grew keeps room for more, and these are kept for long.
  return hosts.length === 0 ? none : hosts.slice();
}
