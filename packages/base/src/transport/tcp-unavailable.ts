// What #tcp is where there are no sockets: says so, and what to do instead [BASE-125].
import { BaseError } from "../errors.js";
import type { Transport } from "./transport.js";

export const tcpScheme = "tcp";

/** Makes a transport of `tcp://` whose every call fails with BaseError `transport-unavailable`. */
export function tcpTransport(): Transport {
  return { scheme: tcpScheme, dial: fail, listen: fail };
}

async function fail(address: string): Promise<never> {
  const message = `${address}: no TCP on this platform; use a ws://, wss:// or memory:// address and its transport`;
  throw new BaseError("transport-unavailable", message, { peer: address });
}
