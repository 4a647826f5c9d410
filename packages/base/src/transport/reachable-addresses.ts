// The addresses of a handshake, as far as they can be dialled from here [BASE-010] [BASE-128].
import { type Address, formatAddress, parseAddress } from "./address.js";

/** Hosts that mean "all of this machine": of use only to who knows the machine. */
const everyHost: ReadonlySet<string> = new Set(["0.0.0.0", "::"]);

/**
 * Drops what is no address, and puts the host that the peer was seen at in the place of "all of this machine".
 * @param seenAt the channel's remote address
 */
export function reachableAddresses(stated: readonly string[], seenAt: string): readonly string[] {
  const reachable: string[] = [];
  for (const text of stated) {
    const address = tryParse(text);
    if (address === undefined || address.port === 0) continue;
    if (!everyHost.has(address.host)) reachable.push(formatAddress(address));
    else {
      const seen = tryParse(seenAt);
      if (seen !== undefined) reachable.push(formatAddress({ ...address, host: seen.host }));
    }
  }
  // A copy, as an array that grew keeps room for more, and every connection keeps one.
  return reachable.slice();
}

function tryParse(text: string): Address | undefined {
  try {
    return parseAddress(text);
  } catch {
    return undefined;
  }
}
