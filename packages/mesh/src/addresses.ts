// Addresses heard from peers are hostile: only a well-formed address of a scheme that can be dialled goes further.
// [MESH-034] [MESH-035]
import { type Address, parseAddress } from "@p2p/base";

/** Longest address accepted, in characters. */
export const maxAddressChars = 255;

/** Schemes whose addresses have a path. */
const pathSchemes = ["ws", "wss"];
/** The scheme of nodes in one process, whose hosts are mere names. */
const memoryScheme = "memory";
const none: readonly string[] = Object.freeze([]);

/** The hosts of addresses, by which entries are counted; those of this machine are left out. */
export function remoteHosts(addresses: readonly string[]): readonly string[] {
  const hosts: string[] = [];
  for (const address of addresses) {
    const parsed = parse(address);
    if (parsed !== undefined && !isLocalHost(parsed)) hosts.push(parsed.host);
  }
  // A copy, as an array that grew keeps room for more, and these are kept for long.
  return hosts.length === 0 ? none : hosts.slice();
}

/** Whether the address names this machine (or this process): such an address means nothing to a node elsewhere. */
export function isLocal(address: string): boolean {
  const parsed = parse(address);
  return parsed !== undefined && isLocalHost(parsed);
}

/**
 * Whether an address that a peer told may be kept and dialled.
 *
 * @param schemes what the node has transports for, e.g. `["tcp", "memory"]`
 * @param fromLocal whether the peer that told it is on this machine: only then a local address is believed
 */
export function isDialable(address: unknown, schemes: readonly string[], fromLocal: boolean): address is string {
  if (typeof address !== "string" || address.length > maxAddressChars) return false;
  const parsed = parse(address);
  if (parsed === undefined || parsed.nodeId !== undefined || !schemes.includes(parsed.scheme)) return false;
  const { scheme, host, port, path } = parsed;
  if (path !== undefined && !pathSchemes.includes(scheme)) return false;
  if (scheme !== memoryScheme && (port === undefined || port === 0)) return false;
  if (host === "0.0.0.0" || host === "::") return false;
  return fromLocal || !isLocalHost(parsed);
}

function isLocalHost({ scheme, host }: Address): boolean {
  return scheme === memoryScheme || /^(localhost|127(\.\d+){3}|::1)$/.test(host);
}

function parse(address: string): Address | undefined {
  try {
    return parseAddress(address);
  } catch {
    return undefined;
  }
}
