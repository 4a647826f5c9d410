// Addresses told by peers are hostile: only a well-formed address of a scheme that can be dialled goes further. [BASE-128]
import { type Address, parseAddress } from "./address.js";

/** Longest address accepted, in characters. */
const maxAddressChars = 255;

/** Schemes whose addresses have a path. */
const pathSchemes = ["ws", "wss"];
/** The scheme of nodes in one process, whose hosts are mere names. */
const memoryScheme = "memory";

/** Whether the address names this machine (or this process): such an address means nothing to a node elsewhere. */
export function isLocalAddress(address: string): boolean {
  const parsed = tryParse(address);
  return parsed !== undefined && isLocalHost(parsed);
}

/**
 * Whether an address that a peer told of another node may be kept and dialled.
 *
 * @param schemes what the node has transports for, e.g. `["tcp", "memory"]`
 * @param fromLocal whether the peer that told it is on this machine: only then a local address is believed
 */
export function isDialable(address: unknown, schemes: readonly string[], fromLocal: boolean): address is string {
  if (typeof address !== "string" || address.length > maxAddressChars) return false;
  const parsed = tryParse(address);
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

function tryParse(text: string): Address | undefined {
  try {
    return parseAddress(text);
  } catch {
    return undefined;
  }
}
