// Network ids and node ids as 0.7 nodes derive them. [WIRE-133, WIRE-134]
import { sha256, sha384 } from "#hash";
import { base58 } from "../base58.js";
import { WireError } from "../errors.js";

const version = "0.7";
const utf8 = new TextEncoder();

/**
 * The text of a network id (in 0.7: subnet or protocol id).
 *
 * @param encryption "Plaintext", "SSL", "ws" or "wss"
 */
export function networkId07(subnet: string, encryption = "Plaintext"): string {
  return base58.encode(sha256(utf8.encode(subnet + encryption + version)));
}

/** How an original writes the address that an id is derived from. */
export type AddressStyle = "python-tuple" | "python-list" | "javascript";

/** What a node id is derived from. */
export interface NodeIdSource07 {
  readonly host: string;
  readonly port: number;
  /** Default "python-tuple". */
  readonly style?: AddressStyle;
  /** The text of the network id. */
  readonly networkId: string;
  /** A UUID text, drawn once per process. */
  readonly salt: string;
}

/**
 * The text of a node id.
 *
 * @throws {@link WireError} `bad-value` for hosts that Python would not write between plain quotes.
 */
export function nodeId07(source: NodeIdSource07): string {
  return base58.encode(sha384(utf8.encode(addressText(source) + source.networkId + source.salt)));
}

function addressText({ host, port, style = "python-tuple" }: NodeIdSource07): string {
  if (!/^[ -~]*$/.test(host) || /['\\]/.test(host)) throw new WireError("bad-value", "a host of plain ASCII is needed");
  if (style === "javascript") return `(${host}, ${port})`;
  return style === "python-tuple" ? `('${host}', ${port})` : `['${host}', ${port}]`;
}
