// Which addresses count as one source: whoever has one IPv6 address mostly has a whole /56 [BASE-135].
import { formatIp, type Ip, isLoopbackIp, parseIp } from "../transport/ip.js";

export interface AddressGroup {
  /** The IPv4 address, the IPv6 /56, or the host's text where it is no IP address. */
  readonly address: string;
  /** The IPv6 /48; IPv4 has none. */
  readonly subnet: string | undefined;
  /** Loopback and in-memory peers: this machine does not attack itself. */
  readonly isExempt: boolean;
}

/** The group of a channel's remote address. Text that is no address is a group of its own, without exemption. */
export function addressGroup(remoteAddress: string): AddressGroup {
  const match = /^([a-z0-9+.-]+):\/\/(?:\[([^\]]*)\]|([^:/#]*))/.exec(remoteAddress);
  const host = match?.[2] ?? match?.[3] ?? remoteAddress;
  if (match?.[1] === "memory") return { address: host, subnet: undefined, isExempt: true };
  const ip = parseIp(host);
  if (ip === undefined) return { address: host, subnet: undefined, isExempt: false };
  const isExempt = isLoopbackIp(ip);
  if (ip.family === 4) return { address: formatIp(ip), subnet: undefined, isExempt };
  return { address: prefix(ip, 7), subnet: prefix(ip, 6), isExempt };
}

function prefix(ip: Ip, length: number): string {
  const bytes = ip.bytes.map((byte, index) => (index < length ? byte : 0));
  return `${formatIp({ family: 6, bytes })}/${length * 8}`;
}
