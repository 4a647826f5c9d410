// Addresses heard from peers are hostile: only a well-formed address of a scheme that can be dialled goes further.
// [MESH-034] [MESH-035]
import { type Address, parseAddress } from "@p2p/base";

/** Longest address accepted, in characters. */
export const maxAddressChars = 255;

/** Schemes whose addresses have a path. */
const pathSchemes = ["ws", "wss"];
/** The scheme of nodes in one process, whose hosts are mere names. */
const memoryScheme = "memory";

/** The host of an address, by which entries are counted; the whole address where hosts are mere names. */
export function hostOf(address: string): string {
  const parsed = parse(address);
  return parsed === undefined || parsed.scheme === memoryScheme ? address : parsed.host;
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
