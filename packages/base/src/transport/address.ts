// Addresses of nodes: `scheme://host:port`, IPv6 in brackets, optionally pinned to a node id [BASE-100] [BASE-101].
import { type NodeId, parseNodeId } from "@p2p/wire";
import { BaseError } from "../errors.js";
import { formatIp, parseIp } from "./ip.js";

export interface Address {
  /** Picks the transport: lower case, without `://`. */
  readonly scheme: string;
  /** A name in lower case, or an IP address in canonical text without brackets. */
  readonly host: string;
  /** 0 to 65,535; absent where the transport needs none. */
  readonly port?: number;
  /** For transports that have one (`ws`): starts with `/`. */
  readonly path?: string;
  /** The pin: whoever answers at the address must have this id. */
  readonly nodeId?: NodeId;
}

/** The longest text taken for an address: a full host name, a path and a pin fit. */
export const maxAddressLength = 512;

const form = /^([a-z][a-z0-9+.-]*):\/\/(\[[^\]]*\]|[^[\]:/#@?\s]*)(?::([0-9]{1,5}))?(\/[!-"$-~]*)?(?:#(.*))?$/i;
const hostName = /^(?=.{1,253}$)[a-z0-9_-]{1,63}(\.[a-z0-9_-]{1,63})*\.?$/;

/** Reads an address into its canonical parts. @throws BaseError `address-invalid`. Section "Addresses". */
export function parseAddress(text: string): Address {
  if (text.length > maxAddressLength)
    throw invalid(`${text.slice(0, 32)}…`, `longer than ${maxAddressLength} characters`);
  const match = form.exec(text);
  if (match === null) throw invalid(text, "not of the form scheme://host:port");
  const [, scheme = "", hostText = "", portText, path, pin] = match;
  const port = portText === undefined ? undefined : Number(portText);
  if (port !== undefined && port > 65_535) throw invalid(text, "the port is above 65535");
  return {
    scheme: scheme.toLowerCase(),
    host: parseHost(text, hostText),
    ...(port === undefined ? {} : { port }),
    ...(path === undefined ? {} : { path }),
    ...(pin === undefined ? {} : { nodeId: parsePin(text, pin) }),
  };
}

/** Reads an address for the transport of `scheme`. @throws BaseError `address-invalid`, also for another scheme */
export function parseAddressOf(scheme: string, text: string): Address {
  const address = parseAddress(text);
  if (address.scheme !== scheme) throw invalid(text, `the transport of ${scheme}:// cannot serve it`);
  return address;
}

/** Writes an address; the inverse of {@link parseAddress}. */
export function formatAddress(address: Address): string {
  const { scheme, host, port, path = "", nodeId } = address;
  const shownHost = host.includes(":") ? `[${host}]` : host;
  const shownPort = port === undefined ? "" : `:${port}`;
  const pin = nodeId === undefined ? "" : `#${nodeId}`;
  // Joined, as a template would be kept as a tree of its parts, and addresses are kept for long.
  return [scheme, "://", shownHost, shownPort, path, pin].join("");
}

/** Checks an option that is a list of addresses. @throws TypeError for what is no list, BaseError `address-invalid` */
export function checkAddresses(option: string, addresses: readonly string[]): void {
  // A text is iterable too: without this, its letters would be the addresses.
  if (!Array.isArray(addresses)) throw new TypeError(`the option \`${option}\` is a list of addresses`);
  for (const address of addresses) parseAddress(address);
}

function parseHost(text: string, hostText: string): string {
  if (hostText.startsWith("[")) {
    const inner = hostText.slice(1, -1);
    const ip = parseIp(inner);
    if (ip === undefined) throw invalid(text, "no IPv6 address between the brackets");
    const zone = inner.indexOf("%");
    return zone < 0 || ip.family === 4 ? formatIp(ip) : formatIp(ip) + inner.slice(zone);
  }
  const host = hostText.toLowerCase();
  if (!hostName.test(host))
    throw invalid(text, host === "" ? "the host is missing" : "the host is no name or IP address");
  if (/^[0-9.]+$/.test(host) && parseIp(host) === undefined) throw invalid(text, "the host is no IPv4 address");
  return host;
}

function parsePin(text: string, pin: string): NodeId {
  try {
    return parseNodeId(pin);
  } catch (cause) {
    throw new BaseError("address-invalid", `address "${text}": no node id after "#"; copy it from the node's own id`, {
      cause,
    });
  }
}

function invalid(text: string, why: string): BaseError {
  return new BaseError(
    "address-invalid",
    `address "${text}": ${why}; write it like tcp://example.org:4000 or tcp://[::1]:4000`,
  );
}
