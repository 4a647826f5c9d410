// What a failed dial tells: the code, who closed and why, and what to do next [BASE-082].

import { BaseError, type BaseErrorCode } from "../errors.js";
import type { CloseReason } from "../session/close-reason.js";

const codeByReason: Readonly<Partial<Record<CloseReason["name"], BaseErrorCode>>> = {
  wrongNetwork: "wrong-network",
  version: "wrong-version",
  featureMissing: "feature-missing",
  self: "self-dial",
  handshakeTimeout: "handshake-timeout",
  security: "wrong-peer",
};

/** Codes of dials that another try will not mend: something has to be changed first. */
export const hopelessDials: ReadonlySet<BaseErrorCode> = new Set<BaseErrorCode>([
  "address-invalid",
  "scheme-unknown",
  "transport-unavailable",
  "wrong-network",
  "wrong-version",
  "feature-missing",
  "self-dial",
  "wrong-peer",
  "closed",
]);

const advice: Readonly<Partial<Record<CloseReason["name"], string>>> = {
  wrongNetwork: "check the network's name on both sides",
  version: "update the older node",
  featureMissing: "give both sides the same networks, with the same options",
  self: "dial another node",
  handshakeTimeout: "check that a node of this network listens there",
  security: "check the id in the address",
  busy: "try again later",
  rate: "try again later",
  lost: "check that a node of this network listens there, with the same security",
};

/** The error of a dial whose connection was closed before it was up. */
export function refusedError(address: string, reason: CloseReason): BaseError {
  const who = reason.byUs ? "this node" : "the peer";
  const text = `${address}: ${who} closed the connection before it was up: ${reason.text || reason.name}`;
  const next = advice[reason.name];
  return new BaseError(
    codeByReason[reason.name] ?? "connection-refused",
    next === undefined ? text : `${text}; ${next}`,
    {
      peer: address,
      reason,
    },
  );
}

/** The error of a dial whose secure channel did not come in time. */
export function timeoutError(address: string): BaseError {
  return new BaseError(
    "handshake-timeout",
    `${address} did not finish its handshake; is a node of this network there?`,
    {
      peer: address,
    },
  );
}

/** The error when the security layer does not let a connection be; what it says with the reason of a close stands. */
export function securityError(address: string, cause: unknown): BaseError {
  if (cause instanceof BaseError && cause.reason !== undefined) return cause;
  const text = cause instanceof Error ? cause.message : String(cause);
  return new BaseError("security-failed", `no secure channel with ${address}: ${text}; check keys and network`, {
    cause,
    peer: address,
  });
}
