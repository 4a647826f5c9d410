// The events of a secure node.
import type { BaseError, NamesOf } from "@p2p/base";
import type { NodeId } from "@p2p/wire";
import type { SecureError } from "../errors.js";
import type { Letter, Proof } from "./letters.js";

/** A letter that came, opened and verified. */
export interface ReceivedLetter extends Pick<Letter, "type" | "data" | "time"> {
  readonly from: NodeId;
  /** All who can read it. */
  readonly readers: readonly NodeId[];
  /** What proves to others that the sender wrote it; undefined unless it was signed. */
  readonly proof: Proof | undefined;
}

/** What was judged: a channel's peer, a message that came through others, a letter. */
export type Judged = "peer" | "message" | "letter";

/** Event names with their arguments. */
export interface SecureNodeEvents {
  /** A letter for this node. */
  readonly letter: readonly [letter: ReceivedLetter];
  /** A peer has proven its id and is let in; a message or a letter is taken. */
  readonly accepted: readonly [what: Judged, id: NodeId];
  /** It is not taken: not wanted, not for this node, not in time, or the peer failed. */
  readonly refused: readonly [what: Judged, error: BaseError | SecureError, peer: string];
  /** It is not what its sender sent, or not from whom it says. */
  readonly forged: readonly [what: Judged, error: SecureError, peer: string];
  /** Something failed that no call waits for. */
  readonly error: readonly [error: Error];
}

export const secureNodeEventNames: NamesOf<SecureNodeEvents> = {
  letter: true,
  accepted: true,
  refused: true,
  forged: true,
  error: true,
};
