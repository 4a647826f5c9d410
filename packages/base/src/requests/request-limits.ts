// The limits of requests, with their defaults [BASE-212] [BASE-214] [BASE-222] [BASE-232] [BASE-237] [BASE-239].
import { wholeLimits } from "../limits/whole-limits.js";

export interface RequestLimits {
  /** Requests open at once between this node and one other, each way. Default 64. */
  readonly perPeer: number;
  /** Requests open at once between this node and all others, each way. Default 4,096. */
  readonly total: number;
  /** Times that one request may be forwarded, at most 16. Default 4. */
  readonly maxForwards: number;
  /** Addresses of an asker dialled to bring it one answer; 0 never dials for an answer. Default 4. */
  readonly addressesTried: number;
  /** Bytes of answers kept because they came before the redirection that allows them. Default 1 MiB. */
  readonly earlyBytes: number;
  /** Ms that an asker waits unless a request says otherwise. Default 30,000. */
  readonly timeoutMs: number;
  /** Ms that a handler has to answer, after which the asker is refused with `timeout`. Default 60,000. */
  readonly answerTimeoutMs: number;
}

export const defaultRequestLimits: RequestLimits = Object.freeze({
  perPeer: 64,
  total: 4_096,
  maxForwards: 4,
  addressesTried: 4,
  earlyBytes: 1_048_576,
  timeoutMs: 30_000,
  answerTimeoutMs: 60_000,
});

/**
 * @param perPeer the default of that limit
 * @throws TypeError for an unknown name, RangeError for a value out of bounds
 */
export function resolveRequestLimits(
  overrides: Partial<RequestLimits> = {},
  perPeer: number = defaultRequestLimits.perPeer,
): RequestLimits {
  const limits = wholeLimits("of requests", { ...defaultRequestLimits, perPeer }, overrides, {
    maxForwards: 0,
    addressesTried: 0,
  });
  if (limits.maxForwards > 16) throw new RangeError("maxForwards is at most 16");
  return limits;
}
