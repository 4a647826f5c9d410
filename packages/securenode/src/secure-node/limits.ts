// The limits of what a secure node opens, answers and asks [SEC-239] [SEC-244] [SEC-245].
import { wholeLimits } from "@p2p/base";

export interface SecureNodeLimits {
  /** Hops of a question, and so of what is discovered. */
  readonly maxHops: number;
  /** Neighbours in one answer. */
  readonly maxNeighbours: number;
  /** Nodes in one graph. */
  readonly maxNodes: number;
  /** Questions that one neighbour may ask, or have passed on, a second in the long run. */
  readonly questionsPerSecond: number;
  /** The same at once. */
  readonly questionBurst: number;
  /** Ms that a question waits for its answer. */
  readonly questionTimeoutMs: number;
  /** Questions of one discovery that are open at the same time. */
  readonly openQuestions: number;
  /** Letters of one sender that are opened a second in the long run; more are lost. */
  readonly lettersPerSecond: number;
  /** The same at once. */
  readonly letterBurst: number;
  /** Public keys of other nodes that are remembered. */
  readonly maxKeys: number;
}

export const defaultSecureNodeLimits: SecureNodeLimits = Object.freeze({
  maxHops: 8,
  maxNeighbours: 512,
  maxNodes: 1_024,
  questionsPerSecond: 50,
  questionBurst: 500,
  questionTimeoutMs: 5_000,
  openQuestions: 8,
  lettersPerSecond: 1_000,
  letterBurst: 10_000,
  maxKeys: 4_096,
});

/** @throws TypeError, RangeError for limits that cannot be */
export function resolveSecureNodeLimits(overrides?: Partial<SecureNodeLimits>): SecureNodeLimits {
  return wholeLimits("of a secure node", defaultSecureNodeLimits, overrides);
}
