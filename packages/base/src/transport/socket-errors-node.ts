// What the system says of a socket, as the package's errors [BASE-113].
import { BaseError, type BaseErrorCode } from "../errors.js";

const dialCodes: Readonly<Record<string, readonly [BaseErrorCode, string]>> = {
  ECONNREFUSED: ["dial-refused", "nobody listens there; check the port, and that the peer is running"],
  ECONNRESET: ["dial-refused", "the peer reset the connection; it may be full, try later"],
  ETIMEDOUT: ["dial-timeout", "no answer; check the address and firewalls"],
  EHOSTUNREACH: ["dial-unreachable", "no route to the host; check the address and the network"],
  ENETUNREACH: ["dial-unreachable", "no route to the network; check the address and the network"],
  ENOTFOUND: ["dial-unreachable", "the host name does not resolve; check its spelling and the DNS"],
  EAI_AGAIN: ["dial-unreachable", "the host name does not resolve at present; check the DNS"],
};

const listenCodes: Readonly<Record<string, readonly [BaseErrorCode, string]>> = {
  EADDRINUSE: ["listen-in-use", "the port is taken; choose another, or 0 for any"],
  EADDRNOTAVAIL: ["listen-failed", "this machine has no such address; listen on 0.0.0.0 or [::] for all"],
  EACCES: ["listen-failed", "not permitted; choose a port above 1023"],
};

/** The error of a dial to `address`. */
export function dialError(address: string, cause: Error): BaseError {
  const [code, advice] = dialCodes[systemCode(cause)] ?? ["dial-failed", cause.message];
  return new BaseError(code, `cannot dial ${address}: ${advice}`, { cause, peer: address });
}

/** The error of a listen on `address`. */
export function listenError(address: string, cause: Error): BaseError {
  const [code, advice] = listenCodes[systemCode(cause)] ?? ["listen-failed", cause.message];
  return new BaseError(code, `cannot listen on ${address}: ${advice}`, { cause });
}

/** The error of an open channel with the peer at `address`. */
export function channelError(address: string, cause: Error): BaseError {
  const code = systemCode(cause);
  if (code === "ECONNRESET" || code === "EPIPE") {
    const message = `${address} reset the channel; dial it again if it should be kept`;
    return new BaseError("channel-reset", message, { cause, peer: address });
  }
  return new BaseError("channel-failed", `the channel with ${address} failed: ${cause.message}`, {
    cause,
    peer: address,
  });
}

function systemCode(error: Error): string {
  return "code" in error && typeof error.code === "string" ? error.code : "";
}
