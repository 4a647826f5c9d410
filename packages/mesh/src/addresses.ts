// Addresses heard from peers are hostile: only a well-formed address of a scheme that can be dialled goes further.
// [MESH-034] [MESH-035]

/** Longest address accepted, in characters. */
export const maxAddressChars = 255;

const hostSchemes = new Set(["tcp", "tls", "ws", "wss"]);
const shape = /^([a-z][a-z0-9+.-]{0,15}):\/\/([\x21-\x7e]+)$/;

/** The host of an address, by which entries are counted; the whole address when its scheme knows no hosts. */
export function hostOf(address: string): string {
  const scheme = shape.exec(address)?.[1];
  if (scheme === undefined || !hostSchemes.has(scheme)) return address;
  return parse(address)?.hostname ?? address;
}

/** Whether the address names this machine (or this process): such an address means nothing to a node elsewhere. */
export function isLocal(address: string): boolean {
  const scheme = shape.exec(address)?.[1];
  if (scheme === undefined) return false;
  if (!hostSchemes.has(scheme)) return true;
  const host = parse(address)?.hostname ?? "";
  return (
    host === "localhost" ||
    /^127\.\d+\.\d+\.\d+$/.test(host) ||
    host === "[::1]" ||
    /^\[::ffff:(127\.|7f[0-9a-f]{2}:)/.test(host)
  );
}

/**
 * Whether an address that a peer told may be kept and dialled.
 *
 * @param schemes what the node has transports for, e.g. `["tcp", "memory"]`
 * @param fromLocal whether the peer that told it is on this machine: only then a local address is believed
 */
export function isDialable(address: unknown, schemes: readonly string[], fromLocal: boolean): address is string {
  if (typeof address !== "string" || address.length > maxAddressChars) return false;
  const scheme = shape.exec(address)?.[1];
  if (scheme === undefined || !schemes.includes(scheme)) return false;
  if (!hostSchemes.has(scheme)) return fromLocal;
  const url = parse(address);
  if (url === undefined || !/:[1-9]\d{0,4}(\/|$)/.test(address.slice(scheme.length + 3))) return false;
  if (Number(/:(\d+)(\/|$)/.exec(address.slice(scheme.length + 3))?.[1]) > 65_535) return false;
  if (url.username !== "" || url.password !== "" || url.search !== "" || url.hash !== "") return false;
  if ((scheme === "tcp" || scheme === "tls") && url.pathname !== "") return false;
  if (url.hostname === "" || url.hostname === "0.0.0.0" || url.hostname === "[::]") return false;
  return fromLocal || !isLocal(address);
}

function parse(address: string): URL | undefined {
  try {
    return new URL(address);
  } catch {
    return undefined;
  }
}
