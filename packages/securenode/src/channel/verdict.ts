// A judgement about a peer: what it is told, and what the caller of this node gets [SEC-037].
import { BaseError, type CloseReason } from "@p2p/base";
import { closeCodes, type NodeId } from "@p2p/wire";
import { SecureError } from "../errors.js";

/** Why this node does not talk to that peer. */
export interface Refusal {
  /** Of the registry of close codes. */
  readonly code: number;
  /** For the people there. */
  readonly text: string;
  /** For the caller here. */
  readonly error: BaseError | SecureError;
}

/** The peer proved another id than the one that was dialled [SEC-060]. */
export function wrongPeer(id: NodeId, expected: NodeId, peer: string): Refusal {
  const text = `${id} answers, ${expected} was expected`;
  return refusalOf("security", text, "wrong-peer", `${peer}: ${text}; check the id in the address`, peer);
}

/** The peer has this node's own key: it is the node itself, or somebody copied the key [SEC-038]. */
export function ownKey(peer: string): Refusal {
  const text = "this address is the node itself";
  return refusalOf("self", text, "self-dial", `${peer} proves this node's own identity; dial another node`, peer);
}

/** Lists or gates refuse it [SEC-061] to [SEC-063]. */
export function notWelcome(why: string, peer: string, cause?: unknown): Refusal {
  const error = new SecureError("peer-refused", `${peer} is refused: ${why}; see the options allow, deny and gate`, {
    peer,
    ...(cause === undefined ? {} : { cause }),
  });
  return { code: closeCodes.refused, text: "refused by the node's policy", error };
}

/** The error when the peer is the one that refuses. */
export function refusedByPeer(code: number, text: string, peer: string): BaseError {
  const known = Object.entries(closeCodes).find(([, number]) => number === code);
  // The keys of closeCodes are the names: Object.entries forgets that.
  const name = (known?.[0] ?? "unknown") as CloseReason["name"];
  const message = `${peer} refuses this node: ${text || name}`;
  const cause = new SecureError("refused-by-peer", message, { peer });
  return new BaseError("connection-refused", message, { peer, cause, reason: { code, name, text, byUs: false } });
}

/** The error of a channel that failed after its handshake; its reason is what the connection above reports [SEC-046]. */
export function channelFailure(cause: SecureError, peer: string): BaseError {
  const reason: CloseReason = { code: closeCodes.security, name: "security", text: cause.message, byUs: true };
  return new BaseError("channel-failed", `the secure channel with ${peer} failed: ${cause.message}`, {
    peer,
    cause,
    reason,
  });
}

function refusalOf(
  name: "security" | "self",
  text: string,
  code: "wrong-peer" | "self-dial",
  message: string,
  peer: string,
): Refusal {
  const reason: CloseReason = { code: closeCodes[name], name, text, byUs: true };
  return { code: closeCodes[name], text, error: new BaseError(code, message, { peer, reason }) };
}
